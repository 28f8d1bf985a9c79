-- strong
ALTER TABLE "people" ADD CONSTRAINT "adult" CHECK (age > 17) NOT VALID;
COMMENT ON CONSTRAINT "adult" ON "people" IS 'later';
