-- strong
DROP TABLE "app"."order";
