-- strong
CREATE UNIQUE INDEX "order_due" ON "app"."order" ("due" DESC, (lower(note)), (total * 2) DESC) WHERE total > 0 AND note IS NOT NULL;
