-- compatible-with: 3
-- Users get a number by which everything else of the file refers to them, and their document beside them, so
-- that a read descends two trees instead of four (docs/decisions/0016-numbered-users-in-sqlite.md).
-- Numbers are the file's own: nothing outside knows them, and the audit trail, which outlives accounts,
-- goes on with identifiers.

DROP INDEX login_names_user;
DROP INDEX sessions_user;
DROP INDEX sessions_live_until;
ALTER TABLE login_names RENAME TO old_login_names;
ALTER TABLE passwords RENAME TO old_passwords;
ALTER TABLE sessions RENAME TO old_sessions;
ALTER TABLE users RENAME TO old_users;

-- What may be long comes last: a row is read from its beginning.
CREATE TABLE users (
    number           INTEGER PRIMARY KEY,
    id               BLOB NOT NULL UNIQUE,
    epoch            INTEGER NOT NULL DEFAULT 1,
    version          INTEGER NOT NULL DEFAULT 1,
    created_at       INTEGER NOT NULL,
    locked_at        INTEGER,
    document_version INTEGER NOT NULL DEFAULT 1,
    username         TEXT NOT NULL,
    email            TEXT,
    document         TEXT NOT NULL DEFAULT '{}'
) STRICT;
INSERT INTO users (id, epoch, version, created_at, locked_at, document_version, username, email,
                   document)
    SELECT u.id, u.epoch, u.version, u.created_at, u.locked_at, coalesce(d.version, 1), u.username,
           u.email, coalesce(d.body, '{}')
    FROM old_users u LEFT JOIN documents d ON d.user_id = u.id ORDER BY u.id;

CREATE TABLE login_names (
    key  TEXT PRIMARY KEY,
    user INTEGER NOT NULL REFERENCES users ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
INSERT INTO login_names
    SELECT n.key, u.number FROM old_login_names n JOIN users u ON u.id = n.user_id ORDER BY n.key;
CREATE INDEX login_names_user ON login_names (user);

CREATE TABLE passwords (
    user       INTEGER PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    hash       TEXT NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
INSERT INTO passwords
    SELECT u.number, p.hash, p.changed_at FROM old_passwords p JOIN users u ON u.id = p.user_id
    ORDER BY u.number;

CREATE TABLE sessions (
    id           BLOB PRIMARY KEY,
    user         INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,
    epoch        INTEGER NOT NULL,
    secret_hash  BLOB NOT NULL,
    live_until   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    address      TEXT,
    user_agent   TEXT
) STRICT, WITHOUT ROWID;
INSERT INTO sessions
    SELECT s.id, u.number, s.epoch, s.secret_hash, s.live_until, s.expires_at, s.created_at,
           s.last_used_at, s.address, s.user_agent
    FROM old_sessions s JOIN users u ON u.id = s.user_id ORDER BY s.id;
CREATE INDEX sessions_user ON sessions (user);
CREATE INDEX sessions_live_until ON sessions (live_until);

DROP TABLE documents;
DROP TABLE old_login_names;
DROP TABLE old_passwords;
DROP TABLE old_sessions;
DROP TABLE old_users;
