-- strong
ALTER TABLE "users" ADD COLUMN IF NOT EXISTS "ok" boolean NOT NULL DEFAULT true;
