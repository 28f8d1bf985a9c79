-- strong
DROP TABLE IF EXISTS "gone";
