-- strong
DO 'BEGIN EXECUTE ''ALTER TABLE "other"."Way''''s" SET SCHEMA '' || quote_ident(current_schema()); END';
