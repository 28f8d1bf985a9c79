-- strong
ALTER TABLE "people" RENAME CONSTRAINT "people_pkey" TO "the key";
