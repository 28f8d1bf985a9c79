-- strong
DROP TRIGGER "shout" ON "people";
