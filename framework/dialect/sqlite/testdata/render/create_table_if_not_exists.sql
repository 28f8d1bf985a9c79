CREATE TABLE IF NOT EXISTS "posts" (
	"a" INTEGER NOT NULL,
	"b" INTEGER NOT NULL,
	"user_id" INTEGER,
	"title" TEXT,
	PRIMARY KEY ("b", "a")
);
