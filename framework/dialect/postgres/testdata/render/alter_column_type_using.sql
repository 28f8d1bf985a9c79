-- strong
ALTER TABLE "people" ALTER COLUMN "mood" TYPE boolean USING mood = 'glad', ALTER COLUMN "mood" SET DEFAULT true;
