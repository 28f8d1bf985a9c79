CREATE VIEW "adults" AS SELECT name FROM people WHERE age > 17;
