-- strong
ALTER TABLE "people" RENAME TO "folk ""s""";
