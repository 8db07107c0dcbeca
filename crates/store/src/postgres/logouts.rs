//! What applications are told when a session ends. The trigger `session_ended` writes it (migration 0009), by whatever
//! statement the session ends; here it is taken, and ends.

use std::time::Duration;

use async_trait::async_trait;
use tokenhouse_rules::id::{LogoutId, SessionId, UserId};
use tokio_postgres::Row;
use uuid::Uuid;

use super::Postgres;
use super::parts::{self, noted};
use super::rows::{self, living, value};
use crate::{Ended, Logout, LogoutFailed, Logouts, Result, SessionEnd, SessionKey, Trail};

/// Remembers which application a session led to, as the parts `seated` and `led`, where the code that was `used` is
/// one of a client that wants to be told. Who ends the session at this moment waits for this; or this waits, finds it
/// gone, and has the application told of it itself (`late`).
macro_rules! led {
    () => {
        "seated AS MATERIALIZED (
            SELECT s.id, k.client_id, k.user_id
            FROM used k JOIN clients c ON c.id = k.client_id JOIN sessions s ON s.id = k.session_id
            WHERE coalesce(c.settings::json ->> 'backchannel_logout_uri',
                           c.settings::json ->> 'frontchannel_logout_uri') IS NOT NULL
            FOR KEY SHARE OF s),
         led AS (
            INSERT INTO session_clients (session_id, client_id, user_id)
            SELECT id, client_id, user_id FROM seated ON CONFLICT DO NOTHING),
         late AS (
            INSERT INTO logouts (id, client_id, session_id, user_id, created_at, due_at)
            SELECT gen_random_uuid(), k.client_id, k.session_id, k.user_id, now(), now()
            FROM used k JOIN clients c ON c.id = k.client_id
            WHERE c.settings::json ->> 'backchannel_logout_uri' IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM seated))"
    };
}
pub(super) use led;

/// The applications are those of the snapshot: the trigger forgets them with the session.
const END: &str = concat!(
    "WITH ",
    living!(),
    ",
     ended AS (
        DELETE FROM sessions s USING living l
        WHERE s.id = $1::uuid AND s.user_id = l.id AND s.live_until > now()
        RETURNING s.id, s.user_id),",
    noted!("$4", "user_id", "id", "ended"),
    " SELECT EXISTS (SELECT 1 FROM living), EXISTS (SELECT 1 FROM ended), ARRAY(
        SELECT c.settings FROM ended e JOIN session_clients t ON t.session_id = e.id
        JOIN clients c ON c.id = t.client_id
        WHERE c.settings::json ->> 'frontchannel_logout_uri' IS NOT NULL ORDER BY c.id)"
);

/// Those that others are taking at this moment are left to them.
const CLAIM: &str = "
    WITH due AS MATERIALIZED (
        SELECT id, lease_id IS NOT NULL AS is_retaken FROM logouts
        WHERE due_at <= now() AND (lease_until IS NULL OR lease_until <= now())
        ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
    UPDATE logouts t SET lease_id = $1, lease_until = now() + $2::float8 * interval '1 second',
                         attempts = t.attempts + 1
    FROM due WHERE t.id = due.id
    RETURNING t.id, t.client_id, (SELECT c.settings FROM clients c WHERE c.id = t.client_id),
              t.session_id, t.user_id, t.created_at, t.attempts, due.is_retaken";

const GIVE_UP: &str = concat!(
    "WITH lost AS (
        DELETE FROM logouts WHERE id = $1 AND lease_id = $2 RETURNING user_id, session_id),",
    noted!("$3", "user_id", "session_id", "lost"),
    " SELECT EXISTS (SELECT 1 FROM lost)"
);

#[async_trait]
impl Logouts for Postgres {
    async fn end_session(&self, session: &SessionKey, trail: Trail) -> Result<SessionEnd> {
        let hash: &[u8] = &session.secret_hash;
        let (id, user) = (session.id.uuid(), session.user.uuid());
        let row = self.db.tell_one(END, &[&id, &hash, &user, &parts::trail(&trail)]).await?;
        let ended = match (value(&row, 0)?, value(&row, 1)?) {
            (true, true) => Ended::Done,
            (true, false) => Ended::NoSuch,
            (false, _) => Ended::NoSession,
        };
        Ok(SessionEnd { ended, fronted: value(&row, 2)? })
    }

    async fn claim_logouts(
        &self,
        holder: Uuid,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<Logout>> {
        let found =
            self.db.tell(CLAIM, &[&holder, &lease.as_secs_f64(), &i64::from(limit)]).await?;
        let mut logouts = found.iter().map(logout).collect::<Result<Vec<_>>>()?;
        logouts.sort_by_key(|logout| (logout.created_at, logout.id));
        Ok(logouts)
    }

    async fn logout_told(&self, id: LogoutId, holder: Uuid) -> Result<bool> {
        let sql = "DELETE FROM logouts WHERE id = $1 AND lease_id = $2 RETURNING id";
        let found = self.db.tell_again(sql, &[&id.uuid(), &holder]).await?;
        Ok(!found.is_empty())
    }

    async fn logout_failed(&self, failed: LogoutFailed) -> Result<bool> {
        let (id, holder) = (failed.id.uuid(), failed.holder);
        let Some(again) = failed.again else {
            let trail = parts::trail(&failed.trail);
            return value(&self.db.tell_one(GIVE_UP, &[&id, &holder, &trail]).await?, 0);
        };
        let sql = "UPDATE logouts SET lease_id = NULL, lease_until = NULL,
                          due_at = now() + $3::float8 * interval '1 second'
                   WHERE id = $1 AND lease_id = $2 RETURNING id";
        let found = self.db.tell(sql, &[&id, &holder, &again.as_secs_f64()]).await?;
        Ok(!found.is_empty())
    }
}

fn logout(row: &Row) -> Result<Logout> {
    Ok(Logout {
        id: LogoutId::from_uuid(value(row, 0)?),
        client: value(row, 1)?,
        settings: value(row, 2)?,
        session: SessionId::from_uuid(value(row, 3)?),
        user: UserId::from_uuid(value(row, 4)?),
        created_at: rows::instant(row, 5)?,
        attempts: value(row, 6)?,
        is_retaken: value(row, 7)?,
    })
}
