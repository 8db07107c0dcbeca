-- compatible-with: 3
-- Confirmed addresses, links that may be used once, the outbox, administrators, and deletion with a time in
-- which one can think again. A release that knows none of it goes on working with the result.

ALTER TABLE users
    -- When its owner showed that mail to the address reaches her.
    ADD COLUMN email_confirmed_at  timestamptz,
    -- The address that she asked for and has not confirmed.
    ADD COLUMN pending_email       text,
    -- From then on the account is deleted by housekeeping.
    ADD COLUMN delete_after        timestamptz,
    -- What she chose on a page, as a language tag and `light` or `dark`.
    ADD COLUMN language            text,
    ADD COLUMN theme               text,
    -- In the user's own row, so that rights which are granted while the account is being deleted are seen by
    -- whoever waits for its lock.
    ADD COLUMN administrator_since timestamptz;
CREATE INDEX users_delete_after ON users (delete_after) WHERE delete_after IS NOT NULL;
CREATE INDEX users_administrators ON users (id) WHERE administrator_since IS NOT NULL;

-- The text of a link is made from its id and the root secret, so nothing here opens anything.
CREATE TABLE links (
    id         uuid PRIMARY KEY,
    purpose    text NOT NULL,
    -- Whom it was made for; none for an invitation and for setup.
    user_id    uuid REFERENCES users ON DELETE CASCADE,
    -- The address to confirm, or the one that is invited.
    email      text,
    -- The epoch in which a link to a new password is worth something: a change of it ends the link too.
    epoch      bigint,
    created_at timestamptz NOT NULL,
    -- A link expires by being used, and one that was replaced expired when it was made.
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    -- The operation that used it, so that its own repetition passes.
    used_by    uuid
);
CREATE INDEX links_user ON links (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX links_expires_at ON links (expires_at);

-- Written in the transaction of the fact that a mail tells of; sent by whichever process takes it.
CREATE TABLE mails (
    id          uuid PRIMARY KEY,
    kind        text NOT NULL,
    recipient   text NOT NULL,
    user_id     uuid,
    language    text NOT NULL,
    -- What the template is filled with: a JSON object of texts.
    words       text NOT NULL,
    link_id     uuid,
    created_at  timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    attempts    integer NOT NULL DEFAULT 0,
    lease_id    uuid,
    lease_until timestamptz,
    sent_at     timestamptz,
    dead_at     timestamptz,
    last_error  text
);
CREATE INDEX mails_due_at ON mails (due_at) WHERE sent_at IS NULL AND dead_at IS NULL;
CREATE INDEX mails_done_at ON mails (coalesce(sent_at, dead_at));
CREATE INDEX mails_user ON mails (user_id) WHERE user_id IS NOT NULL;

-- One row. That setup is closed is said by nothing but `closed_at`: a server without administrators is not
-- open to whoever comes first. `administrators` counts them, so that the last one can be kept by the condition
-- of an update.
CREATE TABLE setup (
    one            boolean PRIMARY KEY DEFAULT true CHECK (one),
    closed_at      timestamptz,
    administrators integer NOT NULL DEFAULT 0 CHECK (administrators >= 0)
);
INSERT INTO setup DEFAULT VALUES;
