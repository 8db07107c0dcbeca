//! The keys that sign tokens: kept by number, retired, sealed anew.

use std::time::Duration;

use rusqlite::{Connection, Row, params};
use tokenhouse_rules::time::Timestamp;

use crate::sqlite::clock;
use crate::sqlite::rows;
use crate::{NOBODY, NewSigningKey, SigningKey, Trail};

/// The time is read after the look: a key that somebody made in between signs already, and who took it for one that
/// does not yet would make another.
pub(super) fn all(c: &Connection) -> rusqlite::Result<(Timestamp, Vec<SigningKey>)> {
    let keys = c
        .prepare_cached(
            "SELECT id, algorithm, number, public_key, private_key, created_at, activate_at,
                    retire_at, remove_at
             FROM signing_keys WHERE remove_at > ?1 ORDER BY created_at, id",
        )?
        .query_map([clock().micros()], key)?
        .collect::<rusqlite::Result<_>>()?;
    Ok((clock(), keys))
}

fn key(row: &Row<'_>) -> rusqlite::Result<SigningKey> {
    Ok(SigningKey {
        id: row.get(0)?,
        algorithm: row.get(1)?,
        number: row.get(2)?,
        public_key: row.get(3)?,
        private_key: row.get(4)?,
        created_at: rows::instant(row, 5)?,
        activate_at: rows::instant(row, 6)?,
        retire_at: rows::instant(row, 7)?,
        remove_at: rows::instant(row, 8)?,
    })
}

/// A key that is to be removed is as good as removed: it keeps its number from nobody.
pub(super) fn add(
    c: &Connection,
    key: &NewSigningKey,
    trail: Option<&Trail>,
) -> rusqlite::Result<bool> {
    let now = clock();
    c.prepare_cached(
        "DELETE FROM signing_keys WHERE algorithm = ?1 AND number = ?2 AND remove_at <= ?3",
    )?
    .execute(params![key.algorithm, key.number, now.micros()])?;
    let added = c
        .prepare_cached(
            "INSERT INTO signing_keys (id, algorithm, number, public_key, private_key, created_at,
                                       activate_at, retire_at, remove_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            key.id,
            key.algorithm,
            key.number,
            key.public_key,
            key.private_key,
            now.micros(),
            now.plus(key.activate).micros(),
            now.plus(key.retire).micros(),
            now.plus(key.remove).micros(),
        ])?;
    if added > 0
        && let Some(trail) = trail
    {
        rows::note(c, NOBODY, None, trail)?;
    }
    Ok(added > 0)
}

pub(super) fn retire(
    c: &Connection,
    id: &str,
    kept: Duration,
    trail: &Trail,
) -> rusqlite::Result<bool> {
    let now = clock();
    let retired = c
        .prepare_cached(
            "UPDATE signing_keys SET retire_at = ?2, remove_at = ?3
             WHERE id = ?1 AND retire_at > ?2 AND EXISTS (
                SELECT 1 FROM signing_keys other
                WHERE other.algorithm = signing_keys.algorithm AND other.id <> ?1
                  AND other.activate_at <= ?2 AND other.retire_at > ?2)",
        )?
        .execute(params![id, now.micros(), now.plus(kept).micros()])?;
    if retired > 0 {
        rows::note(c, NOBODY, None, trail)?;
    }
    Ok(retired > 0)
}

pub(super) fn rewrap(c: &Connection, id: &str, from: &[u8], to: &[u8]) -> rusqlite::Result<bool> {
    c.prepare_cached("UPDATE signing_keys SET private_key = ?3 WHERE id = ?1 AND private_key = ?2")?
        .execute(params![id, from, to])
        .map(|rows| rows > 0)
}
