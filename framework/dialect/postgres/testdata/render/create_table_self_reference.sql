CREATE TABLE IF NOT EXISTS "nodes" (
    "id" bigint,
    "above" bigint,
    PRIMARY KEY ("id"),
    FOREIGN KEY ("above") REFERENCES "nodes" ("id")
);
