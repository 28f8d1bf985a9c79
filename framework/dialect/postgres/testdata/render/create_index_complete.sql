-- strong
CREATE UNIQUE INDEX "full" ON "people" USING "btree" ("name" "text_pattern_ops" DESC NULLS LAST, (lower(mood)) COLLATE "C" NULLS FIRST) INCLUDE ("age", "boss") NULLS NOT DISTINCT WITH ("deduplicate_items" = 'off', "fillfactor" = '70') WHERE age > 3;
COMMENT ON INDEX "full" IS 'all of it';
