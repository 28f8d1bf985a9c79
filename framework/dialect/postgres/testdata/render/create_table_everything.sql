-- strong
CREATE TABLE "app"."order" (
    "id" serial NOT NULL,
    "part" smallserial NOT NULL,
    "owner" bigint NOT NULL,
    "above" integer,
    "total" numeric(12,2) NOT NULL DEFAULT 0,
    "rate" double precision DEFAULT 0.25,
    "tags" varchar(20)[] NOT NULL DEFAULT '{}',
    "note" text DEFAULT E'it''s a \\ "note"',
    "issued" timestamptz NOT NULL DEFAULT now(),
    "key" uuid DEFAULT gen_random_uuid(),
    "due" date DEFAULT (CURRENT_DATE + 14),
    "host" inet,
    "seal" bytea DEFAULT E'\\x00ff5c'::bytea,
    PRIMARY KEY ("id", "part"),
    UNIQUE ("id"),
    CONSTRAINT "order_key" UNIQUE ("key", "owner"),
    CONSTRAINT "positive" CHECK (total >= 0),
    CHECK (rate < 1),
    CONSTRAINT "order_owner" FOREIGN KEY ("owner") REFERENCES "users" ("id") ON DELETE CASCADE ON UPDATE RESTRICT,
    FOREIGN KEY ("above") REFERENCES "app"."order" ("id") ON DELETE SET NULL
);
