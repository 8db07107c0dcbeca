//! Between SQLite's values and ours, and the statements that several questions share.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tokenhouse_rules::document::Version;
use tokenhouse_rules::id::{EventId, SessionId, UserId};
use tokenhouse_rules::session::Expiry;
use tokenhouse_rules::time::Timestamp;
use uuid::Uuid;

use super::clock;
use crate::{AuditEvent, NewSession, Session, SessionData, SessionKey, Trail, User};

macro_rules! user_columns {
    () => {
        "u.id, u.username, u.email, u.created_at, u.locked_at, u.version"
    };
}

/// The columns that [`user`] reads, from a table called `u`.
pub(super) const USER: &str = user_columns!();

/// One text, not put together for each request: it is the hot read. The session first, then its user by
/// her number; the plus keeps her identifier from being looked up instead.
const LIVING: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", s.expires_at, s.live_until, u.document, u.document_version
     FROM sessions s CROSS JOIN users u ON u.number = s.user AND u.epoch = s.epoch
     WHERE s.id = ?1 AND s.secret_hash = ?2 AND +u.id = ?3 AND s.live_until > ?4
       AND u.locked_at IS NULL"
);

/// The number by which the other tables know the user `?1`.
macro_rules! number {
    () => {
        "(SELECT number FROM users WHERE id = ?1)"
    };
}
pub(super) use number;

pub(super) fn blob(id: Uuid) -> [u8; 16] {
    id.into_bytes()
}

pub(super) fn id(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get::<_, [u8; 16]>(column).map(Uuid::from_bytes)
}

pub(super) fn instant(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp::from_micros)
}

pub(super) fn optional_id(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Uuid>> {
    Ok(row.get::<_, Option<[u8; 16]>>(column)?.map(Uuid::from_bytes))
}

pub(super) fn optional_instant(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_micros))
}

pub(super) fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: UserId::from_uuid(id(row, 0)?),
        username: row.get(1)?,
        email: row.get(2)?,
        created_at: instant(row, 3)?,
        locked_at: optional_instant(row, 4)?,
        version: row.get(5)?,
    })
}

pub(super) fn session(row: &Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: SessionId::from_uuid(id(row, 0)?),
        created_at: instant(row, 1)?,
        last_used_at: instant(row, 2)?,
        expires_at: instant(row, 3)?,
        address: row.get(4)?,
        user_agent: row.get(5)?,
    })
}

pub(super) fn event(row: &Row<'_>) -> rusqlite::Result<AuditEvent> {
    Ok(AuditEvent {
        id: EventId::from_uuid(id(row, 0)?),
        at: instant(row, 1)?,
        event: row.get(2)?,
        actor: row.get(3)?,
        user: UserId::from_uuid(id(row, 4)?),
        session: optional_id(row, 5)?.map(SessionId::from_uuid),
        address: row.get(6)?,
        request_id: row.get(7)?,
    })
}

/// The living session, its user and her document: the one judgement that every request of a session
/// goes through.
pub(super) fn living(c: &Connection, key: &SessionKey) -> rusqlite::Result<Option<SessionData>> {
    let now = clock();
    c.prepare_cached(LIVING)?
        .query_row(
            params![blob(key.id.uuid()), key.secret_hash, blob(key.user.uuid()), now.micros()],
            |row| {
                let user = user(row)?;
                let version = Version { document: row.get(9)?, user: user.version };
                let expiry = Expiry { expires_at: instant(row, 6)?, live_until: instant(row, 7)? };
                Ok(SessionData { now, expiry, user, body: row.get(8)?, version })
            },
        )
        .optional()
}

/// The owner is given by her number.
pub(super) fn insert_session(
    c: &Connection,
    user: i64,
    epoch: i64,
    new: &NewSession,
) -> rusqlite::Result<usize> {
    c.prepare_cached(
        "INSERT INTO sessions (id, user, epoch, secret_hash, created_at, last_used_at, live_until,
                               expires_at, address, user_agent)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO NOTHING",
    )?
    .execute(params![
        blob(new.id.uuid()),
        user,
        epoch,
        new.secret_hash,
        new.created_at.micros(),
        new.expiry.live_until.micros(),
        new.expiry.expires_at.micros(),
        new.address,
        new.user_agent,
    ])
}

pub(super) fn note(
    c: &Connection,
    user: UserId,
    session: Option<SessionId>,
    trail: &Trail,
) -> rusqlite::Result<usize> {
    c.prepare_cached(
        "INSERT INTO audit_events (id, at, event, actor, user_id, session_id, address, request_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING",
    )?
    .execute(params![
        blob(trail.id.uuid()),
        clock().micros(),
        trail.event.name(),
        trail.actor.name(),
        blob(user.uuid()),
        session.map(|id| blob(id.uuid())),
        trail.address,
        trail.request_id,
    ])
}
