ALTER INDEX "oldest" RENAME TO "eldest";
