CREATE TABLE "leaven_new_posts" (
	"a" INTEGER NOT NULL,
	"b" INTEGER NOT NULL,
	"user_id" INTEGER,
	"title" TEXT,
	"key" VARCHAR NOT NULL DEFAULT (lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' || substr('89AB', 1 + (abs(random()) % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))),
	PRIMARY KEY ("b", "a")
);
INSERT OR ABORT INTO "leaven_new_posts" (rowid, "a", "b", "user_id", "title") SELECT rowid, "a", "b", "user_id", "title" FROM "posts";
DROP TABLE "posts";
ALTER TABLE "leaven_new_posts" RENAME TO "posts";
