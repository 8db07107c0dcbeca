//! Clients, their secrets, and the hosts that they answer for.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use tokenhouse_rules::id::SecretId;

use super::rows::{self, CLIENT};
use crate::sqlite::clock;
use crate::sqlite::rows::{blob, note};
use crate::{Client, NOBODY, NewSecret, SaveClient, Saved, Trail};

pub(super) fn find(c: &Connection, id: &str) -> rusqlite::Result<Option<Client>> {
    c.prepare_cached(&format!(
        "SELECT {CLIENT} FROM clients c WHERE c.id = ?1 AND c.deleted_at IS NULL"
    ))?
    .query_row([id], |row| rows::client(c, row, 0))
    .optional()
}

pub(super) fn list(
    c: &Connection,
    after: Option<&str>,
    limit: u32,
) -> rusqlite::Result<Vec<Client>> {
    c.prepare_cached(&format!(
        "SELECT {CLIENT} FROM clients c
         WHERE c.id > ?1 AND c.deleted_at IS NULL ORDER BY c.id LIMIT ?2"
    ))?
    .query_map(params![after.unwrap_or_default(), limit], |row| rows::client(c, row, 0))?
    .collect()
}

/// Whether there is such a client, and it is not disabled.
pub(super) fn is_usable(c: &Connection, id: &str) -> rusqlite::Result<bool> {
    c.prepare_cached("SELECT 1 FROM clients WHERE id = ?1 AND disabled_at IS NULL")?.exists([id])
}

pub(super) fn save(c: &Connection, save: &SaveClient) -> rusqlite::Result<Saved> {
    let current: Option<i64> = c
        .prepare_cached("SELECT version FROM clients WHERE id = ?1")?
        .query_row([&save.id], |row| row.get(0))
        .optional()?;
    if current != save.version {
        return Ok(Saved::Conflict);
    }
    if let Some(host) = taken(c, save)? {
        return Ok(Saved::HostTaken(host));
    }
    let version = current.unwrap_or(0) + 1;
    write(c, save, version)?;
    if let (None, Some(secret)) = (current, &save.secret) {
        insert_secret(c, &save.id, secret)?;
    }
    note(c, NOBODY, None, &save.trail)?;
    Ok(Saved::Done(version))
}

/// The first of the hosts that another client answers for.
fn taken(c: &Connection, save: &SaveClient) -> rusqlite::Result<Option<String>> {
    let mut find =
        c.prepare_cached("SELECT 1 FROM client_hosts WHERE host = ?1 AND client_id <> ?2")?;
    for host in &save.hosts {
        if find.exists(params![host, save.id])? {
            return Ok(Some(host.clone()));
        }
    }
    Ok(None)
}

/// The client in that version, and its hosts.
fn write(c: &Connection, save: &SaveClient, version: i64) -> rusqlite::Result<()> {
    let now = clock().micros();
    c.prepare_cached(
        "INSERT INTO clients (id, settings, version, created_at, updated_at, disabled_at)
         VALUES (?1, ?2, ?3, ?4, ?4, ?5)
         ON CONFLICT (id) DO UPDATE SET settings = excluded.settings, version = excluded.version,
            updated_at = excluded.updated_at,
            disabled_at = iif(excluded.disabled_at IS NULL, NULL,
                              coalesce(clients.disabled_at, excluded.disabled_at))",
    )?
    .execute(params![save.id, save.settings, version, now, save.disabled.then_some(now)])?;
    // Who shows its secret from now on has no copy of it kept.
    c.prepare_cached(
        "UPDATE client_secrets SET sealed = NULL
         WHERE client_id = ?1 AND sealed IS NOT NULL AND instr(?2, '\"client_secret_jwt\"') = 0",
    )?
    .execute(params![save.id, save.settings])?;
    c.prepare_cached("DELETE FROM client_hosts WHERE client_id = ?1")?.execute([&save.id])?;
    for host in &save.hosts {
        c.prepare_cached(
            "INSERT INTO client_hosts (host, client_id) VALUES (?1, ?2) ON CONFLICT DO NOTHING",
        )?
        .execute(params![host, save.id])?;
    }
    Ok(())
}

pub(super) fn insert_secret(
    c: &Connection,
    client: &str,
    secret: &NewSecret,
) -> rusqlite::Result<usize> {
    c.prepare_cached(
        "INSERT INTO client_secrets (id, client_id, hash, created_at, sealed)
         VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO NOTHING",
    )?
    .execute(params![
        blob(secret.id.uuid()),
        client,
        secret.hash,
        clock().micros(),
        secret.sealed,
    ])
}

/// Repeated, it shortens no life of the secret that it made.
pub(super) fn add_secret(
    c: &Connection,
    id: &str,
    secret: &NewSecret,
    overlap: Duration,
    trail: &Trail,
) -> rusqlite::Result<bool> {
    if !c
        .prepare_cached("SELECT 1 FROM clients WHERE id = ?1 AND deleted_at IS NULL")?
        .exists([id])?
    {
        return Ok(false);
    }
    c.prepare_cached(
        "UPDATE client_secrets SET expires_at = min(coalesce(expires_at, ?3), ?3)
         WHERE client_id = ?1 AND id <> ?2",
    )?
    .execute(params![id, blob(secret.id.uuid()), clock().plus(overlap).micros()])?;
    insert_secret(c, id, secret)?;
    note(c, NOBODY, None, trail)?;
    Ok(true)
}

pub(super) fn delete_secret(
    c: &Connection,
    id: &str,
    secret: SecretId,
    trail: &Trail,
) -> rusqlite::Result<bool> {
    let deleted = c
        .prepare_cached("DELETE FROM client_secrets WHERE client_id = ?1 AND id = ?2")?
        .execute(params![id, blob(secret.uuid())])?;
    if deleted > 0 {
        note(c, NOBODY, None, trail)?;
    }
    Ok(deleted > 0)
}
