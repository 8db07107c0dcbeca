//! Signing keys. Which of them signs is a function of their instants, decided in `rules`; here they are kept,
//! of one algorithm one for each number, and one that signs no more is never the last.

use std::time::Duration;

use tokenhouse_rules::time::Timestamp;
use tokio_postgres::Row;

use crate::postgres::connection::Database;
use crate::postgres::parts::{self, noted};
use crate::postgres::rows::{self, value};
use crate::{Error, NOBODY, NewSigningKey, Result, SigningKey, Trail};

/// The time is that of the look and not of the statement's beginning: a key that somebody made in between signs
/// already, and who took it for one that does not yet would make another.
const LIST: &str = "
    SELECT clock_timestamp(), k.id, k.algorithm, k.number, k.public_key, k.private_key, k.created_at, k.activate_at,
           k.retire_at, k.remove_at
    FROM (SELECT 1) one LEFT JOIN signing_keys k ON k.remove_at > now()
    ORDER BY k.created_at, k.algorithm, k.number";

/// Of processes that make a key of one number at once one is heard. A key that should be gone is in nobody's way.
const ADD: &str = concat!(
    "WITH added AS (
        INSERT INTO signing_keys AS k (id, algorithm, number, public_key, private_key, created_at,
                                       activate_at, retire_at, remove_at)
        VALUES ($1::text, $2::text, $3::bigint, $4::text, $5::bytea, now(),
                now() + $6::float8 * interval '1 second', now() + $7::float8 * interval '1 second',
                now() + $8::float8 * interval '1 second')
        ON CONFLICT (algorithm, number) DO UPDATE SET
            id = excluded.id, public_key = excluded.public_key, private_key = excluded.private_key,
            created_at = excluded.created_at, activate_at = excluded.activate_at,
            retire_at = excluded.retire_at, remove_at = excluded.remove_at
        WHERE k.remove_at <= now()
        RETURNING id),",
    noted!("$9", "$10::uuid", "NULL::uuid", "added WHERE ($9::text[])[1] IS NOT NULL"),
    " SELECT EXISTS (SELECT 1 FROM added)
        OR EXISTS (SELECT 1 FROM signing_keys WHERE id = $1::text AND remove_at > now())"
);

/// All keys of the algorithm are locked before one is judged by the others. Whoever waited for that began
/// before the one waited for ended, so `now()` may be earlier than what is found then; the clock is not.
const RETIRE: &str = concat!(
    "WITH kin AS MATERIALIZED (
        SELECT id, activate_at, retire_at FROM signing_keys
        WHERE algorithm = (SELECT algorithm FROM signing_keys WHERE id = $1::text)
        ORDER BY id FOR NO KEY UPDATE),
     retired AS (
        UPDATE signing_keys k
        SET retire_at = now(), remove_at = now() + $2::float8 * interval '1 second'
        WHERE k.id = (SELECT id FROM kin WHERE id = $1::text AND retire_at > clock_timestamp())
          AND EXISTS (
            SELECT 1 FROM kin
            WHERE id <> $1::text AND activate_at <= now() AND retire_at > clock_timestamp())
        RETURNING k.id),",
    noted!("$3", "$4::uuid", "NULL::uuid", "retired"),
    " SELECT EXISTS (SELECT 1 FROM retired)"
);

pub(super) async fn list(db: &Database) -> Result<(Timestamp, Vec<SigningKey>)> {
    let found = db.ask(LIST, &[]).await?;
    let Some(first) = found.first() else {
        return Err(Error::Corrupt("one row was expected".to_owned()));
    };
    let now = rows::instant(first, 0)?;
    // Without a key there is one row all the same, with the time alone.
    if value::<Option<&str>>(first, 1)?.is_none() {
        return Ok((now, Vec::new()));
    }
    Ok((now, found.iter().map(key).collect::<Result<_>>()?))
}

fn key(row: &Row) -> Result<SigningKey> {
    Ok(SigningKey {
        id: value(row, 1)?,
        algorithm: value(row, 2)?,
        number: value(row, 3)?,
        public_key: value(row, 4)?,
        private_key: value(row, 5)?,
        created_at: rows::instant(row, 6)?,
        activate_at: rows::instant(row, 7)?,
        retire_at: rows::instant(row, 8)?,
        remove_at: rows::instant(row, 9)?,
    })
}

pub(super) async fn add(db: &Database, key: &NewSigningKey, trail: Option<&Trail>) -> Result<bool> {
    let found = db
        .tell_again(
            ADD,
            &[
                &key.id,
                &key.algorithm,
                &key.number,
                &key.public_key,
                &key.private_key.as_slice(),
                &key.activate.as_secs_f64(),
                &key.retire.as_secs_f64(),
                &key.remove.as_secs_f64(),
                &trail.map_or_else(Vec::new, parts::trail),
                &NOBODY.uuid(),
            ],
        )
        .await?;
    found.first().map_or(Ok(false), |row| value(row, 0))
}

pub(super) async fn retire(db: &Database, id: &str, kept: Duration, trail: &Trail) -> Result<bool> {
    let row = db
        .tell_one(RETIRE, &[&id, &kept.as_secs_f64(), &parts::trail(trail), &NOBODY.uuid()])
        .await?;
    value(&row, 0)
}

pub(super) async fn rewrap(db: &Database, id: &str, from: &[u8], to: &[u8]) -> Result<bool> {
    let found = db
        .tell_again(
            "UPDATE signing_keys SET private_key = $3
             WHERE id = $1 AND private_key IN ($2, $3) RETURNING id",
            &[&id, &from, &to],
        )
        .await?;
    Ok(!found.is_empty())
}
