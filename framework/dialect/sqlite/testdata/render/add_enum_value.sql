CREATE TABLE "leaven_new_users" (
	"id" INTEGER NOT NULL CONSTRAINT "users_key" PRIMARY KEY AUTOINCREMENT,
	"email" VARCHAR(80) COLLATE NOCASE NOT NULL,
	"age" TEXT NOT NULL,
	"total" NUMERIC(12, 2) NOT NULL DEFAULT 0,
	"mood" TEXT NOT NULL DEFAULT 'sad' CONSTRAINT "enum mood" CHECK ("mood" IN ('sad', 'glad', 'it''s ok')),
	"double" NUMERIC(12, 2) GENERATED ALWAYS AS (total * 2) STORED,
	"at" TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"code" TEXT COLLATE NOCASE,
	"shout" TEXT GENERATED ALWAYS AS (lower(code)) VIRTUAL,
	CONSTRAINT "users_email" UNIQUE ("email"),
	CONSTRAINT "positive" CHECK (total >= 0)
);
-- foreign keys off
INSERT OR ABORT INTO "leaven_new_users" ("id", "email", "age", "total", "mood", "at", "code") SELECT "id", "email", "age", "total", "mood", "at", "code" FROM "users";
-- foreign keys off
DELETE FROM sqlite_sequence WHERE name = 'leaven_new_users';
-- foreign keys off
INSERT INTO sqlite_sequence (name, seq) SELECT 'leaven_new_users', seq FROM sqlite_sequence WHERE name = 'users';
-- foreign keys off
DROP TABLE "users";
-- foreign keys off
ALTER TABLE "leaven_new_users" RENAME TO "users";
-- foreign keys off
CREATE INDEX "users_age" ON "users" ("age");
-- foreign keys off
CREATE UNIQUE INDEX "users_every" ON "users" ("email" COLLATE RTRIM DESC, (lower(code)) COLLATE NOCASE, "mood") WHERE mood <> 'sad';
-- foreign keys off
DROP VIEW "mood";
CREATE VIEW "mood" ("enum_value") AS VALUES ('sad'), ('glad'), ('it''s ok');
