-- strong
ALTER TYPE "mood" RENAME TO "mood__old";
CREATE TYPE "mood" AS ENUM ('glad', 'so la la');
ALTER TABLE "days" ALTER COLUMN "mood" TYPE "mood" USING (CASE "mood"::text WHEN 'sad' THEN 'so la la' ELSE "mood"::text END)::"mood", ALTER COLUMN "all" TYPE "mood"[] USING array_replace("all"::text[], 'sad', 'so la la')::"mood"[];
DROP TYPE "mood__old";
