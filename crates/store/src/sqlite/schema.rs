//! Migrations of the embedded engine. The write transaction they run in is the guard: of N processes
//! that start at once on an empty file one migrates and the others find it done.

use rusqlite::{Connection, OptionalExtension, params};

use super::clock;
use crate::Schema;
use crate::migration::{self, Migration};

pub(super) fn state(c: &Connection) -> rusqlite::Result<Schema> {
    let known = migration::known();
    let exists = c
        .query_row("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'", [], |_| Ok(()))
        .optional()?;
    if exists.is_none() {
        return Ok(Schema { applied: 0, required: 0, known });
    }
    c.query_row(
        "SELECT coalesce(max(version), 0), coalesce(max(compatible_with), 0) FROM schema_migrations",
        [],
        |row| Ok(Schema { applied: row.get(0)?, required: row.get(1)?, known }),
    )
}

pub(super) fn migrate(c: &Connection) -> rusqlite::Result<Vec<Migration>> {
    c.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_migrations (
             version INTEGER PRIMARY KEY, name TEXT NOT NULL, compatible_with INTEGER NOT NULL,
             applied_at INTEGER NOT NULL) STRICT",
    )?;
    let applied = state(c)?.applied;
    let missing: Vec<_> =
        migration::SQLITE.iter().copied().filter(|m| m.version > applied).collect();
    for migration in &missing {
        c.execute_batch(migration.sql)?;
        c.execute(
            "INSERT INTO schema_migrations VALUES (?1, ?2, ?3, ?4)",
            params![
                migration.version,
                migration.name,
                migration.compatible_with(),
                clock().micros()
            ],
        )?;
    }
    Ok(missing)
}
