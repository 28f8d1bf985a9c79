CREATE TABLE "leaven_new_people" (
	"id" INTEGER NOT NULL CONSTRAINT "users_key" PRIMARY KEY AUTOINCREMENT,
	"email" VARCHAR(80) COLLATE NOCASE NOT NULL,
	"Age" TEXT NOT NULL,
	"total" NUMERIC(12, 2) NOT NULL DEFAULT 0,
	"double" NUMERIC(12, 2) GENERATED ALWAYS AS (total * 2) STORED,
	"at" TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"code" TEXT COLLATE NOCASE,
	"shout" TEXT GENERATED ALWAYS AS (lower(code)) VIRTUAL,
	CONSTRAINT "users_email" UNIQUE ("email"),
	CONSTRAINT "positive" CHECK (total >= 0),
	CONSTRAINT "coded" CHECK (length(code) < 9)
);
INSERT OR ABORT INTO "leaven_new_people" ("id", "email", "Age", "total", "at", "code") SELECT "id", "email", "Age", "total", "at", "code" FROM "people";
DELETE FROM sqlite_sequence WHERE name = 'leaven_new_people';
INSERT INTO sqlite_sequence (name, seq) SELECT 'leaven_new_people', seq FROM sqlite_sequence WHERE name = 'people';
DROP TABLE "people";
ALTER TABLE "leaven_new_people" RENAME TO "people";
