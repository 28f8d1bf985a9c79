-- strong
DROP VIEW "adults";
