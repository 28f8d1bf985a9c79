CREATE TABLE "users" (
    "id" bigserial NOT NULL,
    "email" varchar(80) NOT NULL,
    PRIMARY KEY ("id")
);
