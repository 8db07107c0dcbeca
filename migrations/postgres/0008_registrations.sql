-- compatible-with: 4
-- Applications that register themselves (RFC 7591), on the word of an operator. A release that knows none of it
-- goes on working with the result.

-- What an operator handed out: initial access tokens.
CREATE TABLE client_invitations (
    id          uuid PRIMARY KEY,
    -- SHA-256 of the random half of the token.
    secret_hash bytea NOT NULL,
    -- How many more applications may register by it.
    uses        bigint NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL
);
CREATE INDEX client_invitations_expires_at ON client_invitations (expires_at);

-- By what an application that registered itself shows that a registration is its own (RFC 7592).
CREATE TABLE client_registrations (
    client_id     text COLLATE "C" PRIMARY KEY REFERENCES clients ON DELETE CASCADE,
    -- SHA-256 of the random half of its registration access token.
    secret_hash   bytea NOT NULL,
    -- Which invitation it came by; that may be gone.
    invitation_id uuid NOT NULL
);
