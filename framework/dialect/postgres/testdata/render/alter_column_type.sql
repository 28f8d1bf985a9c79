-- strong
ALTER TABLE "people" ALTER COLUMN "age" TYPE bigint;
