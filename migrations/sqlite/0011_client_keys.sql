-- compatible-with: 4
-- Twin of migrations/postgres/0011_client_keys.sql; the reasons are there.

ALTER TABLE client_secrets ADD COLUMN sealed BLOB;

CREATE TABLE client_keys (
    client_id  TEXT PRIMARY KEY REFERENCES clients ON DELETE CASCADE,
    address    TEXT NOT NULL,
    fetched_at INTEGER,
    tried_at   INTEGER NOT NULL,
    busy_until INTEGER NOT NULL,
    keys       TEXT
) STRICT;
