-- strong
ALTER TABLE "users" DROP CONSTRAINT "has_at";
