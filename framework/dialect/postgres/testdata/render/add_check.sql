-- strong
ALTER TABLE "users" ADD CONSTRAINT "has_at" CHECK (email LIKE '%@%' OR email = '');
