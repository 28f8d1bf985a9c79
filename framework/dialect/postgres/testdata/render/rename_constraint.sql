-- strong
ALTER TABLE "people" RENAME CONSTRAINT "grown" TO "Grown up";
