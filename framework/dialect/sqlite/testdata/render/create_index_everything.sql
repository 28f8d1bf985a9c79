CREATE UNIQUE INDEX IF NOT EXISTS "users_all" ON "users" ("email" COLLATE RTRIM DESC, (lower(code)) COLLATE NOCASE, "mood") WHERE mood <> 'sad';
