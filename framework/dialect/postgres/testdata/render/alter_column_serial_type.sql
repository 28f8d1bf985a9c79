-- strong
ALTER TABLE "people" ALTER COLUMN "id" TYPE integer;
DO 'BEGIN EXECUTE ''ALTER SEQUENCE '' || pg_get_serial_sequence(''"people"'', ''id'') || '' AS integer''; END';
