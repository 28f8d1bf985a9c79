-- strong
ALTER TABLE "people" ALTER COLUMN "name" SET DEFAULT (lower('X'));
