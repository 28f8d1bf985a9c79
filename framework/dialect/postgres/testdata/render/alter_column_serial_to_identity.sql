-- strong
DO 'DECLARE s text := pg_get_serial_sequence(''"people"'', ''id''); BEGIN ALTER TABLE "people" ALTER COLUMN "id" DROP DEFAULT; EXECUTE ''DROP SEQUENCE '' || s; END';
ALTER TABLE "people" ALTER COLUMN "id" ADD GENERATED ALWAYS AS IDENTITY;
SELECT setval(pg_get_serial_sequence('"people"', 'id'), greatest(coalesce(max("id"), 1), 1), coalesce(max("id"), 0) > 0) FROM "people";
