-- strong
CREATE INDEX IF NOT EXISTS "users_email_id" ON "users" ("email", "id");
