-- compatible-with: 4
-- Twin of migrations/postgres/0012_refresh_keys.sql; the reasons are there.

ALTER TABLE grants ADD COLUMN sealed_by BLOB;
