-- strong
DO 'DECLARE s text := pg_get_serial_sequence(''"people"'', ''id''); BEGIN ALTER TABLE "people" ALTER COLUMN "id" DROP DEFAULT; EXECUTE ''DROP SEQUENCE '' || s; END';
