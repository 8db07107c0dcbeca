-- compatible-with: 4
-- Twin of migrations/postgres/0009_logout.sql; the reasons are there. Users are known by their identifiers, since
-- what is to be told may outlive them.

CREATE TABLE session_clients (
    session_id BLOB NOT NULL,
    client_id  TEXT NOT NULL,
    user_id    BLOB NOT NULL,
    PRIMARY KEY (session_id, client_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE logouts (
    id          BLOB PRIMARY KEY,
    client_id   TEXT NOT NULL,
    session_id  BLOB NOT NULL,
    user_id     BLOB NOT NULL,
    created_at  INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,
    lease_id    BLOB,
    lease_until INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX logouts_due_at ON logouts (due_at);

CREATE TRIGGER session_ended AFTER DELETE ON sessions BEGIN
    INSERT INTO logouts (id, client_id, session_id, user_id, created_at, due_at)
    SELECT randomblob(16), t.client_id, t.session_id, t.user_id,
           CAST(unixepoch('subsec') * 1000000 AS INTEGER), CAST(unixepoch('subsec') * 1000000 AS INTEGER)
    FROM session_clients t JOIN clients c ON c.id = t.client_id
    WHERE t.session_id = OLD.id AND OLD.live_until > CAST(unixepoch('subsec') * 1000000 AS INTEGER)
      AND json_extract(c.settings, '$.backchannel_logout_uri') IS NOT NULL;
    DELETE FROM session_clients WHERE session_id = OLD.id;
END;
