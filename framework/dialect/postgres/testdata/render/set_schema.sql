-- strong
ALTER TABLE "public"."people" SET SCHEMA "other";
