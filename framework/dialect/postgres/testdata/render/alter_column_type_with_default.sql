-- strong
ALTER TABLE "people" ALTER COLUMN "name" DROP DEFAULT, ALTER COLUMN "name" TYPE bytea USING convert_to(name, 'UTF8'), ALTER COLUMN "name" SET DEFAULT E'\\x01'::bytea;
