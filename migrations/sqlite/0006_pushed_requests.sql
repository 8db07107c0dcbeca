-- compatible-with: 4
-- Twin of migrations/postgres/0006_pushed_requests.sql; the reasons are there. With a row id, since what is asked for
-- may be long.

CREATE TABLE pushed_requests (
    id         BLOB PRIMARY KEY,
    client_id  TEXT NOT NULL REFERENCES clients ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    kept_until INTEGER NOT NULL,
    used_at    INTEGER,
    used_by    BLOB,
    parameters TEXT NOT NULL
) STRICT;
CREATE INDEX pushed_requests_client ON pushed_requests (client_id);
CREATE INDEX pushed_requests_kept_until ON pushed_requests (kept_until);
