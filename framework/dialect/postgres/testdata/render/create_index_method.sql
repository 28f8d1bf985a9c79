-- strong
CREATE INDEX "hashed" ON "people" USING "hash" ("name");
