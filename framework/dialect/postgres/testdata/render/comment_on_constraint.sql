COMMENT ON CONSTRAINT "grown" ON "people" IS '$1';
