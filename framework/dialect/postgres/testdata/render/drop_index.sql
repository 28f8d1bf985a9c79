-- strong
DROP INDEX "app"."order_due";
