//! The hot read: a living session with its user and her document, many in one statement.
//!
//! The database gives the rows of all sessions that are asked for and alive; whether a row belongs to
//! the token that asked (its user, the digest of its secret) is compared here, in constant time.

use tokenhouse_rules::token;
use tokio_postgres::Row;
use uuid::Uuid;

use super::batch::Kind;
use super::connection::Database;
use super::rows::{self, user_columns, value};
use crate::{Result, SessionData, SessionKey};

const READ: &str = concat!(
    "SELECT ",
    user_columns!(),
    ", s.expires_at, s.live_until, u.document, u.document_version, now(), s.id, s.secret_hash
     FROM sessions s JOIN users u ON u.id = s.user_id AND u.epoch = s.epoch
     WHERE s.id = ANY($1) AND s.live_until > now() AND u.locked_at IS NULL"
);

/// Reads by the connections that are kept for them.
pub(super) struct Reads(pub(super) Database);

impl Kind for Reads {
    type Question = SessionKey;
    type Answer = Option<SessionData>;

    async fn send(&self, keys: &[SessionKey]) -> Result<Vec<Result<Option<SessionData>>>> {
        let living = living(&self.0, keys).await?;
        Ok(keys.iter().map(|key| of(key, &living)).collect())
    }
}

/// The rows of those that are alive, by session.
async fn living(db: &Database, keys: &[SessionKey]) -> Result<Vec<(Uuid, Row)>> {
    let ids: Vec<Uuid> = keys.iter().map(|key| key.id.uuid()).collect();
    let mut living = Vec::with_capacity(keys.len());
    for row in db.ask(READ, &[&ids]).await? {
        living.push((value::<Uuid>(&row, 11)?, row));
    }
    living.sort_unstable_by_key(|(id, _)| *id);
    Ok(living)
}

fn of(key: &SessionKey, living: &[(Uuid, Row)]) -> Result<Option<SessionData>> {
    let Ok(place) = living.binary_search_by_key(&key.id.uuid(), |(id, _)| *id) else {
        return Ok(None);
    };
    let row = &living[place].1;
    let belongs = value::<Uuid>(row, 0)? == key.user.uuid()
        && token::is_same_hash(value(row, 12)?, &key.secret_hash);
    belongs.then(|| rows::session_data(row)).transpose()
}
