COMMENT ON TABLE "people" IS E'it''s \\ "here"';
