//! By what applications' signatures are checked beside their settings.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use tokenhouse_rules::id::SecretId;

use super::rows::{blob, id, instant, optional_instant};
use super::{Sqlite, clock};
use crate::{ClaimFetch, ClientKeys, FetchedKeys, KeepKeys, KeyFacts, Result, SealedSecret};

#[async_trait]
impl ClientKeys for Sqlite {
    async fn sealed_secrets(&self, client: Option<&str>) -> Result<Vec<SealedSecret>> {
        self.read(|c| sealed(c, client))
    }

    async fn rewrap_client_secret(&self, id: SecretId, from: &[u8], to: &[u8]) -> Result<bool> {
        let (from, to) = (from.to_vec(), to.to_vec());
        self.write(move |c| {
            c.prepare_cached("UPDATE client_secrets SET sealed = ?3 WHERE id = ?1 AND sealed = ?2")?
                .execute(params![blob(id.uuid()), from, to])
                .map(|rows| rows > 0)
        })
        .await
    }

    async fn fetched_keys(&self, client: &str) -> Result<KeyFacts> {
        self.read(|c| Ok(KeyFacts { now: clock(), fetched: fetched(c, client)? }))
    }

    async fn claim_fetch(&self, claim: ClaimFetch) -> Result<bool> {
        self.write(move |c| begin(c, &claim)).await
    }

    async fn keep_keys(&self, kept: KeepKeys) -> Result<()> {
        self.write(move |c| keep(c, &kept)).await
    }
}

fn sealed(c: &Connection, client: Option<&str>) -> rusqlite::Result<Vec<SealedSecret>> {
    c.prepare_cached(
        "SELECT client_id, id, sealed FROM client_secrets
         WHERE sealed IS NOT NULL AND (?1 IS NULL OR client_id = ?1)
           AND (expires_at IS NULL OR expires_at > ?2)
         ORDER BY client_id, created_at DESC, id DESC",
    )?
    .query_map(params![client, clock().micros()], |row| {
        Ok(SealedSecret {
            client: row.get(0)?,
            id: SecretId::from_uuid(id(row, 1)?),
            sealed: row.get(2)?,
        })
    })?
    .collect()
}

fn fetched(c: &Connection, client: &str) -> rusqlite::Result<Option<FetchedKeys>> {
    c.prepare_cached(
        "SELECT address, keys, fetched_at, tried_at, busy_until FROM client_keys
         WHERE client_id = ?1",
    )?
    .query_row([client], |row| {
        Ok(FetchedKeys {
            address: row.get(0)?,
            keys: row.get::<_, Option<String>>(1)?.zip(optional_instant(row, 2)?),
            tried_at: instant(row, 3)?,
            busy_until: instant(row, 4)?,
        })
    })
    .optional()
}

fn begin(c: &Connection, claim: &ClaimFetch) -> rusqlite::Result<bool> {
    let now = clock();
    c.prepare_cached(
        "INSERT INTO client_keys AS k (client_id, address, tried_at, busy_until)
         SELECT id, ?2, ?3, ?5 FROM clients WHERE id = ?1 AND disabled_at IS NULL
         ON CONFLICT (client_id) DO UPDATE
         SET keys = iif(k.address = excluded.address, k.keys, NULL),
             fetched_at = iif(k.address = excluded.address, k.fetched_at, NULL),
             address = excluded.address, tried_at = excluded.tried_at,
             busy_until = excluded.busy_until
         WHERE k.tried_at <= ?4",
    )?
    .execute(params![
        claim.client,
        claim.address,
        now.micros(),
        now.minus(claim.pause).micros(),
        now.plus(claim.lease).micros(),
    ])
    .map(|rows| rows > 0)
}

fn keep(c: &Connection, kept: &KeepKeys) -> rusqlite::Result<()> {
    c.prepare_cached(
        "UPDATE client_keys
         SET keys = coalesce(?3, keys), fetched_at = iif(?3 IS NULL, fetched_at, ?4),
             busy_until = ?4
         WHERE client_id = ?1 AND address = ?2",
    )?
    .execute(params![kept.client, kept.address, kept.keys, clock().micros()])
    .map(drop)
}
