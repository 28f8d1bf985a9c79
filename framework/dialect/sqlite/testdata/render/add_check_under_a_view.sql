CREATE TABLE "leaven_new_people" (
	"id" INTEGER NOT NULL CONSTRAINT "users_key" PRIMARY KEY AUTOINCREMENT,
	"email" VARCHAR(80) COLLATE NOCASE NOT NULL,
	"Age" TEXT NOT NULL,
	"total" NUMERIC(12, 2) NOT NULL DEFAULT 0,
	"mood" TEXT NOT NULL DEFAULT 'un''happy' CONSTRAINT "enum mood" CHECK ("mood" IN ('un''happy', 'it''s ok')),
	"double" NUMERIC(12, 2) GENERATED ALWAYS AS (total * 2) STORED,
	"at" TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"code" TEXT COLLATE NOCASE,
	"shout" TEXT GENERATED ALWAYS AS (lower(code)) VIRTUAL,
	CONSTRAINT "users_email" UNIQUE ("email"),
	CONSTRAINT "positive" CHECK (total >= 0),
	CONSTRAINT "coded" CHECK (length(code) < 9)
);
-- foreign keys off
INSERT OR ABORT INTO "leaven_new_people" ("id", "email", "Age", "total", "mood", "at", "code") SELECT "id", "email", "Age", "total", "mood", "at", "code" FROM "people";
-- foreign keys off
DELETE FROM sqlite_sequence WHERE name = 'leaven_new_people';
-- foreign keys off
INSERT INTO sqlite_sequence (name, seq) SELECT 'leaven_new_people', seq FROM sqlite_sequence WHERE name = 'people';
-- foreign keys off
DROP VIEW "titles";
-- foreign keys off
DROP TABLE "people";
-- foreign keys off
ALTER TABLE "leaven_new_people" RENAME TO "people";
-- foreign keys off
CREATE INDEX "users_age" ON "people" ("Age");
-- foreign keys off
CREATE UNIQUE INDEX "users_every" ON "people" ("email" COLLATE RTRIM DESC, (lower(code)) COLLATE NOCASE, "mood") WHERE mood <> 'un''happy';
-- foreign keys off
CREATE VIEW "titles" AS SELECT p.code, o.title FROM people p JOIN posts o ON o.user_id = p.id;
-- foreign keys off
CREATE TRIGGER "people_touch" AFTER UPDATE OF code ON "people" BEGIN UPDATE posts SET title = new.code WHERE user_id = new.id; END;
-- foreign keys off
