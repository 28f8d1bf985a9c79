-- SQL for sqlite, written by Leaven. To run it: sqlite3 -bail DATABASE < FILE

PRAGMA foreign_keys = ON;

-- 0006 (down)
BEGIN;
UPDATE "leaven_history" SET state = 'reverting', attempt = 'sql:down:0006' WHERE id IN ('0006') AND state = 'applied';
INSERT INTO "leaven_history" (id) SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM "leaven_history" WHERE id IN ('0006') AND state = 'reverting');
UPDATE users SET nickname = NULL;
DELETE FROM "leaven_history" WHERE id IN ('0006') AND attempt = 'sql:down:0006' AND state = 'reverting';
INSERT INTO "leaven_history_log" (id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool) SELECT '0006', 'sql:down:0006', 'down', 'done', strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'), 0, '', '', '', 1, 'a script of SQL', 'devel' WHERE 1 = 1;
COMMIT;

-- 0005 (down)
-- Outside a transaction: if it is interrupted, the history says so.
BEGIN;
UPDATE "leaven_history" SET state = 'reverting', attempt = 'sql:down:0005' WHERE id IN ('0005') AND state = 'applied';
INSERT INTO "leaven_history" (id) SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM "leaven_history" WHERE id IN ('0005') AND state = 'reverting');
INSERT INTO "leaven_history_log" (id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool) SELECT '0005', 'sql:down:0005', 'down', 'begun', strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'), 0, '', '', '', 1, 'a script of SQL', 'devel' WHERE 1 = 1;
COMMIT;
DROP INDEX IF EXISTS "users_email_idx";
BEGIN;
DELETE FROM "leaven_history" WHERE id IN ('0005') AND attempt = 'sql:down:0005' AND state = 'reverting';
INSERT INTO "leaven_history_log" (id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool) SELECT '0005', 'sql:down:0005', 'down', 'done', strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'), 0, '', '', '', 1, 'a script of SQL', 'devel' WHERE 1 = 1;
COMMIT;

-- 0004 (down)
PRAGMA foreign_keys = OFF;
BEGIN;
UPDATE "leaven_history" SET state = 'reverting', attempt = 'sql:down:0004' WHERE id IN ('0004') AND state = 'applied';
INSERT INTO "leaven_history" (id) SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM "leaven_history" WHERE id IN ('0004') AND state = 'reverting');
-- Makes table users anew as the migrations know it. Indexes, triggers and columns made by hand would go; a run keeps them.
CREATE TABLE "leaven_new_users" (
	"id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	"email" TEXT NOT NULL,
	"nickname" TEXT
);
INSERT OR ABORT INTO "leaven_new_users" ("id", "email", "nickname") SELECT "id", "email", "nickname" FROM "users";
DELETE FROM sqlite_sequence WHERE name = 'leaven_new_users';
INSERT INTO sqlite_sequence (name, seq) SELECT 'leaven_new_users', seq FROM sqlite_sequence WHERE name = 'users';
DROP TABLE "users";
ALTER TABLE "leaven_new_users" RENAME TO "users";
-- Makes table users anew as the migrations know it. Indexes, triggers and columns made by hand would go; a run keeps them.
CREATE TABLE "leaven_new_users" (
	"id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	"email" TEXT NOT NULL
);
INSERT OR ABORT INTO "leaven_new_users" ("id", "email") SELECT "id", "email" FROM "users";
DELETE FROM sqlite_sequence WHERE name = 'leaven_new_users';
INSERT INTO sqlite_sequence (name, seq) SELECT 'leaven_new_users', seq FROM sqlite_sequence WHERE name = 'users';
DROP TABLE "users";
ALTER TABLE "leaven_new_users" RENAME TO "users";
-- Fails where rows refer to rows that do not exist.
INSERT INTO "leaven_history" (id) SELECT NULL FROM pragma_foreign_key_check;
DELETE FROM "leaven_history" WHERE id IN ('0004') AND attempt = 'sql:down:0004' AND state = 'reverting';
INSERT INTO "leaven_history_log" (id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool) SELECT '0004', 'sql:down:0004', 'down', 'done', strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'), 0, '', '', '', 1, 'a script of SQL', 'devel' WHERE 1 = 1;
COMMIT;
PRAGMA foreign_keys = ON;

-- 0003 (down)
BEGIN;
UPDATE "leaven_history" SET state = 'reverting', attempt = 'sql:down:0003' WHERE id IN ('0003') AND state = 'applied';
INSERT INTO "leaven_history" (id) SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM "leaven_history" WHERE id IN ('0003') AND state = 'reverting');
DELETE FROM "leaven_history" WHERE id IN ('0003') AND attempt = 'sql:down:0003' AND state = 'reverting';
INSERT INTO "leaven_history_log" (id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool) SELECT '0003', 'sql:down:0003', 'down', 'done', strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'), 0, '', '', '', 1, 'a script of SQL', 'devel' WHERE 1 = 1;
COMMIT;

-- 0002 (down)
BEGIN;
UPDATE "leaven_history" SET state = 'reverting', attempt = 'sql:down:0002' WHERE id IN ('0002') AND state = 'applied';
INSERT INTO "leaven_history" (id) SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM "leaven_history" WHERE id IN ('0002') AND state = 'reverting');
DROP TABLE "posts";
DELETE FROM "leaven_history" WHERE id IN ('0002') AND attempt = 'sql:down:0002' AND state = 'reverting';
INSERT INTO "leaven_history_log" (id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool) SELECT '0002', 'sql:down:0002', 'down', 'done', strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'), 0, '', '', '', 1, 'a script of SQL', 'devel' WHERE 1 = 1;
COMMIT;

-- 0001 (down)
BEGIN;
UPDATE "leaven_history" SET state = 'reverting', attempt = 'sql:down:0001' WHERE id IN ('0001') AND state = 'applied';
INSERT INTO "leaven_history" (id) SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM "leaven_history" WHERE id IN ('0001') AND state = 'reverting');
-- table users is kept: the migration had found it.
DELETE FROM "leaven_history" WHERE id IN ('0001') AND attempt = 'sql:down:0001' AND state = 'reverting';
INSERT INTO "leaven_history_log" (id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool) SELECT '0001', 'sql:down:0001', 'down', 'done', strftime('%Y-%m-%d %H:%M:%f+00:00', 'now'), 0, '', '', '', 1, 'a script of SQL', 'devel' WHERE 1 = 1;
COMMIT;
