-- compatible-with: 4
-- By what the signatures of applications are checked beside their settings. A release that knows none of it goes on
-- working with the result.

-- Of a client that makes MACs with its secret (`client_secret_jwt`): the secret, sealed under the root secret with the
-- client and this row as associated data. Of all others there is the digest alone.
ALTER TABLE client_secrets ADD COLUMN sealed bytea;

-- What was fetched from a client's `jwks_uri`, so that every process has it, and when somebody began to fetch it.
CREATE TABLE client_keys (
    client_id  text COLLATE "C" PRIMARY KEY REFERENCES clients ON DELETE CASCADE,
    address    text NOT NULL,
    -- As it was fetched; nothing before somebody succeeded.
    keys       text,
    fetched_at timestamptz,
    tried_at   timestamptz NOT NULL,
    -- Until then whoever fetches may still be at it.
    busy_until timestamptz NOT NULL
);
