//! What the database holds of one person, as a value: what an endpoint changes is said on it, and
//! "whole or not at all" is equality.

use std::collections::BTreeMap;

use anyhow::Result;
use tokio_postgres::Client;

use super::person::Person;
use super::provider::Given;

/// Everything of one person but times and random values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// Whose they are.
    pub(super) name: Option<String>,
    pub(super) users: i64,
    pub(super) names: i64,
    pub(super) passwords: i64,
    /// Whether the password's hash is another than in the beginning.
    pub(super) new_password: bool,
    pub(super) document: Option<(i64, String)>,
    pub(super) epoch: Option<i64>,
    /// Rows of sessions, and how many of them are alive and of the present epoch.
    pub(super) rows: i64,
    pub(super) living: i64,
    /// Whether the session that asks lives, and the person's other one.
    pub(super) own: bool,
    pub(super) other: bool,
    /// Whether mail to the address is known to reach her, and the address that is not confirmed yet.
    pub(super) confirmed: bool,
    pub(super) pending: Option<String>,
    /// Links that may be used.
    pub(super) links: i64,
    /// The outbox: how many mails of each kind.
    pub(super) mails: BTreeMap<String, i64>,
    /// The audit trail: how many rows of each event.
    pub(super) events: BTreeMap<String, i64>,
    /// What applications were given.
    pub(super) given: Given,
}

const ROWS: &str = "
    WITH who AS (
        SELECT coalesce($1::uuid, (SELECT id FROM users WHERE username = $2 LIMIT 1)) AS id),
     alive AS (
        SELECT s.id FROM who JOIN sessions s ON s.user_id = who.id
        JOIN users u ON u.id = who.id AND u.epoch = s.epoch WHERE s.live_until > now())
    SELECT (SELECT count(*) FROM users u WHERE u.username = $2 OR u.id = who.id),
        (SELECT count(*) FROM login_names n WHERE n.key = $2 OR n.user_id = who.id),
        (SELECT count(*) FROM passwords p WHERE p.user_id = who.id),
        (SELECT p.hash FROM passwords p WHERE p.user_id = who.id),
        (SELECT u.document_version FROM users u WHERE u.id = who.id),
        (SELECT u.document FROM users u WHERE u.id = who.id),
        (SELECT u.epoch FROM users u WHERE u.id = who.id),
        (SELECT count(*) FROM sessions s WHERE s.user_id = who.id),
        (SELECT count(*) FROM alive),
        EXISTS (SELECT 1 FROM alive WHERE alive.id = $3),
        EXISTS (SELECT 1 FROM alive WHERE alive.id = $4),
        ARRAY(SELECT event FROM audit_events e WHERE e.user_id = who.id),
        EXISTS (SELECT 1 FROM users u WHERE u.id = who.id AND u.email_confirmed_at IS NOT NULL),
        (SELECT u.pending_email FROM users u WHERE u.id = who.id),
        (SELECT count(*) FROM links l JOIN users u ON u.id = l.user_id WHERE u.id = who.id
            AND l.used_at IS NULL AND l.expires_at > now() AND coalesce(l.epoch, u.epoch) = u.epoch),
        ARRAY(SELECT kind FROM mails m WHERE m.user_id = who.id)
    FROM who";

impl Facts {
    /// Reads them, past the proxy and past the server.
    pub(super) async fn of(person: &Person, db: &Client) -> Result<Self> {
        let ids = (person.id, person.own, person.other);
        let row = db.query_one(ROWS, &[&ids.0, &person.name, &ids.1, &ids.2]).await?;
        let hash: Option<String> = row.get(3);
        let version: Option<i64> = row.get(4);
        let mut facts = Self {
            name: Some(person.name.clone()),
            users: row.get(0),
            names: row.get(1),
            passwords: row.get(2),
            new_password: hash.is_some() && person.hash.is_some() && hash != person.hash,
            document: version.zip(row.get(5)),
            epoch: row.get(6),
            rows: row.get(7),
            living: row.get(8),
            own: row.get(9),
            other: row.get(10),
            confirmed: row.get(12),
            pending: row.get(13),
            links: row.get(14),
            mails: BTreeMap::new(),
            events: BTreeMap::new(),
            given: Given::of(person, db).await?,
        };
        for event in row.get::<_, Vec<String>>(11) {
            facts.note(&event);
        }
        for kind in row.get::<_, Vec<String>>(15) {
            facts.mail(&kind);
        }
        Ok(facts)
    }

    pub(super) fn after(&self, effect: fn(&mut Self)) -> Self {
        let mut after = self.clone();
        effect(&mut after);
        after
    }

    pub(super) fn note(&mut self, event: &str) {
        *self.events.entry(event.to_owned()).or_default() += 1;
    }

    pub(super) fn mail(&mut self, kind: &str) {
        *self.mails.entry(kind.to_owned()).or_default() += 1;
    }

    pub(super) fn write(&mut self, body: &str) {
        let version = self.document.as_ref().map_or(0, |(version, _)| *version);
        self.document = Some((version + 1, body.to_owned()));
    }

    pub(super) fn next_epoch(&mut self) {
        self.epoch = self.epoch.map(|epoch| epoch + 1);
    }

    pub(super) fn add_session(&mut self) {
        (self.rows, self.living) = (self.rows + 1, self.living + 1);
    }

    pub(super) fn end_session(&mut self) {
        (self.rows, self.living) = (self.rows - 1, self.living - 1);
    }

    pub(super) fn end_all_sessions(&mut self) {
        (self.rows, self.living, self.own, self.other) = (0, 0, false, false);
    }
}
