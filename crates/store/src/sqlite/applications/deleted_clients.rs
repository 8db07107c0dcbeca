//! The end of a client: at once where it was given little, and otherwise in steps, between which others write.
//!
//! In between it is a client that is disabled, as all that looks at its grants asks for anyway.

use rusqlite::{Connection, OptionalExtension, params};

use super::clients;
use crate::sqlite::clock;
use crate::sqlite::rows::note;
use crate::{AT_ONCE, NOBODY, Trail};

/// What a client may have been given much of, and by what of it a row is found among those of one client.
const GIVEN: [(&str, &str); 5] = [
    ("grants", "id"),
    ("consents", "user"),
    ("codes", "id"),
    ("device_codes", "id"),
    ("pushed_requests", "id"),
];

/// So many rows of a kind go in one step. A step is synchronised to the disk, and rewrites pages that hold many rows
/// each: smaller ones would have others wait for longer altogether.
const STEP: u32 = 5_000;

pub(super) fn delete(c: &Connection, id: &str, trail: &Trail) -> rusqlite::Result<bool> {
    if clients::find(c, id)?.is_none() {
        return Ok(false);
    }
    if is_large(c, id)? {
        empty(c, id)?;
    } else {
        c.prepare_cached("DELETE FROM clients WHERE id = ?1")?.execute([id])?;
    }
    note(c, NOBODY, None, trail)?;
    Ok(true)
}

/// Whether it has more rows of one kind than are deleted at once.
fn is_large(c: &Connection, id: &str) -> rusqlite::Result<bool> {
    for (table, _) in GIVEN {
        let sql = format!("SELECT 1 FROM {table} WHERE client_id = ?1 LIMIT 1 OFFSET ?2");
        if c.prepare_cached(&sql)?.exists(params![id, AT_ONCE])? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Leaves nothing of it but what it was given, which is worth nothing any more. Hosts, secrets and registrations are
/// as many as an operator made.
fn empty(c: &Connection, id: &str) -> rusqlite::Result<()> {
    c.prepare_cached(
        "UPDATE clients SET deleted_at = ?2, disabled_at = coalesce(disabled_at, ?2),
            settings = '{}', version = version + 1, updated_at = ?2
         WHERE id = ?1",
    )?
    .execute(params![id, clock().micros()])?;
    for table in ["client_hosts", "client_secrets", "client_registrations"] {
        c.prepare_cached(&format!("DELETE FROM {table} WHERE client_id = ?1"))?.execute([id])?;
    }
    Ok(())
}

/// One step: of one client that was deleted some more of what it was given, and in the end its row.
pub(super) fn clear(c: &Connection) -> rusqlite::Result<u64> {
    let deleted: Option<String> = c
        .prepare_cached("SELECT id FROM clients WHERE deleted_at IS NOT NULL LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let Some(id) = deleted else { return Ok(0) };
    let mut gone = 0;
    for (table, column) in GIVEN {
        let sql = format!(
            "DELETE FROM {table} WHERE client_id = ?1 AND {column} IN (
                SELECT {column} FROM {table} WHERE client_id = ?1 LIMIT ?2)"
        );
        gone += c.prepare_cached(&sql)?.execute(params![id, STEP])?;
    }
    if gone == 0 {
        gone = c.prepare_cached("DELETE FROM clients WHERE id = ?1")?.execute([id])?;
    }
    Ok(gone as u64)
}
