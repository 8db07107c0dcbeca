-- compatible-with: 1
-- Twin of migrations/postgres/0001_core.sql; the reasons are there. Instants are microseconds since
-- 1970, identifiers are 16-byte blobs.

CREATE TABLE users (
    id         BLOB PRIMARY KEY,
    username   TEXT NOT NULL,
    email      TEXT,
    created_at INTEGER NOT NULL,
    locked_at  INTEGER,
    version    INTEGER NOT NULL DEFAULT 1,
    epoch      INTEGER NOT NULL DEFAULT 1
) STRICT, WITHOUT ROWID;

CREATE TABLE login_names (
    key     TEXT PRIMARY KEY,
    user_id BLOB NOT NULL REFERENCES users ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX login_names_user ON login_names (user_id);

CREATE TABLE passwords (
    user_id    BLOB PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    hash       TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- With a row id: bodies of up to 64 KiB would make an index organised by user too wide to be quick.
CREATE TABLE documents (
    user_id    BLOB PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    body       TEXT NOT NULL,
    version    INTEGER NOT NULL DEFAULT 1,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
    id           BLOB PRIMARY KEY,
    user_id      BLOB NOT NULL REFERENCES users ON DELETE CASCADE,
    epoch        INTEGER NOT NULL,
    secret_hash  BLOB NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    live_until   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    address      TEXT,
    user_agent   TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_live_until ON sessions (live_until);

CREATE TABLE throttles (
    key     TEXT PRIMARY KEY,
    arrival INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX throttles_arrival ON throttles (arrival);

CREATE TABLE audit_events (
    id         BLOB PRIMARY KEY,
    at         INTEGER NOT NULL,
    event      TEXT NOT NULL,
    actor      TEXT NOT NULL,
    user_id    BLOB NOT NULL,
    session_id BLOB,
    address    TEXT,
    request_id TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_events_user ON audit_events (user_id, id);

CREATE TABLE tasks (
    name        TEXT PRIMARY KEY,
    due_at      INTEGER NOT NULL,
    lease_id    BLOB,
    lease_until INTEGER
) STRICT, WITHOUT ROWID;
INSERT INTO tasks (name, due_at) VALUES ('delete_expired', 0);
