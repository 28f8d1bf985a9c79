-- SQL for postgres, written by Leaven. To run it: psql -v ON_ERROR_STOP=1 -f FILE

-- 0006 (down)
BEGIN;
UPDATE "public"."leaven_history" SET state = 'reverting', attempt = 'sql:down:0006' WHERE id IN ('0006') AND state = 'applied';
INSERT INTO "public"."leaven_history" (id) SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM "public"."leaven_history" WHERE id IN ('0006') AND state = 'reverting');
UPDATE users SET nickname = NULL;
DELETE FROM "public"."leaven_history" WHERE id IN ('0006') AND attempt = 'sql:down:0006' AND state = 'reverting';
INSERT INTO "public"."leaven_history_log" (id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool) SELECT '0006', 'sql:down:0006', 'down', 'done', clock_timestamp(), 0, '', '', '', 1, 'a script of SQL', 'devel' WHERE 1 = 1;
COMMIT;

-- 0005 (down)
-- Outside a transaction: if it is interrupted, the history says so.
BEGIN;
UPDATE "public"."leaven_history" SET state = 'reverting', attempt = 'sql:down:0005' WHERE id IN ('0005') AND state = 'applied';
INSERT INTO "public"."leaven_history" (id) SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM "public"."leaven_history" WHERE id IN ('0005') AND state = 'reverting');
INSERT INTO "public"."leaven_history_log" (id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool) SELECT '0005', 'sql:down:0005', 'down', 'begun', clock_timestamp(), 0, '', '', '', 1, 'a script of SQL', 'devel' WHERE 1 = 1;
COMMIT;
DROP INDEX CONCURRENTLY IF EXISTS "users_email_idx";
BEGIN;
DELETE FROM "public"."leaven_history" WHERE id IN ('0005') AND attempt = 'sql:down:0005' AND state = 'reverting';
INSERT INTO "public"."leaven_history_log" (id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool) SELECT '0005', 'sql:down:0005', 'down', 'done', clock_timestamp(), 0, '', '', '', 1, 'a script of SQL', 'devel' WHERE 1 = 1;
COMMIT;

-- 0004 (down)
BEGIN;
UPDATE "public"."leaven_history" SET state = 'reverting', attempt = 'sql:down:0004' WHERE id IN ('0004') AND state = 'applied';
INSERT INTO "public"."leaven_history" (id) SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM "public"."leaven_history" WHERE id IN ('0004') AND state = 'reverting');
ALTER TABLE "users" DROP CONSTRAINT "users_nickname_check";
ALTER TABLE "users" DROP COLUMN "nickname";
DELETE FROM "public"."leaven_history" WHERE id IN ('0004') AND attempt = 'sql:down:0004' AND state = 'reverting';
INSERT INTO "public"."leaven_history_log" (id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool) SELECT '0004', 'sql:down:0004', 'down', 'done', clock_timestamp(), 0, '', '', '', 1, 'a script of SQL', 'devel' WHERE 1 = 1;
COMMIT;

-- 0003 (down)
BEGIN;
UPDATE "public"."leaven_history" SET state = 'reverting', attempt = 'sql:down:0003' WHERE id IN ('0003') AND state = 'applied';
INSERT INTO "public"."leaven_history" (id) SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM "public"."leaven_history" WHERE id IN ('0003') AND state = 'reverting');
DELETE FROM "public"."leaven_history" WHERE id IN ('0003') AND attempt = 'sql:down:0003' AND state = 'reverting';
INSERT INTO "public"."leaven_history_log" (id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool) SELECT '0003', 'sql:down:0003', 'down', 'done', clock_timestamp(), 0, '', '', '', 1, 'a script of SQL', 'devel' WHERE 1 = 1;
COMMIT;

-- 0002 (down)
BEGIN;
UPDATE "public"."leaven_history" SET state = 'reverting', attempt = 'sql:down:0002' WHERE id IN ('0002') AND state = 'applied';
INSERT INTO "public"."leaven_history" (id) SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM "public"."leaven_history" WHERE id IN ('0002') AND state = 'reverting');
DROP TABLE "posts";
DELETE FROM "public"."leaven_history" WHERE id IN ('0002') AND attempt = 'sql:down:0002' AND state = 'reverting';
INSERT INTO "public"."leaven_history_log" (id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool) SELECT '0002', 'sql:down:0002', 'down', 'done', clock_timestamp(), 0, '', '', '', 1, 'a script of SQL', 'devel' WHERE 1 = 1;
COMMIT;

-- 0001 (down)
BEGIN;
UPDATE "public"."leaven_history" SET state = 'reverting', attempt = 'sql:down:0001' WHERE id IN ('0001') AND state = 'applied';
INSERT INTO "public"."leaven_history" (id) SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM "public"."leaven_history" WHERE id IN ('0001') AND state = 'reverting');
-- table users is kept: the migration had found it.
DELETE FROM "public"."leaven_history" WHERE id IN ('0001') AND attempt = 'sql:down:0001' AND state = 'reverting';
INSERT INTO "public"."leaven_history_log" (id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool) SELECT '0001', 'sql:down:0001', 'down', 'done', clock_timestamp(), 0, '', '', '', 1, 'a script of SQL', 'devel' WHERE 1 = 1;
COMMIT;
