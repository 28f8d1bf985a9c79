-- strong
ALTER TABLE "pets" ADD CONSTRAINT "Key" PRIMARY KEY ("nr");
