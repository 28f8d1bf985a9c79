-- strong
ALTER TABLE "people" ALTER COLUMN "name" DROP NOT NULL;
