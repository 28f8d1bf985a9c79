CREATE VIEW "mood" ("enum_value") AS VALUES ('sad'), ('it''s ok');
