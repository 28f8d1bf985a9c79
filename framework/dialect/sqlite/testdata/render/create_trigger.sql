CREATE TRIGGER "people_touch" AFTER UPDATE OF code ON "people" BEGIN UPDATE posts SET title = new.code WHERE user_id = new.id; END;
