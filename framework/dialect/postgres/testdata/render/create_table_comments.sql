CREATE TABLE "noted" (
    "a" text COLLATE "C",
    CONSTRAINT "one" UNIQUE ("a")
);
COMMENT ON TABLE "noted" IS 'a table';
COMMENT ON COLUMN "noted"."a" IS 'a column';
COMMENT ON CONSTRAINT "one" ON "noted" IS 'a key';
