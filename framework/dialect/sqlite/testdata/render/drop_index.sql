DROP INDEX "users_age";
