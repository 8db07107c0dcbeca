//! People into an SQLite file, in one transaction.

use std::ops::Range;
use std::path::Path;

use anyhow::Result;
use rusqlite::{Connection, params};

use super::applications::{GrantRow, HOUSE};
use super::{Content, person};

/// Writes all rows of one person.
type Insert = fn(&Connection, u32, &Content) -> rusqlite::Result<()>;

pub(super) fn add(path: &Path, numbers: Range<u32>, content: &Content) -> Result<()> {
    fill(path, insert, numbers, content)
}

pub(super) fn add_grants(path: &Path, numbers: Range<u32>, content: &Content) -> Result<()> {
    fill(path, grant, numbers, content)
}

fn fill(path: &Path, insert: Insert, numbers: Range<u32>, content: &Content) -> Result<()> {
    let mut connection = Connection::open(path)?;
    // A crash here costs a file that nobody has used yet.
    connection.execute_batch(
        "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -200000;",
    )?;
    let transaction = connection.transaction()?;
    for number in numbers {
        insert(&transaction, number, content)?;
    }
    transaction.commit()?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

fn insert(c: &Connection, number: u32, content: &Content) -> rusqlite::Result<()> {
    let user = person::user(number).into_bytes();
    let (name, expiry) = (person::name(number), content.expiry());
    let now = content.now.micros();
    c.prepare_cached(
        "INSERT INTO users (id, username, created_at, document) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![user, name, now, content.body(number)])?;
    let own = c.last_insert_rowid();
    c.prepare_cached("INSERT INTO login_names (key, user) VALUES (?1, ?2)")?
        .execute(params![name, own])?;
    c.prepare_cached("INSERT INTO passwords (user, hash, changed_at) VALUES (?1, ?2, ?3)")?
        .execute(params![own, content.hash, now])?;
    c.prepare_cached(
        "INSERT INTO sessions (id, user, epoch, secret_hash, created_at, last_used_at,
                               live_until, expires_at)
         VALUES (?1, ?2, 1, ?3, ?4, ?4, ?5, ?6)",
    )?
    .execute(params![
        person::session(number).into_bytes(),
        own,
        person::secret_hash(number),
        now,
        expiry.live_until.micros(),
        expiry.expires_at.micros()
    ])?;
    Ok(())
}

fn grant(c: &Connection, number: u32, content: &Content) -> rusqlite::Result<()> {
    let GrantRow { id, authorized, now, live_until, expires_at } = GrantRow::of(number, content);
    c.prepare_cached(
        "INSERT INTO grants (id, client_id, user, session_id, epoch, rotated_at, created_at, last_used_at,
                             live_until, expires_at, authorized)
         VALUES (?1, ?2, (SELECT number FROM users WHERE id = ?3), ?4, 1, ?5, ?5, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        id.into_bytes(),
        HOUSE,
        person::user(number).into_bytes(),
        person::session(number).into_bytes(),
        now.micros(),
        live_until.micros(),
        expires_at.micros(),
        authorized
    ])?;
    Ok(())
}
