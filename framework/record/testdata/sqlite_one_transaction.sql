-- SQL for sqlite, written by Leaven. To run it: sqlite3 -bail DATABASE < FILE

PRAGMA foreign_keys = ON;
-- The tables of the history.
BEGIN;
CREATE TABLE IF NOT EXISTS "leaven_history" (
	"seq" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	"id" TEXT NOT NULL,
	"state" TEXT NOT NULL DEFAULT '',
	"raw" TEXT NOT NULL DEFAULT '',
	"tokens" TEXT NOT NULL DEFAULT '',
	"batch" INTEGER NOT NULL DEFAULT 0,
	"target" TEXT NOT NULL DEFAULT '',
	"attempt" TEXT NOT NULL DEFAULT '',
	"applied_at" TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"elapsed_ms" INTEGER NOT NULL DEFAULT 0,
	"applied_by" TEXT NOT NULL DEFAULT '',
	"tool" TEXT NOT NULL DEFAULT '',
	"app_version" TEXT NOT NULL DEFAULT '',
	"app_commit" TEXT NOT NULL DEFAULT '',
	"found" TEXT NOT NULL DEFAULT '',
	UNIQUE ("id")
);
CREATE TABLE IF NOT EXISTS "leaven_history_log" (
	"seq" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	"id" TEXT NOT NULL DEFAULT '',
	"attempt" TEXT NOT NULL DEFAULT '',
	"action" TEXT NOT NULL DEFAULT '',
	"outcome" TEXT NOT NULL DEFAULT '',
	"at" TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
	"elapsed_ms" INTEGER NOT NULL DEFAULT 0,
	"code" TEXT NOT NULL DEFAULT '',
	"message" TEXT NOT NULL DEFAULT '',
	"reason" TEXT NOT NULL DEFAULT '',
	"batch" INTEGER NOT NULL DEFAULT 0,
	"applied_by" TEXT NOT NULL DEFAULT '',
	"tool" TEXT NOT NULL DEFAULT ''
);
COMMIT;

-- One transaction for all of them.
PRAGMA foreign_keys = OFF;
BEGIN;

-- 0001 (up)
INSERT INTO "leaven_history" (id, state, raw, tokens, batch, target, attempt, applied_by, tool, app_version, app_commit) SELECT '0001', 'running', '', '', 1, '0002', 'sql:up:0001', 'a script of SQL', 'devel', 'unknown', 'unknown' WHERE 1 = 1;
CREATE TABLE "users" (
	"id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	"email" TEXT NOT NULL
);
CREATE TABLE "members" (
	"user_id" INTEGER,
	CONSTRAINT "members_user" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);
UPDATE "leaven_history" AS h SET state = 'applied', applied_at = strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'), elapsed_ms = 0, found = '' WHERE h.attempt = 'sql:up:0001' AND h.state = 'running' AND h.id = '0001';
INSERT INTO "leaven_history_log" (id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool) SELECT '0001', 'sql:up:0001', 'up', 'done', strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'), 0, '', '', '', 1, 'a script of SQL', 'devel' WHERE 1 = 1;

-- 0002 (up)
INSERT INTO "leaven_history" (id, state, raw, tokens, batch, target, attempt, applied_by, tool, app_version, app_commit) SELECT '0002', 'running', '', '', 1, '0002', 'sql:up:0002', 'a script of SQL', 'devel', 'unknown', 'unknown' WHERE 1 = 1;
ALTER TABLE "users" ADD COLUMN "nickname" TEXT;
-- Makes table users anew as the migrations know it. Indexes, triggers and columns made by hand would go; a run keeps them.
CREATE TABLE "leaven_new_users" (
	"id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	"email" TEXT NOT NULL,
	"nickname" TEXT,
	CONSTRAINT "users_nickname_check" CHECK (nickname <> '')
);
INSERT OR ABORT INTO "leaven_new_users" ("id", "email", "nickname") SELECT "id", "email", "nickname" FROM "users";
DELETE FROM sqlite_sequence WHERE name = 'leaven_new_users';
INSERT INTO sqlite_sequence (name, seq) SELECT 'leaven_new_users', seq FROM sqlite_sequence WHERE name = 'users';
DROP TABLE "users";
ALTER TABLE "leaven_new_users" RENAME TO "users";
UPDATE "leaven_history" AS h SET state = 'applied', applied_at = strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'), elapsed_ms = 0, found = '' WHERE h.attempt = 'sql:up:0002' AND h.state = 'running' AND h.id = '0002';
INSERT INTO "leaven_history_log" (id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool) SELECT '0002', 'sql:up:0002', 'up', 'done', strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'), 0, '', '', '', 1, 'a script of SQL', 'devel' WHERE 1 = 1;

-- Fails where rows refer to rows that do not exist.
INSERT INTO "leaven_history" (id) SELECT NULL FROM pragma_foreign_key_check;
COMMIT;
PRAGMA foreign_keys = ON;
