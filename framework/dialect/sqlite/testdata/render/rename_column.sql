ALTER TABLE "people" RENAME COLUMN "age" TO "leaven_old_age";
ALTER TABLE "people" RENAME COLUMN "leaven_old_age" TO "Age";
