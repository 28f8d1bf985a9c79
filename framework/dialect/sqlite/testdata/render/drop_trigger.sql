DROP TRIGGER "people_touch";
