-- strong
ALTER TABLE "people" ALTER COLUMN "age" SET NOT NULL;
