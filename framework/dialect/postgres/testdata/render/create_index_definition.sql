-- strong
CREATE INDEX "order_tags" ON "app"."order" USING gin (tags);
