-- SQL for postgres, written by Leaven. To run it: psql -v ON_ERROR_STOP=1 -f FILE

-- The tables of the history.
BEGIN;
CREATE TABLE IF NOT EXISTS "public"."leaven_history" (
    "seq" bigserial NOT NULL,
    "id" text NOT NULL,
    "state" text NOT NULL DEFAULT '',
    "raw" text NOT NULL DEFAULT '',
    "tokens" text NOT NULL DEFAULT '',
    "batch" bigint NOT NULL DEFAULT 0,
    "target" text NOT NULL DEFAULT '',
    "attempt" text NOT NULL DEFAULT '',
    "applied_at" timestamptz NOT NULL DEFAULT now(),
    "elapsed_ms" bigint NOT NULL DEFAULT 0,
    "applied_by" text NOT NULL DEFAULT '',
    "tool" text NOT NULL DEFAULT '',
    "app_version" text NOT NULL DEFAULT '',
    "app_commit" text NOT NULL DEFAULT '',
    "found" text NOT NULL DEFAULT '',
    PRIMARY KEY ("seq"),
    UNIQUE ("id")
);
CREATE TABLE IF NOT EXISTS "public"."leaven_history_log" (
    "seq" bigserial NOT NULL,
    "id" text NOT NULL DEFAULT '',
    "attempt" text NOT NULL DEFAULT '',
    "action" text NOT NULL DEFAULT '',
    "outcome" text NOT NULL DEFAULT '',
    "at" timestamptz NOT NULL DEFAULT now(),
    "elapsed_ms" bigint NOT NULL DEFAULT 0,
    "code" text NOT NULL DEFAULT '',
    "message" text NOT NULL DEFAULT '',
    "reason" text NOT NULL DEFAULT '',
    "batch" bigint NOT NULL DEFAULT 0,
    "applied_by" text NOT NULL DEFAULT '',
    "tool" text NOT NULL DEFAULT '',
    PRIMARY KEY ("seq")
);
COMMIT;

-- One transaction for all of them.
BEGIN;

-- 0001 (up)
INSERT INTO "public"."leaven_history" (id, state, raw, tokens, batch, target, attempt, applied_by, tool, app_version, app_commit) SELECT '0001', 'running', '', '', 1, '0002', 'sql:up:0001', 'a script of SQL', 'devel', 'unknown', 'unknown' WHERE 1 = 1;
CREATE TABLE "users" (
    "id" bigserial NOT NULL,
    "email" text NOT NULL,
    PRIMARY KEY ("id")
);
CREATE TABLE "members" (
    "user_id" bigint,
    CONSTRAINT "members_user" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE CASCADE
);
UPDATE "public"."leaven_history" AS h SET state = 'applied', applied_at = clock_timestamp(), elapsed_ms = 0, found = '' WHERE h.attempt = 'sql:up:0001' AND h.state = 'running' AND h.id = '0001';
INSERT INTO "public"."leaven_history_log" (id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool) SELECT '0001', 'sql:up:0001', 'up', 'done', clock_timestamp(), 0, '', '', '', 1, 'a script of SQL', 'devel' WHERE 1 = 1;

-- 0002 (up)
INSERT INTO "public"."leaven_history" (id, state, raw, tokens, batch, target, attempt, applied_by, tool, app_version, app_commit) SELECT '0002', 'running', '', '', 1, '0002', 'sql:up:0002', 'a script of SQL', 'devel', 'unknown', 'unknown' WHERE 1 = 1;
ALTER TABLE "users" ADD COLUMN "nickname" text;
ALTER TABLE "users" ADD CONSTRAINT "users_nickname_check" CHECK (nickname <> '');
UPDATE "public"."leaven_history" AS h SET state = 'applied', applied_at = clock_timestamp(), elapsed_ms = 0, found = '' WHERE h.attempt = 'sql:up:0002' AND h.state = 'running' AND h.id = '0002';
INSERT INTO "public"."leaven_history_log" (id, attempt, action, outcome, at, elapsed_ms, code, message, reason, batch, applied_by, tool) SELECT '0002', 'sql:up:0002', 'up', 'done', clock_timestamp(), 0, '', '', '', 1, 'a script of SQL', 'devel' WHERE 1 = 1;

COMMIT;
