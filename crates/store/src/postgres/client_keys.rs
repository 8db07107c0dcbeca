//! By what applications' signatures are checked beside their settings.

use std::time::SystemTime;

use async_trait::async_trait;
use tokenhouse_rules::id::SecretId;
use tokenhouse_rules::time::Timestamp;
use tokio_postgres::Row;
use uuid::Uuid;

use super::Postgres;
use super::rows::{instant, value};
use crate::{ClaimFetch, ClientKeys, Error, FetchedKeys, KeepKeys, KeyFacts, Result, SealedSecret};

const SEALED: &str = "
    SELECT client_id, id, sealed FROM client_secrets
    WHERE sealed IS NOT NULL AND ($1::text IS NULL OR client_id = $1::text)
      AND (expires_at IS NULL OR expires_at > now())
    ORDER BY client_id, created_at DESC, id DESC";

const REWRAP: &str = "
    UPDATE client_secrets SET sealed = $3::bytea
    WHERE id = $1::uuid AND sealed IN ($2::bytea, $3::bytea) RETURNING id";

const FETCHED: &str = "
    SELECT now(), k.address, k.keys, k.fetched_at, k.tried_at, k.busy_until
    FROM (SELECT 1) AS one LEFT JOIN client_keys k ON k.client_id = $1::text";

/// Who comes while another claims it waits, and finds it claimed.
const CLAIM: &str = "
    INSERT INTO client_keys AS k (client_id, address, tried_at, busy_until)
    SELECT c.id, $2::text, now(), now() + $4::float8 * interval '1 second'
    FROM clients c WHERE c.id = $1::text AND c.disabled_at IS NULL
    ON CONFLICT (client_id) DO UPDATE
    SET keys = CASE WHEN k.address = excluded.address THEN k.keys END,
        fetched_at = CASE WHEN k.address = excluded.address THEN k.fetched_at END,
        address = excluded.address, tried_at = excluded.tried_at, busy_until = excluded.busy_until
    WHERE k.tried_at <= now() - $3::float8 * interval '1 second'
    RETURNING k.client_id";

const KEEP: &str = "
    UPDATE client_keys
    SET keys = coalesce($3::text, keys), busy_until = now(),
        fetched_at = CASE WHEN $3::text IS NULL THEN fetched_at ELSE now() END
    WHERE client_id = $1::text AND address = $2::text";

#[async_trait]
impl ClientKeys for Postgres {
    async fn sealed_secrets(&self, client: Option<&str>) -> Result<Vec<SealedSecret>> {
        self.db.ask(SEALED, &[&client]).await?.iter().map(sealed).collect()
    }

    async fn rewrap_client_secret(&self, id: SecretId, from: &[u8], to: &[u8]) -> Result<bool> {
        let found = self.db.tell_again(REWRAP, &[&id.uuid(), &from, &to]).await?;
        Ok(!found.is_empty())
    }

    async fn fetched_keys(&self, client: &str) -> Result<KeyFacts> {
        let row = self.db.ask_one(FETCHED, &[&client]).await?;
        Ok(KeyFacts { now: instant(&row, 0)?, fetched: fetched(&row)? })
    }

    async fn claim_fetch(&self, claim: ClaimFetch) -> Result<bool> {
        let found = self
            .db
            .tell(
                CLAIM,
                &[
                    &claim.client,
                    &claim.address,
                    &claim.pause.as_secs_f64(),
                    &claim.lease.as_secs_f64(),
                ],
            )
            .await?;
        Ok(!found.is_empty())
    }

    async fn keep_keys(&self, kept: KeepKeys) -> Result<()> {
        let told = self.db.tell_again(KEEP, &[&kept.client, &kept.address, &kept.keys]).await;
        told.map(drop)
    }
}

fn sealed(row: &Row) -> Result<SealedSecret> {
    Ok(SealedSecret {
        client: value(row, 0)?,
        id: SecretId::from_uuid(value::<Uuid>(row, 1)?),
        sealed: value(row, 2)?,
    })
}

/// The columns of [`FETCHED`] after the time.
fn fetched(row: &Row) -> Result<Option<FetchedKeys>> {
    let Some(address) = value(row, 1)? else { return Ok(None) };
    let fetched_at = value::<Option<SystemTime>>(row, 3)?.map(Timestamp::from);
    let keys = match (value(row, 2)?, fetched_at) {
        (Some(keys), Some(at)) => Some((keys, at)),
        (None, None) => None,
        _ => return Err(Error::Corrupt("keys that were fetched at no time".to_owned())),
    };
    let (tried_at, busy_until) = (instant(row, 4)?, instant(row, 5)?);
    Ok(Some(FetchedKeys { address, keys, tried_at, busy_until }))
}
