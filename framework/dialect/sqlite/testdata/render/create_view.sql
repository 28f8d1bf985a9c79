CREATE VIEW "titles" AS SELECT p.code, o.title FROM people p JOIN posts o ON o.user_id = p.id;
