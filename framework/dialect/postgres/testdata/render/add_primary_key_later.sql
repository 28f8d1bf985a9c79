-- strong
ALTER TABLE "pets" ADD PRIMARY KEY ("nr");
