//! What applications are told when a session ends. The trigger `session_ended` writes it (migration 0009), by whatever
//! statement the session ends; here it is taken, and ends.

use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};
use tokenhouse_rules::id::{CodeId, LogoutId, SessionId, UserId};
use uuid::Uuid;

use super::rows::{self, blob};
use super::{Sqlite, clock, session};
use crate::{Ended, Logout, LogoutFailed, Logouts, Result, SessionEnd, SessionKey, Target, Trail};

const DUE: &str = "SELECT id, lease_id IS NOT NULL FROM logouts
    WHERE due_at <= ?1 AND (lease_until IS NULL OR lease_until <= ?1)
    ORDER BY due_at, id LIMIT ?2";

const TAKE: &str = "UPDATE logouts SET lease_id = ?2, lease_until = ?3, attempts = attempts + 1
    WHERE id = ?1
    RETURNING id, client_id, (SELECT c.settings FROM clients c WHERE c.id = client_id),
              session_id, user_id, created_at, attempts";

#[async_trait]
impl Logouts for Sqlite {
    async fn end_session(&self, session: &SessionKey, trail: Trail) -> Result<SessionEnd> {
        let session = *session;
        self.write(move |c| {
            let fronted = fronted(c, session.id)?;
            let ended = session::end(c, &session, Target::This, &trail)?;
            let fronted = if ended == Ended::Done { fronted } else { Vec::new() };
            Ok(SessionEnd { ended, fronted })
        })
        .await
    }

    async fn claim_logouts(
        &self,
        holder: Uuid,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<Logout>> {
        if !self.read(is_due)? {
            return Ok(Vec::new());
        }
        self.write(move |c| claim(c, holder, lease, limit)).await
    }

    async fn logout_told(&self, id: LogoutId, holder: Uuid) -> Result<bool> {
        self.write(move |c| remove(c, id, holder)).await
    }

    async fn logout_failed(&self, failed: LogoutFailed) -> Result<bool> {
        self.write(move |c| give_back(c, &failed)).await
    }
}

/// Remembers which application a session led to, by a code that was just redeemed, where the application wants to be
/// told.
pub(super) fn remember(c: &Connection, code: CodeId) -> rusqlite::Result<usize> {
    c.prepare_cached(
        "INSERT INTO session_clients (session_id, client_id, user_id)
         SELECT k.session_id, k.client_id, u.id
         FROM codes k JOIN users u ON u.number = k.user JOIN clients c ON c.id = k.client_id
         WHERE k.id = ?1 AND coalesce(json_extract(c.settings, '$.backchannel_logout_uri'),
                                      json_extract(c.settings, '$.frontchannel_logout_uri')) IS NOT NULL
         ON CONFLICT (session_id, client_id) DO NOTHING",
    )?
    .execute([blob(code.uuid())])
}

fn fronted(c: &Connection, session: SessionId) -> rusqlite::Result<Vec<String>> {
    c.prepare_cached(
        "SELECT c.settings FROM session_clients t JOIN clients c ON c.id = t.client_id
         WHERE t.session_id = ?1 AND json_extract(c.settings, '$.frontchannel_logout_uri') IS NOT NULL
         ORDER BY c.id",
    )?
    .query_map([blob(session.uuid())], |row| row.get(0))?
    .collect()
}

fn is_due(c: &Connection) -> rusqlite::Result<bool> {
    c.prepare_cached(DUE)?.exists(params![clock().micros(), 1])
}

fn claim(
    c: &Connection,
    holder: Uuid,
    lease: Duration,
    limit: u32,
) -> rusqlite::Result<Vec<Logout>> {
    let now = clock();
    let due = c
        .prepare_cached(DUE)?
        .query_map(params![now.micros(), limit], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<([u8; 16], bool)>>>()?;
    let mut take = c.prepare_cached(TAKE)?;
    let until = now.plus(lease).micros();
    due.into_iter()
        .map(|(id, is_retaken)| {
            let taken = take.query_row(params![id, blob(holder), until], logout)?;
            Ok(Logout { is_retaken, ..taken })
        })
        .collect()
}

fn remove(c: &Connection, id: LogoutId, holder: Uuid) -> rusqlite::Result<bool> {
    c.prepare_cached("DELETE FROM logouts WHERE id = ?1 AND lease_id = ?2")?
        .execute(params![blob(id.uuid()), blob(holder)])
        .map(|rows| rows > 0)
}

fn give_back(c: &Connection, failed: &LogoutFailed) -> rusqlite::Result<bool> {
    let (id, holder) = (blob(failed.id.uuid()), blob(failed.holder));
    if let Some(again) = failed.again {
        let due = clock().plus(again).micros();
        return c
            .prepare_cached(
                "UPDATE logouts SET lease_id = NULL, lease_until = NULL, due_at = ?3
                 WHERE id = ?1 AND lease_id = ?2",
            )?
            .execute(params![id, holder, due])
            .map(|rows| rows > 0);
    }
    let mut lost = c.prepare_cached(
        "DELETE FROM logouts WHERE id = ?1 AND lease_id = ?2 RETURNING user_id, session_id",
    )?;
    let whose = lost
        .query_map(params![id, holder], |row| Ok((rows::id(row, 0)?, rows::id(row, 1)?)))?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    for (user, session) in &whose {
        let session = Some(SessionId::from_uuid(*session));
        rows::note(c, UserId::from_uuid(*user), session, &failed.trail)?;
    }
    Ok(!whose.is_empty())
}

fn logout(row: &Row<'_>) -> rusqlite::Result<Logout> {
    Ok(Logout {
        id: LogoutId::from_uuid(rows::id(row, 0)?),
        client: row.get(1)?,
        settings: row.get(2)?,
        session: SessionId::from_uuid(rows::id(row, 3)?),
        user: UserId::from_uuid(rows::id(row, 4)?),
        created_at: rows::instant(row, 5)?,
        attempts: row.get(6)?,
        is_retaken: false,
    })
}
