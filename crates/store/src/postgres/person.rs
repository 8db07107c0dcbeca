//! What a person sees of herself, what she chooses, and everything that is stored about her.

use tokenhouse_rules::session::Expiry;
use tokio_postgres::Row;
use uuid::Uuid;

use super::applications::rows::{alive, grants};
use super::connection::Database;
use super::parts::{self, noted};
use super::rows::{self, living, user_columns, value};
use crate::{Consent, Export, HeldGrant, Profile, Result, SessionKey, Trail};

/// The most audit rows in an export.
const EXPORTED_EVENTS: u32 = 10_000;

const PROFILE: &str = concat!(
    "WITH ",
    living!(),
    " SELECT ",
    user_columns!(),
    ", u.expires_at, u.live_until, now(), p.email_confirmed_at, p.pending_email, p.delete_after,
        p.language, p.theme, p.administrator_since IS NOT NULL
     FROM living u JOIN users p USING (id)"
);

const CHOOSE: &str = concat!(
    "WITH ",
    living!(),
    ",
     chosen AS (
        UPDATE users u SET language = $4::text, theme = $5::text FROM living l WHERE u.id = l.id
        RETURNING u.id)
     SELECT EXISTS (SELECT 1 FROM chosen)"
);

/// One statement, so that all parts are of one instant. The person, her sessions, events, consents and grants
/// are rows of their own, each with nulls in the columns of the others, every kind in the order in which it is
/// shown. The event of the export itself is not in the snapshot that the statement reads, so it is added.
const EXPORT: &str = concat!(
    "WITH ",
    living!(),
    ",",
    noted!(
        "$4",
        "id",
        "$1::uuid",
        "living",
        "RETURNING id, at, event, actor, user_id, session_id, address, request_id"
    ),
    ",
     person AS (
        SELECT ",
    user_columns!(),
    ", p.document, now() AS asked_at, p.email_confirmed_at, p.pending_email,
            p.claims, ARRAY(
                SELECT o.name FROM group_members m JOIN groups o ON o.id = m.group_id
                WHERE m.user_id = u.id ORDER BY o.name)
        FROM living u JOIN users p USING (id)),
     session AS (
        SELECT s.id, s.created_at, s.last_used_at, s.expires_at, s.address, s.user_agent
        FROM living l JOIN sessions s ON s.user_id = l.id AND s.epoch = l.epoch
            AND s.live_until > now()),
     event AS (
        SELECT * FROM noted
        UNION ALL
        (SELECT e.id, e.at, e.event, e.actor, e.user_id, e.session_id, e.address, e.request_id
         FROM living l JOIN audit_events e ON e.user_id = l.id ORDER BY e.id DESC LIMIT $5)
        ORDER BY id DESC LIMIT $5),
     consent AS (
        SELECT t.client_id, t.scope, t.granted_at
        FROM living l JOIN consents t ON t.user_id = l.id),
     held AS (
        SELECT g.id, g.client_id, g.authorized, g.created_at, g.last_used_at, g.expires_at
        FROM living l JOIN (",
    grants!(),
    ") ON g.user_id = l.id WHERE ",
    alive!(),
    ")
     SELECT p.*, s.*, e.*, t.*, h.*
     FROM person p FULL JOIN session s ON false FULL JOIN event e ON false
          FULL JOIN consent t ON false FULL JOIN held h ON false
     ORDER BY p.id, s.id, e.id DESC, t.client_id, h.created_at, h.id"
);

/// Where the columns of a session, an event, a consent and a grant begin in [`EXPORT`].
const SESSION: usize = 12;
const EVENT: usize = 18;
const CONSENT: usize = 26;
const GRANT: usize = 29;

pub(super) async fn profile(db: &Database, key: &SessionKey) -> Result<Option<Profile>> {
    let hash: &[u8] = &key.secret_hash;
    let found = db.ask(PROFILE, &[&key.id.uuid(), &hash, &key.user.uuid()]).await?;
    let Some(row) = found.first() else { return Ok(None) };
    Ok(Some(Profile {
        now: rows::instant(row, 8)?,
        expiry: Expiry { expires_at: rows::instant(row, 6)?, live_until: rows::instant(row, 7)? },
        user: rows::user(row)?,
        email_confirmed_at: rows::optional_instant(row, 9)?,
        pending_email: value(row, 10)?,
        delete_after: rows::optional_instant(row, 11)?,
        language: value(row, 12)?,
        theme: value(row, 13)?,
        is_administrator: value(row, 14)?,
    }))
}

pub(super) async fn choose(
    db: &Database,
    key: &SessionKey,
    language: Option<&str>,
    theme: Option<&str>,
) -> Result<bool> {
    let hash: &[u8] = &key.secret_hash;
    let row =
        db.tell_one(CHOOSE, &[&key.id.uuid(), &hash, &key.user.uuid(), &language, &theme]).await?;
    value(&row, 0)
}

pub(super) async fn export(
    db: &Database,
    key: &SessionKey,
    trail: &Trail,
) -> Result<Option<Export>> {
    let hash: &[u8] = &key.secret_hash;
    let found = db
        .tell(
            EXPORT,
            &[
                &key.id.uuid(),
                &hash,
                &key.user.uuid(),
                &parts::trail(trail),
                &i64::from(EXPORTED_EVENTS),
            ],
        )
        .await?;
    let Some((person, belongings)) = found.split_first() else { return Ok(None) };
    let mut export = Export {
        now: rows::instant(person, 7)?,
        user: rows::user(person)?,
        email_confirmed_at: rows::optional_instant(person, 8)?,
        pending_email: value(person, 9)?,
        body: value(person, 6)?,
        claims: value(person, 10)?,
        groups: value(person, 11)?,
        consents: Vec::new(),
        grants: Vec::new(),
        sessions: Vec::new(),
        events: Vec::new(),
    };
    for row in belongings {
        if value::<Option<Uuid>>(row, SESSION)?.is_some() {
            export.sessions.push(rows::session_at(row, SESSION)?);
        } else if value::<Option<Uuid>>(row, EVENT)?.is_some() {
            export.events.push(rows::event_at(row, EVENT)?);
        } else if value::<Option<&str>>(row, CONSENT)?.is_some() {
            export.consents.push(consent(row)?);
        } else {
            export.grants.push(grant(row)?);
        }
    }
    Ok(Some(export))
}

fn consent(row: &Row) -> Result<Consent> {
    Ok(Consent {
        client: value(row, CONSENT)?,
        scope: value(row, CONSENT + 1)?,
        since: rows::instant(row, CONSENT + 2)?,
    })
}

fn grant(row: &Row) -> Result<HeldGrant> {
    Ok(HeldGrant {
        client: value(row, GRANT + 1)?,
        authorized: value(row, GRANT + 2)?,
        created_at: rows::instant(row, GRANT + 3)?,
        last_used_at: rows::instant(row, GRANT + 4)?,
        expires_at: rows::instant(row, GRANT + 5)?,
    })
}
