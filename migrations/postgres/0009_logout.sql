-- compatible-with: 4
-- Applications are told when a session ends (OpenID Connect Back-Channel and Front-Channel Logout 1.0). A release
-- that knows none of it goes on working with the result, and what it ends is told too.

-- Which applications a session led to, of those that want to be told. A row goes with its session.
CREATE TABLE session_clients (
    session_id uuid NOT NULL,
    client_id  text COLLATE "C" NOT NULL,
    user_id    uuid NOT NULL,
    PRIMARY KEY (session_id, client_id)
);

-- What is still to be told to an application's server; a row goes when it was, or when it is given up. No token is
-- in it: it is made when it is sent. Where to is what the client's settings say by then.
CREATE TABLE logouts (
    id          uuid PRIMARY KEY,
    client_id   text COLLATE "C" NOT NULL,
    session_id  uuid NOT NULL,
    user_id     uuid NOT NULL,
    created_at  timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    attempts    integer NOT NULL DEFAULT 0,
    lease_id    uuid,
    lease_until timestamptz
);
CREATE INDEX logouts_due_at ON logouts (due_at);

-- Whatever ends a session deletes its row, also by a cascade; one that has expired was over before. A trigger sees
-- what a statement cannot: an application that was led to while the statement waited for the session's row.
-- No foreign keys: clients are found by a join, so that no order of locks has to be kept with who deletes one.
CREATE FUNCTION tell_of_ended_session() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    INSERT INTO logouts (id, client_id, session_id, user_id, created_at, due_at)
    SELECT gen_random_uuid(), t.client_id, t.session_id, t.user_id, now(), now()
    FROM session_clients t JOIN clients c ON c.id = t.client_id
    WHERE t.session_id = OLD.id AND OLD.live_until > now()
      AND c.settings::json ->> 'backchannel_logout_uri' IS NOT NULL;
    DELETE FROM session_clients WHERE session_id = OLD.id;
    RETURN NULL;
END
$body$;
CREATE TRIGGER session_ended AFTER DELETE ON sessions
    FOR EACH ROW EXECUTE FUNCTION tell_of_ended_session();
