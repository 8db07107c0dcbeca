//! People into PostgreSQL, by `COPY` (text format), with the triggers that check references asleep.

use std::fmt::Write;
use std::ops::Range;
use std::pin::pin;

use anyhow::{Context, Result};
use bytes::Bytes;
use futures_util::SinkExt;
use tokio_postgres::{Client, NoTls};

use super::applications::{GrantRow, HOUSE};
use super::{Content, person};

/// Sent at once.
const CHUNK: usize = 1 << 18;

/// Writes one row, without its line end.
type Line = fn(&mut String, u32, &Content) -> std::fmt::Result;

/// In the order in which rows refer to each other.
const TABLES: [(&str, Line); 4] = [
    ("users (id, username, created_at, document)", |row, number, content| {
        let (id, name) = (person::user(number), person::name(number));
        write!(row, "{id}\t{name}\t{}\t{}", content.now.rfc3339(), content.body(number))
    }),
    ("login_names (key, user_id)", |row, number, _| {
        write!(row, "{}\t{}", person::name(number), person::user(number))
    }),
    ("passwords (user_id, hash, changed_at)", |row, number, content| {
        write!(row, "{}\t{}\t{}", person::user(number), content.hash, content.now.rfc3339())
    }),
    (
        "sessions (id, user_id, epoch, secret_hash, created_at, last_used_at, live_until, expires_at)",
        session,
    ),
];

fn session(row: &mut String, number: u32, content: &Content) -> std::fmt::Result {
    let (now, expiry) = (content.now.rfc3339(), content.expiry());
    write!(row, "{}\t{}\t1\t\\\\x", person::session(number), person::user(number))?;
    for byte in person::secret_hash(number) {
        write!(row, "{byte:02x}")?;
    }
    let (live, end) = (expiry.live_until.rfc3339(), expiry.expires_at.rfc3339());
    write!(row, "\t{now}\t{now}\t{live}\t{end}")
}

const GRANTS: [(&str, Line); 1] = [(
    "grants (id, client_id, user_id, session_id, epoch, authorized, rotated_at, created_at, last_used_at,
             live_until, expires_at)",
    grant,
)];

fn grant(row: &mut String, number: u32, content: &Content) -> std::fmt::Result {
    let GrantRow { id, authorized, now, live_until, expires_at } = GrantRow::of(number, content);
    let (user, session, now) = (person::user(number), person::session(number), now.rfc3339());
    let (live, end) = (live_until.rfc3339(), expires_at.rfc3339());
    write!(
        row,
        "{id}\t{HOUSE}\t{user}\t{session}\t1\t{authorized}\t{now}\t{now}\t{now}\t{live}\t{end}"
    )
}

pub(super) async fn add(url: &str, numbers: Range<u32>, content: &Content) -> Result<()> {
    fill(url, &TABLES, numbers, content).await
}

pub(super) async fn add_grants(url: &str, numbers: Range<u32>, content: &Content) -> Result<()> {
    fill(url, &GRANTS, numbers, content).await
}

async fn fill(
    url: &str,
    tables: &[(&str, Line)],
    numbers: Range<u32>,
    content: &Content,
) -> Result<()> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    client.batch_execute("SET session_replication_role = replica").await?;
    for (table, line) in tables {
        copy(&client, table, numbers.clone().map(|number| (*line, number)), content)
            .await
            .with_context(|| format!("filling {table}"))?;
    }
    // Each alone: VACUUM may not stand in a transaction. Reads should find the database at rest.
    client.batch_execute("VACUUM (ANALYZE)").await?;
    client.batch_execute("CHECKPOINT").await?;
    drop(client);
    connection.await??;
    Ok(())
}

async fn copy(
    client: &Client,
    table: &str,
    rows: impl Iterator<Item = (Line, u32)>,
    content: &Content,
) -> Result<()> {
    let mut sink = pin!(client.copy_in::<_, Bytes>(&format!("COPY {table} FROM STDIN")).await?);
    let mut chunk = String::with_capacity(2 * CHUNK);
    for (line, number) in rows {
        line(&mut chunk, number, content)?;
        chunk.push('\n');
        if chunk.len() >= CHUNK {
            sink.send(Bytes::from(std::mem::take(&mut chunk))).await?;
        }
    }
    sink.send(Bytes::from(chunk)).await?;
    sink.finish().await?;
    Ok(())
}
