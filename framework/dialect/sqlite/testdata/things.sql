== types
CREATE TABLE t (a INTEGER, b INT, c BIGINT, d TEXT, e VARCHAR(80), f NUMERIC(12,2), g REAL, h DOUBLE PRECISION, i BLOB, j BOOLEAN, k TIMESTAMP, l DATE, m, n JSON, o UUID, p "odd type");
== a strict table
CREATE TABLE t (a INTEGER, b TEXT NOT NULL, c ANY) STRICT;
== nullability
CREATE TABLE t (a INT NOT NULL, b INT NULL, c INT);
== defaults that are constants
CREATE TABLE t (a INT DEFAULT 5, b INT DEFAULT -5, c TEXT DEFAULT 'it''s', d BOOLEAN DEFAULT FALSE, e NUMERIC DEFAULT 1.50, f TEXT DEFAULT NULL, g TEXT DEFAULT "quoted", h BLOB DEFAULT x'0AFF');
== defaults that are expressions
CREATE TABLE t (a TIMESTAMP DEFAULT CURRENT_TIMESTAMP, b TIMESTAMP DEFAULT (datetime('now')), c INT DEFAULT (1 + 2), d TEXT DEFAULT (lower(hex(randomblob(16)))));
== keys that count
CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, a INT);
CREATE TABLE u (id INTEGER PRIMARY KEY);
== a key of text
CREATE TABLE t (code TEXT PRIMARY KEY NOT NULL) WITHOUT ROWID;
== a primary key of two, in another order, with a name
CREATE TABLE t (a INT NOT NULL, b TEXT NOT NULL, CONSTRAINT by_b PRIMARY KEY (b, a));
== generated columns
CREATE TABLE t (a INT, b INT GENERATED ALWAYS AS (a * 2) STORED, c INT AS (a + 1), d TEXT NOT NULL AS (CASE WHEN a > 1 THEN 'many' ELSE 'one' END) VIRTUAL);
== collations
CREATE TABLE t (a TEXT COLLATE NOCASE, b TEXT COLLATE RTRIM);
== uniques
CREATE TABLE t (a INT UNIQUE, b INT, c INT, CONSTRAINT pair UNIQUE (c, b), UNIQUE (b, a));
== checks
CREATE TABLE t (a INT CHECK (a > 0), b INT CONSTRAINT small CHECK (b < 100), c TEXT CHECK (c IN ('a', 'b)', 'it''s')), CONSTRAINT order_of_two CHECK (a <= b));
== a foreign key of two columns, in another order
CREATE TABLE u (a INT, b INT, PRIMARY KEY (a, b));
CREATE TABLE t (x INT, y INT, CONSTRAINT f FOREIGN KEY (y, x) REFERENCES u (a, b));
== actions of foreign keys
CREATE TABLE u (id INTEGER PRIMARY KEY);
CREATE TABLE t (a INT REFERENCES u ON DELETE CASCADE, b INT REFERENCES u (id) ON DELETE SET NULL ON UPDATE CASCADE, c INT DEFAULT 1 REFERENCES u ON DELETE SET DEFAULT, d INT REFERENCES u ON DELETE RESTRICT ON UPDATE RESTRICT, e INT REFERENCES u ON DELETE NO ACTION);
== foreign keys that wait
CREATE TABLE u (id INTEGER PRIMARY KEY);
CREATE TABLE t (a INT REFERENCES u DEFERRABLE INITIALLY DEFERRED, b INT REFERENCES u NOT DEFERRABLE);
== a foreign key to itself, and one to what is not there
CREATE TABLE t (id INTEGER PRIMARY KEY, parent INT REFERENCES t, other INT REFERENCES nowhere (id));
== indexes
CREATE TABLE t (a INT, b TEXT);
CREATE INDEX plain ON t (a);
CREATE UNIQUE INDEX one ON t (b, a);
CREATE INDEX part ON t (a) WHERE b IS NOT NULL AND a > 5;
CREATE INDEX lowered ON t (lower(b), a + 1);
CREATE INDEX sorted ON t (a DESC, b COLLATE NOCASE ASC);
CREATE INDEX "By ""name""" ON t (b);
== columns that were added, renamed and dropped
CREATE TABLE t (a INT, b INT, c INT CHECK (c > 0));
ALTER TABLE t ADD COLUMN d TEXT NOT NULL DEFAULT 'x';
ALTER TABLE t RENAME COLUMN c TO e;
ALTER TABLE t DROP COLUMN a;
== comments and odd spaces in the text
create  table /* why */ t( a int, -- of a
 [b c] text default ( 'x' ) , `d` int );
== names that need quotes
CREATE TABLE "we""ird.T" ("a b" INT, "select" INTEGER PRIMARY KEY, "ÄÖ" TEXT);
CREATE INDEX "i""x" ON "we""ird.T" ("a b");
== a view and a trigger
CREATE TABLE t (a INT);
CREATE VIEW v AS SELECT a FROM t;
CREATE TRIGGER touched AFTER UPDATE OF a ON t BEGIN SELECT 1; END;
== a table made of a query
CREATE TABLE t AS SELECT 1 AS a, 'x' AS b;
== virtual tables and what belongs to them
CREATE VIRTUAL TABLE words USING fts5(body);
CREATE TABLE t (a INT);
