-- strong
ALTER TABLE "folk" DROP CONSTRAINT "people_pkey";
