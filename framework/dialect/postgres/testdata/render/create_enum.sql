CREATE TYPE "Mood's" AS ENUM ('it''s', '"glad"', E'\\');
