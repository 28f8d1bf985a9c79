-- strong
ALTER TABLE "people" ALTER COLUMN "twice" SET EXPRESSION AS (age * 3);
