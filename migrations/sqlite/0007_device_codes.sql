-- compatible-with: 4
-- Devices that sign people in elsewhere (RFC 8628): what they ask for, until somebody decides. What the columns
-- mean says the twin of this file.

CREATE TABLE device_codes (
    id          BLOB PRIMARY KEY,
    secret_hash BLOB NOT NULL,
    user_code   TEXT NOT NULL UNIQUE,
    client_id   TEXT NOT NULL REFERENCES clients ON DELETE CASCADE,
    address     TEXT,
    user_agent  TEXT,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    polled_at   INTEGER,
    decided_at  INTEGER,
    decided_in  BLOB,
    allowed     INTEGER,
    asked       TEXT NOT NULL
) STRICT;
CREATE INDEX device_codes_client ON device_codes (client_id);
CREATE INDEX device_codes_expires_at ON device_codes (expires_at);
