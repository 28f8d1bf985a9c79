-- strong
CREATE INDEX "users_ok" ON "users" ("ok", "email");
