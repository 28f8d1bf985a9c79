-- strong
ALTER TABLE "people" RENAME COLUMN "id" TO "nr";
