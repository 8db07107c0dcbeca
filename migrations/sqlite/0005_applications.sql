-- compatible-with: 4
-- Twin of migrations/postgres/0005_applications.sql; the reasons are there. Users are known by their numbers, and
-- what may be long comes last.

CREATE TABLE signing_keys (
    id          TEXT PRIMARY KEY,
    algorithm   TEXT NOT NULL,
    number      INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    activate_at INTEGER NOT NULL,
    retire_at   INTEGER NOT NULL,
    remove_at   INTEGER NOT NULL,
    public_key  TEXT NOT NULL,
    private_key BLOB NOT NULL,
    UNIQUE (algorithm, number)
) STRICT;

CREATE TABLE clients (
    id          TEXT PRIMARY KEY,
    version     INTEGER NOT NULL DEFAULT 1,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    disabled_at INTEGER,
    settings    TEXT NOT NULL
) STRICT;

CREATE TABLE client_secrets (
    id         BLOB PRIMARY KEY,
    client_id  TEXT NOT NULL REFERENCES clients ON DELETE CASCADE,
    hash       BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX client_secrets_client ON client_secrets (client_id);

CREATE TABLE client_hosts (
    host      TEXT PRIMARY KEY,
    client_id TEXT NOT NULL REFERENCES clients ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX client_hosts_client ON client_hosts (client_id);

CREATE TABLE consents (
    user       INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    client_id  TEXT NOT NULL REFERENCES clients ON DELETE CASCADE,
    scope      TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    PRIMARY KEY (user, client_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX consents_client ON consents (client_id);

-- With a row id, as grants: what was authorized may be long.
CREATE TABLE codes (
    id          BLOB PRIMARY KEY,
    secret_hash BLOB NOT NULL,
    client_id   TEXT NOT NULL REFERENCES clients ON DELETE CASCADE,
    user        INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    session_id  BLOB NOT NULL,
    epoch       INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    used_at     INTEGER,
    used_by     BLOB,
    authorized  TEXT NOT NULL
) STRICT;
CREATE INDEX codes_user ON codes (user);
CREATE INDEX codes_client ON codes (client_id);
CREATE INDEX codes_expires_at ON codes (expires_at);

CREATE TABLE grants (
    id           BLOB PRIMARY KEY,
    client_id    TEXT NOT NULL REFERENCES clients ON DELETE CASCADE,
    user         INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    session_id   BLOB,
    epoch        INTEGER NOT NULL,
    generation   INTEGER NOT NULL DEFAULT 0,
    rotated_at   INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    live_until   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    revoked_at   INTEGER,
    authorized   TEXT NOT NULL
) STRICT;
CREATE INDEX grants_user ON grants (user);
CREATE INDEX grants_client ON grants (client_id);
CREATE INDEX grants_session ON grants (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX grants_live_until ON grants (live_until);

CREATE TABLE used_once (
    key        BLOB PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX used_once_expires_at ON used_once (expires_at);

CREATE TABLE groups (
    id         BLOB PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE group_members (
    group_id BLOB NOT NULL REFERENCES groups ON DELETE CASCADE,
    user     INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (user, group_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_members_group ON group_members (group_id);

ALTER TABLE users ADD COLUMN claims TEXT;
