CREATE TABLE "keyed" (
    "a" integer,
    CONSTRAINT "my key" PRIMARY KEY ("a")
);
