DROP VIEW "mood";
