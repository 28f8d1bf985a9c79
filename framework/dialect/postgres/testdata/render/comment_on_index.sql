COMMENT ON INDEX "oldest" IS '?';
