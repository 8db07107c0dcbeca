-- compatible-with: 4
-- Applications that sign people in by OpenID Connect: what they are, the keys that sign for them, what they were
-- given, and the groups by which they tell people apart. A release that knows none of it goes on working with
-- the result.

-- The state of a key is a function of these instants and the database's time; nothing switches it.
CREATE TABLE signing_keys (
    -- RFC 7638 thumbprint, as in the `kid` of what it signs.
    id          text COLLATE "C" PRIMARY KEY,
    algorithm   text NOT NULL,
    -- Of one algorithm there is one key for each number, whoever makes it.
    number      bigint NOT NULL,
    public_key  text NOT NULL,
    -- PKCS#8, sealed under the root secret with id and algorithm as associated data.
    private_key bytea NOT NULL,
    created_at  timestamptz NOT NULL,
    activate_at timestamptz NOT NULL,
    retire_at   timestamptz NOT NULL,
    remove_at   timestamptz NOT NULL,
    UNIQUE (algorithm, number)
);

CREATE TABLE clients (
    id          text COLLATE "C" PRIMARY KEY,
    -- A JSON object, as `rules` reads it.
    settings    text NOT NULL,
    version     bigint NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    disabled_at timestamptz
);

CREATE TABLE client_secrets (
    id         uuid PRIMARY KEY,
    client_id  text COLLATE "C" NOT NULL REFERENCES clients ON DELETE CASCADE,
    -- SHA-256: the secret is random.
    hash       bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz
);
CREATE INDEX client_secrets_client ON client_secrets (client_id);

-- The hosts whose requests a proxy asks about, each answered for by one client.
CREATE TABLE client_hosts (
    host      text COLLATE "C" PRIMARY KEY,
    client_id text COLLATE "C" NOT NULL REFERENCES clients ON DELETE CASCADE
);
CREATE INDEX client_hosts_client ON client_hosts (client_id);

CREATE TABLE consents (
    user_id    uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    client_id  text COLLATE "C" NOT NULL REFERENCES clients ON DELETE CASCADE,
    -- Space-separated, sorted.
    scope      text NOT NULL,
    granted_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, client_id)
);
CREATE INDEX consents_client ON consents (client_id);

-- A code that was redeemed became the grant of the same id.
CREATE TABLE codes (
    id          uuid PRIMARY KEY,
    secret_hash bytea NOT NULL,
    client_id   text COLLATE "C" NOT NULL REFERENCES clients ON DELETE CASCADE,
    user_id     uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    session_id  uuid NOT NULL,
    epoch       bigint NOT NULL,
    -- What was authorized, a JSON object, as `rules` reads it.
    authorized  text NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz,
    used_by     uuid
);
CREATE INDEX codes_user ON codes (user_id);
CREATE INDEX codes_client ON codes (client_id);
CREATE INDEX codes_expires_at ON codes (expires_at);

-- What an application may do for a person, from the redemption of a code on. Every token of it names it.
CREATE TABLE grants (
    id           uuid PRIMARY KEY,
    client_id    text COLLATE "C" NOT NULL REFERENCES clients ON DELETE CASCADE,
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    -- The session it ends with; none for one that lasts beyond it (`offline_access`).
    session_id   uuid,
    epoch        bigint NOT NULL,
    authorized   text NOT NULL,
    -- The refresh token that is current; the next one follows from it.
    generation   bigint NOT NULL DEFAULT 0,
    rotated_at   timestamptz NOT NULL,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    -- Without use it ends then, and in any case at `expires_at`.
    live_until   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz
);
CREATE INDEX grants_user ON grants (user_id);
CREATE INDEX grants_client ON grants (client_id);
CREATE INDEX grants_session ON grants (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX grants_live_until ON grants (live_until);

-- What may be used once (the `jti` of an assertion), and access tokens that were revoked one by one, as SHA-256
-- of what they are and whose, until they would have expired.
CREATE TABLE used_once (
    key        bytea PRIMARY KEY,
    expires_at timestamptz NOT NULL
);
CREATE INDEX used_once_expires_at ON used_once (expires_at);

CREATE TABLE groups (
    id         uuid PRIMARY KEY,
    name       text COLLATE "C" NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
);

CREATE TABLE group_members (
    group_id uuid NOT NULL REFERENCES groups ON DELETE CASCADE,
    user_id  uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    PRIMARY KEY (user_id, group_id)
);
CREATE INDEX group_members_group ON group_members (group_id);

-- Standard claims of a person (OpenID Connect Core §5.1) that no column holds: a JSON object.
ALTER TABLE users ADD COLUMN claims text;
