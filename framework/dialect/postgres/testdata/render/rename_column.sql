-- strong
ALTER TABLE "people" RENAME COLUMN "age" TO "Years";
