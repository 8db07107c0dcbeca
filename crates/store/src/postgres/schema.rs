//! Migrations of the PostgreSQL engine, guarded by a lock *row*: advisory locks break behind
//! transaction poolers. N processes may start at once on an empty database.

use tokio_postgres::error::SqlState;

use super::bounds::UNBOUND;
use super::connection::{Database, classify};
use super::rows::value;
use crate::migration::{self, Migration};
use crate::{Error, Result, Schema};

const PRELUDE: &str = "
    CREATE TABLE IF NOT EXISTS schema_lock (id integer PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS schema_migrations (
        version integer PRIMARY KEY, name text NOT NULL, compatible_with integer NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now());
    INSERT INTO schema_lock VALUES (1) ON CONFLICT DO NOTHING;";

pub(super) async fn state(db: &Database) -> Result<Schema> {
    let known = migration::known();
    let exists = db.ask_one("SELECT to_regclass('schema_migrations') IS NOT NULL", &[]).await?;
    if !value::<bool>(&exists, 0)? {
        return Ok(Schema { applied: 0, required: 0, known });
    }
    let row = db
        .ask_one(
            "SELECT coalesce(max(version), 0), coalesce(max(compatible_with), 0)
             FROM schema_migrations",
            &[],
        )
        .await?;
    Ok(Schema { applied: value(&row, 0)?, required: value(&row, 1)?, known })
}

pub(super) async fn migrate(db: &Database) -> Result<Vec<Migration>> {
    if state(db).await?.is_acceptable() {
        return Ok(Vec::new());
    }
    let mut client = db.lend().await?;
    // `IF NOT EXISTS` still collides when two create at the same instant; the loser looks again.
    for attempt in 1.. {
        match client.batch_execute(PRELUDE).await {
            Ok(()) => break,
            Err(error) if attempt < 20 && lost_a_race(&error) => {}
            Err(error) => return Err(classify(error)),
        }
    }
    let transaction = client.transaction().await.map_err(classify)?;
    transaction.batch_execute(UNBOUND).await.map_err(classify)?;
    transaction
        .query_one("SELECT id FROM schema_lock WHERE id = 1 FOR UPDATE", &[])
        .await
        .map_err(classify)?;
    let row = transaction
        .query_one("SELECT coalesce(max(version), 0) FROM schema_migrations", &[])
        .await
        .map_err(classify)?;
    let applied: i32 = value(&row, 0)?;
    let missing: Vec<_> =
        migration::POSTGRES.iter().copied().filter(|m| m.version > applied).collect();
    for migration in &missing {
        transaction.batch_execute(migration.sql).await.map_err(|error| {
            Error::Driver(format!("migration {} failed: {error}", migration.name).into())
        })?;
        transaction
            .execute(
                "INSERT INTO schema_migrations (version, name, compatible_with) VALUES ($1, $2, $3)",
                &[&migration.version, &migration.name, &migration.compatible_with()],
            )
            .await
            .map_err(classify)?;
    }
    transaction.commit().await.map_err(classify)?;
    Ok(missing)
}

fn lost_a_race(error: &tokio_postgres::Error) -> bool {
    [SqlState::UNIQUE_VIOLATION, SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_OBJECT]
        .iter()
        .any(|state| error.code() == Some(state))
}
