CREATE SCHEMA "new ""s""";
