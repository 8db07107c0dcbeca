-- compatible-with: 3
-- Twin of migrations/postgres/0004_mail_and_administrators.sql; the reasons are there. Mails, like the audit
-- trail, know users by their identifiers: they may outlive them.

ALTER TABLE users ADD COLUMN email_confirmed_at INTEGER;
ALTER TABLE users ADD COLUMN pending_email TEXT;
ALTER TABLE users ADD COLUMN delete_after INTEGER;
ALTER TABLE users ADD COLUMN language TEXT;
ALTER TABLE users ADD COLUMN theme TEXT;
ALTER TABLE users ADD COLUMN administrator_since INTEGER;
CREATE INDEX users_delete_after ON users (delete_after) WHERE delete_after IS NOT NULL;
CREATE INDEX users_administrators ON users (id) WHERE administrator_since IS NOT NULL;

CREATE TABLE links (
    id         BLOB PRIMARY KEY,
    purpose    TEXT NOT NULL,
    user       INTEGER REFERENCES users ON DELETE CASCADE,
    email      TEXT,
    epoch      INTEGER,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER,
    used_by    BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX links_user ON links (user) WHERE user IS NOT NULL;
CREATE INDEX links_expires_at ON links (expires_at);

-- With a row id: what a template is filled with may be long.
CREATE TABLE mails (
    id          BLOB PRIMARY KEY,
    kind        TEXT NOT NULL,
    recipient   TEXT NOT NULL,
    user_id     BLOB,
    language    TEXT NOT NULL,
    words       TEXT NOT NULL,
    link_id     BLOB,
    created_at  INTEGER NOT NULL,
    due_at      INTEGER NOT NULL,
    attempts    INTEGER NOT NULL DEFAULT 0,
    lease_id    BLOB,
    lease_until INTEGER,
    sent_at     INTEGER,
    dead_at     INTEGER,
    last_error  TEXT
) STRICT;
CREATE INDEX mails_due_at ON mails (due_at) WHERE sent_at IS NULL AND dead_at IS NULL;
CREATE INDEX mails_done_at ON mails (coalesce(sent_at, dead_at));
CREATE INDEX mails_user ON mails (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE setup (
    one            INTEGER PRIMARY KEY DEFAULT 1 CHECK (one = 1),
    closed_at      INTEGER,
    administrators INTEGER NOT NULL DEFAULT 0 CHECK (administrators >= 0)
) STRICT;
INSERT INTO setup DEFAULT VALUES;
