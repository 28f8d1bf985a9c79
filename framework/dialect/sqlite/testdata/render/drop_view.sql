DROP VIEW "titles";
