DROP INDEX "users_all";
CREATE UNIQUE INDEX "users_every" ON "users" ("email" COLLATE RTRIM DESC, (lower(code)) COLLATE NOCASE, "mood") WHERE mood <> 'sad';
