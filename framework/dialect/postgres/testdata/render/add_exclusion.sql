-- strong
ALTER TABLE "people" ADD CONSTRAINT "apart" EXCLUDE USING "gist" ((int4range(age, age + 1)) WITH &&) WHERE (age IS NOT NULL) DEFERRABLE INITIALLY DEFERRED;
COMMENT ON CONSTRAINT "apart" ON "people" IS 'one of an age';
