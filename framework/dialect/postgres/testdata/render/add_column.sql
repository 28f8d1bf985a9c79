-- strong
ALTER TABLE "users" ADD COLUMN "nickname" varchar(80);
