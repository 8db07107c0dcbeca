-- compatible-with: 1
-- Users, their names, passwords, documents and sessions; login throttles; the audit trail; tasks.

CREATE TABLE users (
    id         uuid PRIMARY KEY,
    username   text NOT NULL,
    email      text,
    created_at timestamptz NOT NULL,
    locked_at  timestamptz,
    -- Counts changes of what the user object shows; one half of the entity tag of GET /data.
    version    bigint NOT NULL DEFAULT 1,
    -- Every session carries the epoch it was opened in and is dead in any other, so that ending all
    -- sessions of a user is one increment, whatever is being inserted at that moment.
    epoch      bigint NOT NULL DEFAULT 1
);

-- User names and e-mail addresses share one namespace: what is typed at sign-in means one account.
CREATE TABLE login_names (
    key     text COLLATE "C" PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE
);
CREATE INDEX login_names_user ON login_names (user_id);

CREATE TABLE passwords (
    user_id    uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    hash       text NOT NULL,
    changed_at timestamptz NOT NULL
);

-- The body is text, not jsonb: it is given back as it was written.
CREATE TABLE documents (
    user_id    uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    body       text NOT NULL,
    version    bigint NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL
);

CREATE TABLE sessions (
    id           uuid PRIMARY KEY,
    user_id      uuid NOT NULL REFERENCES users ON DELETE CASCADE,
    epoch        bigint NOT NULL,
    secret_hash  bytea NOT NULL,
    created_at   timestamptz NOT NULL,
    last_used_at timestamptz NOT NULL,
    live_until   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    address      text,
    user_agent   text
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_live_until ON sessions (live_until);

-- arrival: theoretical arrival time of the generic cell rate algorithm, microseconds since 1970.
CREATE TABLE throttles (
    key     text COLLATE "C" PRIMARY KEY,
    arrival bigint NOT NULL,
    refused boolean NOT NULL DEFAULT false
);
CREATE INDEX throttles_arrival ON throttles (arrival);

-- No reference to users: the trail outlives the account.
CREATE TABLE audit_events (
    id         uuid PRIMARY KEY,
    at         timestamptz NOT NULL,
    event      text NOT NULL,
    actor      text NOT NULL,
    user_id    uuid NOT NULL,
    session_id uuid,
    address    text,
    request_id text
);
CREATE INDEX audit_events_user ON audit_events (user_id, id);

CREATE TABLE tasks (
    name        text PRIMARY KEY,
    due_at      timestamptz NOT NULL,
    lease_id    uuid,
    lease_until timestamptz
);
INSERT INTO tasks (name, due_at) VALUES ('delete_expired', now());
