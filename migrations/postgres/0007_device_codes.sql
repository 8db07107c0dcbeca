-- compatible-with: 4
-- Devices that sign people in elsewhere (RFC 8628): what they ask for, until somebody decides.

-- What is allowed becomes a row of `codes` with the same identifier and secret, and is redeemed as that.
CREATE TABLE device_codes (
    id          uuid PRIMARY KEY,
    secret_hash bytea NOT NULL,
    -- What she types, in capital letters.
    user_code   text COLLATE "C" NOT NULL UNIQUE,
    client_id   text COLLATE "C" NOT NULL REFERENCES clients ON DELETE CASCADE,
    -- What is asked for, a JSON object, as `rules` reads it.
    asked       text NOT NULL,
    -- Who asks, to be shown to who decides.
    address     text,
    user_agent  text,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    -- When the device came last, and whether it came too soon.
    polled_at   timestamptz,
    hasty       boolean NOT NULL DEFAULT false,
    decided_at  timestamptz,
    -- The session that decided; its own repetition passes.
    decided_in  uuid,
    allowed     boolean
);
CREATE INDEX device_codes_client ON device_codes (client_id);
CREATE INDEX device_codes_expires_at ON device_codes (expires_at);
