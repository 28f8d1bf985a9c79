-- strong
ALTER TABLE "people" ALTER COLUMN "name" TYPE text COLLATE "C";
