-- compatible-with: 4
-- Requests for authorization that applications send ahead of the browser (RFC 9126). A release that knows none of it
-- goes on working with the result.

CREATE TABLE pushed_requests (
    id         uuid PRIMARY KEY,
    client_id  text COLLATE "C" NOT NULL REFERENCES clients ON DELETE CASCADE,
    -- What is asked for, written as a form is.
    parameters text NOT NULL,
    created_at timestamptz NOT NULL,
    -- By then the browser has to come.
    expires_at timestamptz NOT NULL,
    -- Who came in time may take until then to sign in and to agree.
    kept_until timestamptz NOT NULL,
    used_at    timestamptz,
    -- The code that answered it.
    used_by    uuid
);
CREATE INDEX pushed_requests_client ON pushed_requests (client_id);
CREATE INDEX pushed_requests_kept_until ON pushed_requests (kept_until);
