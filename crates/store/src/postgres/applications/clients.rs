//! Clients, their secrets, and the hosts they answer for.

use std::time::Duration;

use tokenhouse_rules::id::SecretId;
use tokio_postgres::Row;

use super::rows::{self, client_columns, secrets_of};
use crate::postgres::connection::Database;
use crate::postgres::parts::{self, noted};
use crate::postgres::register::is_unique_violation;
use crate::postgres::rows::value;
use crate::{Client, Error, NOBODY, NewSecret, Result, SaveClient, Saved, Trail};

/// How often a host may be taken and free again before saving is given up.
const ROUNDS: usize = 3;

const ONE: &str = concat!(
    "SELECT ",
    client_columns!(),
    " FROM clients c",
    secrets_of!(),
    " WHERE c.id = $1::text AND c.deleted_at IS NULL"
);

const LIST: &str = concat!(
    "SELECT ",
    client_columns!(),
    " FROM clients c",
    secrets_of!(),
    " WHERE c.id > $1::text AND c.deleted_at IS NULL ORDER BY c.id LIMIT $2::bigint"
);

/// Saves a client by the parts `$target`, which has a row where it may be, and `$saved`. A host that is taken
/// after this statement looked fails it whole. Who shows its secret from now on has no copy of it kept.
macro_rules! save {
    ($target:literal, $saved:literal) => {
        concat!(
            "WITH target AS MATERIALIZED (",
            $target,
            "),
             taken AS MATERIALIZED (
                SELECT h.host FROM client_hosts h
                WHERE h.host = ANY ($4::text[]) AND h.client_id <> $1::text ORDER BY h.host LIMIT 1),
             saved AS (",
            $saved,
            "),
             dropped AS (
                DELETE FROM client_hosts h USING saved s
                WHERE h.client_id = s.id AND h.host <> ALL ($4::text[])),
             hosted AS (
                INSERT INTO client_hosts (host, client_id)
                SELECT DISTINCT wanted.host, s.id FROM saved s, unnest($4::text[]) AS wanted (host)
                WHERE NOT EXISTS (SELECT 1 FROM client_hosts h WHERE h.host = wanted.host)
                ORDER BY wanted.host),
             opened AS (
                UPDATE client_secrets x SET sealed = NULL FROM saved s
                WHERE x.client_id = s.id AND x.sealed IS NOT NULL
                  AND strpos($2::text, '\"client_secret_jwt\"') = 0),",
            noted!("$5", "$6::uuid", "NULL::uuid", "saved"),
            ",
             secured AS (
                INSERT INTO client_secrets (id, client_id, hash, created_at, sealed)
                SELECT $7::uuid, s.id, $8::bytea, now(), $10::bytea FROM saved s
                WHERE $7::uuid IS NOT NULL AND s.version = 1)
             SELECT EXISTS (SELECT 1 FROM target), (SELECT host FROM taken),
                    (SELECT version FROM saved)"
        )
    };
}

const MAKE: &str = save!(
    "SELECT $1::text AS id WHERE $9::bigint IS NULL
        AND NOT EXISTS (SELECT 1 FROM clients WHERE id = $1::text)",
    "INSERT INTO clients (id, settings, created_at, updated_at, disabled_at)
     SELECT t.id, $2::text, now(), now(), CASE WHEN $3::boolean THEN now() END
     FROM target t WHERE NOT EXISTS (SELECT 1 FROM taken)
     ON CONFLICT (id) DO NOTHING RETURNING id, version"
);

const CHANGE: &str = save!(
    "SELECT id FROM clients WHERE id = $1::text AND version = $9::bigint FOR NO KEY UPDATE",
    "UPDATE clients c
     SET settings = $2::text, version = c.version + 1, updated_at = now(),
         disabled_at = CASE WHEN $3::boolean THEN coalesce(c.disabled_at, now()) END
     FROM target t WHERE c.id = t.id AND NOT EXISTS (SELECT 1 FROM taken)
     RETURNING c.id, c.version"
);

/// What there is ends in time, and what has an earlier end keeps it.
const ADD_SECRET: &str = concat!(
    "WITH owner AS MATERIALIZED (
        SELECT id FROM clients WHERE id = $1::text AND deleted_at IS NULL FOR NO KEY UPDATE),
     ended AS (
        UPDATE client_secrets x
        SET expires_at = least(x.expires_at, now() + $4::float8 * interval '1 second')
        FROM owner o WHERE x.client_id = o.id AND x.id <> $2::uuid),
     made AS (
        INSERT INTO client_secrets (id, client_id, hash, created_at, sealed)
        SELECT $2::uuid, o.id, $3::bytea, now(), $7::bytea FROM owner o
        ON CONFLICT (id) DO NOTHING RETURNING id),",
    noted!("$5", "$6::uuid", "NULL::uuid", "made"),
    " SELECT EXISTS (SELECT 1 FROM owner)"
);

const DELETE_SECRET: &str = concat!(
    "WITH gone AS (
        DELETE FROM client_secrets WHERE id = $2::uuid AND client_id = $1::text
            AND (expires_at IS NULL OR expires_at > now())
        RETURNING id),",
    noted!("$3", "$4::uuid", "NULL::uuid", "gone"),
    " SELECT EXISTS (SELECT 1 FROM gone)"
);

pub(super) async fn by_id(db: &Database, id: &str) -> Result<Option<Client>> {
    let found = db.ask(ONE, &[&id]).await?;
    found.first().map(|row| rows::client(row, 0)).transpose()
}

pub(super) async fn list(db: &Database, after: Option<&str>, limit: u32) -> Result<Vec<Client>> {
    let found = db.ask(LIST, &[&after.unwrap_or_default(), &i64::from(limit)]).await?;
    found.iter().map(|row| rows::client(row, 0)).collect()
}

pub(super) async fn save(db: &Database, save: &SaveClient) -> Result<Saved> {
    for _ in 0..ROUNDS {
        match told(db, save).await {
            Ok(row) => return saved(&row),
            Err(error) if is_unique_violation(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::Unavailable("the host changes hands too quickly".to_owned()))
}

async fn told(db: &Database, save: &SaveClient) -> Result<Row> {
    let sql = if save.version.is_some() { CHANGE } else { MAKE };
    let secret = save.secret.as_ref();
    let hash: Option<&[u8]> = secret.map(|secret| &secret.hash[..]);
    db.tell_one(
        sql,
        &[
            &save.id,
            &save.settings,
            &save.disabled,
            &save.hosts,
            &parts::trail(&save.trail),
            &NOBODY.uuid(),
            &secret.map(|secret| secret.id.uuid()),
            &hash,
            &save.version,
            &secret.and_then(|secret| secret.sealed.as_deref()),
        ],
    )
    .await
}

fn saved(row: &Row) -> Result<Saved> {
    let (is_as_judged, taken): (bool, Option<String>) = (value(row, 0)?, value(row, 1)?);
    Ok(match (is_as_judged, taken, value::<Option<i64>>(row, 2)?) {
        (true, Some(host), _) => Saved::HostTaken(host),
        (true, None, Some(version)) => Saved::Done(version),
        // Of two that make it at once the later finds it made.
        (false, ..) | (true, None, None) => Saved::Conflict,
    })
}

pub(super) async fn add_secret(
    db: &Database,
    id: &str,
    secret: &NewSecret,
    overlap: Duration,
    trail: &Trail,
) -> Result<bool> {
    let hash: &[u8] = &secret.hash;
    let found = db
        .tell_again(
            ADD_SECRET,
            &[
                &id,
                &secret.id.uuid(),
                &hash,
                &overlap.as_secs_f64(),
                &parts::trail(trail),
                &NOBODY.uuid(),
                &secret.sealed.as_deref(),
            ],
        )
        .await?;
    found.first().map_or(Ok(false), |row| value(row, 0))
}

pub(super) async fn delete_secret(
    db: &Database,
    id: &str,
    secret: SecretId,
    trail: &Trail,
) -> Result<bool> {
    let row = db
        .tell_one(DELETE_SECRET, &[&id, &secret.uuid(), &parts::trail(trail), &NOBODY.uuid()])
        .await?;
    value(&row, 0)
}
