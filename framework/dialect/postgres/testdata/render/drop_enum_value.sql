-- strong
DO 'BEGIN IF EXISTS (SELECT FROM "moods" WHERE ''so la la'' = ("mood"::text)) THEN RAISE EXCEPTION USING ERRCODE = ''integrity_constraint_violation'', MESSAGE = ''rows of moods.mood hold the value "so la la" of enum mood; change them first, or say in Instead what they become''; END IF; END';
DO 'BEGIN IF EXISTS (SELECT FROM "days" WHERE ''so la la'' = ("mood"::text)) THEN RAISE EXCEPTION USING ERRCODE = ''integrity_constraint_violation'', MESSAGE = ''rows of days.mood hold the value "so la la" of enum mood; change them first, or say in Instead what they become''; END IF; END';
DO 'BEGIN IF EXISTS (SELECT FROM "days" WHERE ''so la la'' = ANY ("all"::text[])) THEN RAISE EXCEPTION USING ERRCODE = ''integrity_constraint_violation'', MESSAGE = ''rows of days.all hold the value "so la la" of enum mood; change them first, or say in Instead what they become''; END IF; END';
ALTER TABLE "days" DROP CONSTRAINT "known";
ALTER TABLE "days" DROP CONSTRAINT "not_sad";
DROP INDEX "happy";
ALTER TYPE "mood" RENAME TO "mood__old";
CREATE TYPE "mood" AS ENUM ('glad', 'sad');
ALTER TABLE "moods" ALTER COLUMN "mood" TYPE "mood" USING "mood"::text::"mood";
ALTER TABLE "days" ALTER COLUMN "mood" DROP DEFAULT, ALTER COLUMN "mood" TYPE "mood" USING "mood"::text::"mood", ALTER COLUMN "mood" SET DEFAULT 'glad', ALTER COLUMN "all" DROP DEFAULT, ALTER COLUMN "all" TYPE "mood"[] USING "all"::text[]::"mood"[], ALTER COLUMN "all" SET DEFAULT '{}';
ALTER TABLE "days" ADD CONSTRAINT "known" FOREIGN KEY ("mood") REFERENCES "moods" ("mood");
ALTER TABLE "days" ADD CONSTRAINT "not_sad" CHECK (mood <> 'sad' OR day > 0);
CREATE INDEX "happy" ON "days" ("day") WHERE mood = 'glad';
DROP TYPE "mood__old";
