CREATE INDEX "posts_title" ON "posts" (title) WHERE title IS NOT NULL;
