-- strong
ALTER TABLE "people" SET SCHEMA "other";
