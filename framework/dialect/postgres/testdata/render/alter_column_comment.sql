COMMENT ON COLUMN "people"."age" IS E'how "old"? \\ it''s ''that''';
