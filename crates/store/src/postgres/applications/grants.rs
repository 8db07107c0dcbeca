//! What tokens name: grants, refreshed, asked about and ended, and tokens that are good once or no more.

use std::time::SystemTime;

use tokenhouse_rules::id::GrantId;
use tokenhouse_rules::oauth::refresh_token::Sealer;
use tokenhouse_rules::time::Timestamp;

use super::rows::{self, AFTER_GRANT, CLIENT, alive, grant_columns, grants, secrets_of};
use crate::postgres::connection::Database;
use crate::postgres::parts::{self, noted};
use crate::postgres::rows::value;
use crate::{Done, Error, Refresh, Refreshed, Result, Shown, Trail};

/// Of several who turn one generation at once the first gets the lock; the others wait, and find the next one
/// made a moment ago. Session and person are judged as they were when the statement began: a token that is
/// given while they end is worth nothing once they have ended. The token of a client that keeps the profile fapi2 is
/// not turned: it stays the one that there is (FAPI 2.0 §5.3.2.1).
///
/// That a token comes again is only told here. Ending the grant is another statement, of who is still there to send it:
/// what a process sent before it was killed may be carried out long after its client, who asked another one, has come
/// two tokens further.
const REFRESH: &str = concat!(
    "WITH shown AS MATERIALIZED (
        SELECT c.id, coalesce((c.settings::json ->> 'refresh_idle')::float8, $6::float8) AS idle,
               CASE WHEN strpos(c.settings, '\"security_profile\":\"fapi2\"') > 0 THEN 0 ELSE 1 END AS step
        FROM clients c
        WHERE c.id = $3::text AND c.disabled_at IS NULL
          AND ($4::bytea IS NULL OR EXISTS (
            SELECT 1 FROM client_secrets x WHERE x.client_id = c.id AND x.hash = $4::bytea
                AND (x.expires_at IS NULL OR x.expires_at > now())))
          AND (NOT $7::boolean OR c.settings::json ->> 'authentication' = 'none')),
     held AS MATERIALIZED (
        SELECT g.id, g.user_id, g.session_id, g.authorized, g.generation, g.sealed_by, g.live_until,
               g.expires_at,
               shown.idle, shown.step,
               CASE WHEN g.generation = $2::bigint THEN 'turn'
                    WHEN g.generation - 1 = $2::bigint
                        AND g.rotated_at + $5::float8 * interval '1 second' > now() THEN 'same'
                    WHEN g.generation > $2::bigint THEN 'replayed'
                    ELSE 'gone' END AS verdict
        FROM ",
    grants!(),
    " JOIN shown ON shown.id = g.client_id WHERE g.id = $1::uuid AND ",
    alive!(),
    " FOR NO KEY UPDATE OF g),
     turned AS (
        UPDATE grants g
        SET generation = g.generation + h.step, rotated_at = now(), last_used_at = now(),
            sealed_by = $8::bytea, live_until = least(g.expires_at, now() + h.idle * interval '1 second')
        FROM held h WHERE g.id = h.id AND h.verdict = 'turn'
        RETURNING g.id, g.generation, g.sealed_by, g.live_until)
     SELECT ",
    grant_columns!(),
    ", g.verdict, g.generation, g.sealed_by
     FROM (SELECT 1) one LEFT JOIN shown ON true LEFT JOIN clients c ON c.id = shown.id",
    secrets_of!(),
    " LEFT JOIN (
        SELECT h.id, h.user_id, h.session_id, h.authorized, h.expires_at, h.verdict,
               coalesce(t.generation, h.generation) AS generation,
               coalesce(t.sealed_by, h.sealed_by) AS sealed_by,
               coalesce(t.live_until, h.live_until) AS live_until
        FROM held h LEFT JOIN turned t ON t.id = h.id) g ON true
     LEFT JOIN users u ON u.id = g.user_id"
);

/// Whether the token of which this would be noted was not revoked.
macro_rules! is_good {
    ($revocation:literal) => {
        concat!(
            "NOT EXISTS (SELECT 1 FROM used_once o WHERE o.key = ",
            $revocation,
            "::bytea AND o.expires_at > now())"
        )
    };
}
pub(super) use is_good;

/// Ends a grant whose tokens have come further than to `$4`. From then on it is housekeeping's.
const END: &str = concat!(
    "WITH ended AS (
        UPDATE grants SET revoked_at = now(), live_until = now()
        WHERE id = $1::uuid AND client_id = $2::text AND revoked_at IS NULL AND live_until > now()
          AND generation > $4::bigint
        RETURNING user_id, session_id),",
    noted!("$3", "user_id", "session_id", "ended"),
    " SELECT EXISTS (SELECT 1 FROM ended)"
);

pub(super) async fn refresh(db: &Database, refresh: &Refresh) -> Result<Refreshed> {
    let (secret, by_name): (Option<&[u8]>, bool) = match &refresh.shown {
        Shown::Secret(hash) => (Some(hash), false),
        Shown::Name => (None, true),
        Shown::Judged => (None, false),
    };
    let found = db
        .tell_again(
            REFRESH,
            &[
                &refresh.grant.uuid(),
                &refresh.generation,
                &refresh.client,
                &secret,
                &refresh.window.as_secs_f64(),
                &refresh.idle.as_secs_f64(),
                &by_name,
                &refresh.sealer.0.as_slice(),
            ],
        )
        .await?;
    let Some(row) = found.first() else {
        return Err(Error::Corrupt("one row was expected".to_owned()));
    };
    if value::<Option<&str>>(row, CLIENT)?.is_none() {
        return Ok(Refreshed::NotTheClient);
    }
    match value::<Option<&str>>(row, AFTER_GRANT)? {
        None | Some("gone") => Ok(Refreshed::Gone),
        Some("replayed") => {
            let further_than = refresh.generation;
            end(db, (&refresh.client, refresh.grant), further_than, &refresh.replayed).await?;
            Ok(Refreshed::Replayed)
        }
        Some("turn" | "same") => Ok(Refreshed::Done {
            generation: value(row, AFTER_GRANT + 1)?,
            sealer: value::<Option<&[u8]>>(row, AFTER_GRANT + 2)?.map(sealer).transpose()?,
            facts: Box::new(rows::grant(row)?),
        }),
        Some(other) => Err(Error::Corrupt(format!("a refresh is {other}"))),
    }
}

fn sealer(stored: &[u8]) -> Result<Sealer> {
    let bytes = stored.try_into().map(Sealer);
    bytes.map_err(|_| Error::Corrupt("a root key is not named by four bytes".to_owned()))
}

/// A generation before the first: whatever its tokens have come to, the grant ends.
const ALL: i64 = -1;

pub(super) async fn revoke(
    db: &Database,
    client: &str,
    grant: GrantId,
    trail: &Trail,
) -> Result<Done> {
    end(db, (client, grant), ALL, trail).await
}

async fn end(
    db: &Database,
    (client, grant): (&str, GrantId),
    further_than: i64,
    trail: &Trail,
) -> Result<Done> {
    let trail = parts::trail(trail);
    let found = db.tell_again(END, &[&grant.uuid(), &client, &trail, &further_than]).await?;
    let changed = found.first().map_or(Ok(false), |row| value(row, 0))?;
    Ok(Done { changed })
}

/// Sent once: a repetition could not tell itself from somebody else. What has expired counts as deleted.
pub(super) async fn use_once(db: &Database, key: &[u8; 32], until: Timestamp) -> Result<bool> {
    let key: &[u8] = key;
    let found = db
        .tell(
            "INSERT INTO used_once AS o (key, expires_at) VALUES ($1, $2)
             ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at
             WHERE o.expires_at <= now() RETURNING key",
            &[&key, &SystemTime::from(until)],
        )
        .await?;
    Ok(!found.is_empty())
}
