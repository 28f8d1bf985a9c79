ALTER TYPE "mood" RENAME VALUE 'glad' TO 'merry';
