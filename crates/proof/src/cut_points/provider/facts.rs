//! What the database holds of one application, as a value.

use anyhow::Result;
use tokio_postgres::Client;

use super::super::facts::Facts;
use super::super::person::Person;

/// Everything of the client that has the person's name, and of one that she had register itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::cut_points) struct Given {
    /// Codes that nobody has redeemed, and others.
    pub(super) open_codes: i64,
    pub(super) used_codes: i64,
    /// Grants that live, and such as were revoked.
    pub(super) living: i64,
    pub(super) revoked: i64,
    /// Which refresh token is current.
    pub(super) generation: Option<i64>,
    pub(super) consents: i64,
    /// Sessions whose end is to be told, and such an end that still has to be.
    pub(super) led: i64,
    pub(super) logouts: i64,
    /// Requests that were sent ahead: not answered, answered.
    pub(super) pushed: i64,
    pub(super) answered: i64,
    /// Devices that wait, and that were allowed.
    pub(super) waiting: i64,
    pub(super) allowed: i64,
    /// Applications that registered themselves, and the version of the settings of one.
    pub(super) registered: i64,
    pub(super) version: Option<i64>,
    /// Whether what may come once has come.
    pub(super) noted: bool,
}

/// A client that is deleted may be a row still, until its grants are gone.
const ROWS: &str = "
    WITH own AS (
        SELECT c.version FROM client_registrations r JOIN clients c ON c.id = r.client_id
        WHERE c.settings::json ->> 'name' = $1 AND to_jsonb(c) ->> 'deleted_at' IS NULL)
    SELECT (SELECT count(*) FROM codes WHERE client_id = $1 AND used_at IS NULL),
        (SELECT count(*) FROM codes WHERE client_id = $1 AND used_at IS NOT NULL),
        (SELECT count(*) FROM grants g WHERE g.client_id = $1 AND g.revoked_at IS NULL
            AND g.live_until > now() AND (g.session_id IS NULL OR EXISTS (
                SELECT 1 FROM sessions s WHERE s.id = g.session_id AND s.live_until > now()))),
        (SELECT count(*) FROM grants WHERE client_id = $1 AND revoked_at IS NOT NULL),
        (SELECT max(generation) FROM grants WHERE client_id = $1),
        (SELECT count(*) FROM consents WHERE client_id = $1),
        (SELECT count(*) FROM session_clients WHERE client_id = $1),
        (SELECT count(*) FROM logouts WHERE client_id = $1),
        (SELECT count(*) FROM pushed_requests WHERE client_id = $1 AND used_at IS NULL),
        (SELECT count(*) FROM pushed_requests WHERE client_id = $1 AND used_at IS NOT NULL),
        (SELECT count(*) FROM device_codes WHERE client_id = $1 AND decided_at IS NULL),
        (SELECT count(*) FROM device_codes WHERE client_id = $1 AND allowed),
        (SELECT count(*) FROM own), (SELECT max(version) FROM own),
        EXISTS (SELECT 1 FROM used_once WHERE key = $2)";

impl Given {
    /// Reads it, past the proxy and past the server.
    pub(in crate::cut_points) async fn of(person: &Person, db: &Client) -> Result<Self> {
        let row = db.query_one(ROWS, &[&person.name, &person.application.noted]).await?;
        Ok(Self {
            open_codes: row.get(0),
            used_codes: row.get(1),
            living: row.get(2),
            revoked: row.get(3),
            generation: row.get(4),
            consents: row.get(5),
            led: row.get(6),
            logouts: row.get(7),
            pushed: row.get(8),
            answered: row.get(9),
            waiting: row.get(10),
            allowed: row.get(11),
            registered: row.get(12),
            version: row.get(13),
            noted: row.get(14),
        })
    }

    /// Whether what the application was given is good.
    pub(super) fn lives(&self) -> bool {
        self.living == 1
    }
}

impl Facts {
    /// A code became a grant.
    pub(super) fn redeem(&mut self) {
        let given = &mut self.given;
        (given.open_codes, given.used_codes) = (given.open_codes - 1, given.used_codes + 1);
        (given.living, given.generation, given.led) = (given.living + 1, Some(0), 1);
        self.note("grant.created");
    }

    /// The grant ends, once.
    pub(super) fn end_grant(&mut self, event: &str) {
        if self.given.lives() {
            (self.given.living, self.given.revoked) = (0, 1);
            self.note(event);
        }
    }
}
