//! Between PostgreSQL's values and ours, and the SQL that several statements share.

use std::time::SystemTime;

use tokenhouse_rules::document::Version;
use tokenhouse_rules::id::{EventId, SessionId, UserId};
use tokenhouse_rules::session::Expiry;
use tokenhouse_rules::time::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;
use uuid::Uuid;

use crate::{AuditEvent, Error, Result, Session, SessionData, User};

/// The columns that [`user`] reads, from a table called `u`.
macro_rules! user_columns {
    () => {
        "u.id, u.username, u.email, u.created_at, u.locked_at, u.version"
    };
}
pub(super) use user_columns;

/// A living session (`$1` id, `$2` secret hash, `$3` user) with its user and her document, as the
/// `WITH` part `living`: the one judgement that every request of a session goes through. With `locked` it
/// is made of the rows as they are once they are locked.
macro_rules! living {
    () => {
        $crate::postgres::rows::living!(locked "")
    };
    (locked $lock:literal) => {
        concat!(
            "living AS MATERIALIZED (
                 SELECT u.id, u.username, u.email, u.created_at, u.locked_at, u.version, u.epoch,
                        s.expires_at, s.live_until
                 FROM sessions s JOIN users u ON u.id = s.user_id AND u.epoch = s.epoch
                 WHERE s.id = $1::uuid AND s.secret_hash = $2::bytea AND s.user_id = $3::uuid
                   AND s.live_until > now() AND u.locked_at IS NULL ",
            $lock,
            ")"
        )
    };
}
pub(super) use living;

pub(super) fn value<'a, T: FromSql<'a>>(row: &'a Row, column: usize) -> Result<T> {
    row.try_get(column).map_err(|error| Error::Corrupt(error.to_string()))
}

pub(super) fn instant(row: &Row, column: usize) -> Result<Timestamp> {
    value::<SystemTime>(row, column).map(Timestamp::from)
}

pub(super) fn optional_instant(row: &Row, column: usize) -> Result<Option<Timestamp>> {
    Ok(value::<Option<SystemTime>>(row, column)?.map(Timestamp::from))
}

pub(super) fn user(row: &Row) -> Result<User> {
    Ok(User {
        id: UserId::from_uuid(value(row, 0)?),
        username: value(row, 1)?,
        email: value(row, 2)?,
        created_at: instant(row, 3)?,
        locked_at: optional_instant(row, 4)?,
        version: value(row, 5)?,
    })
}

/// Reads [`user_columns`], then expiry, end of life, document, its version and the server's time.
pub(super) fn session_data(row: &Row) -> Result<SessionData> {
    let user = user(row)?;
    let version = Version { document: value(row, 9)?, user: user.version };
    let expiry = Expiry { expires_at: instant(row, 6)?, live_until: instant(row, 7)? };
    Ok(SessionData { now: instant(row, 10)?, expiry, user, body: value(row, 8)?, version })
}

pub(super) fn session(row: &Row) -> Result<Session> {
    session_at(row, 0)
}

/// A session whose columns begin at `first`.
pub(super) fn session_at(row: &Row, first: usize) -> Result<Session> {
    Ok(Session {
        id: SessionId::from_uuid(value(row, first)?),
        created_at: instant(row, first + 1)?,
        last_used_at: instant(row, first + 2)?,
        expires_at: instant(row, first + 3)?,
        address: value(row, first + 4)?,
        user_agent: value(row, first + 5)?,
    })
}

pub(super) fn event(row: &Row) -> Result<AuditEvent> {
    event_at(row, 0)
}

/// An event whose columns begin at `first`.
pub(super) fn event_at(row: &Row, first: usize) -> Result<AuditEvent> {
    Ok(AuditEvent {
        id: EventId::from_uuid(value(row, first)?),
        at: instant(row, first + 1)?,
        event: value(row, first + 2)?,
        actor: value(row, first + 3)?,
        user: UserId::from_uuid(value(row, first + 4)?),
        session: value::<Option<Uuid>>(row, first + 5)?.map(SessionId::from_uuid),
        address: value(row, first + 6)?,
        request_id: value(row, first + 7)?,
    })
}
