COMMENT ON COLUMN "people"."age" IS NULL;
