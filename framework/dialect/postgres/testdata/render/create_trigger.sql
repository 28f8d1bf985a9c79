-- strong
CREATE TRIGGER "shout" BEFORE UPDATE OF name ON "people" FOR EACH ROW WHEN (NEW.age > 1) EXECUTE FUNCTION touch();
