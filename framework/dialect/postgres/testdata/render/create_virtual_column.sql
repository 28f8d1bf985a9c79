-- strong
ALTER TABLE "people" ADD COLUMN "twice" integer GENERATED ALWAYS AS (age * 2) VIRTUAL;
COMMENT ON COLUMN "people"."twice" IS 'computed';
