-- strong
DROP SEQUENCE "tickets";
