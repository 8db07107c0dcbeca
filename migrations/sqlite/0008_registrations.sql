-- compatible-with: 4
-- Twin of migrations/postgres/0008_registrations.sql; the reasons are there.

CREATE TABLE client_invitations (
    id          BLOB PRIMARY KEY,
    secret_hash BLOB NOT NULL,
    uses        INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX client_invitations_expires_at ON client_invitations (expires_at);

CREATE TABLE client_registrations (
    client_id     TEXT PRIMARY KEY REFERENCES clients ON DELETE CASCADE,
    secret_hash   BLOB NOT NULL,
    invitation_id BLOB NOT NULL
) STRICT, WITHOUT ROWID;
