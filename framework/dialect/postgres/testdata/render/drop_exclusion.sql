-- strong
ALTER TABLE "people" DROP CONSTRAINT "apart";
