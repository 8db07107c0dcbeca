//! What is in the database when a scenario is over, asked by SQL and not by way of the product: the
//! accounts and audit rows of the run, rows that refer to what is not there, constraints and indexes.

use std::collections::HashSet;

use anyhow::{Context, Result};
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

use super::drive::Resolved;
use crate::checker::{Account, Aftermath, AuditRow};
use crate::history::{Document, History, Kind, Operation, OperationId, Run};

/// What has to have a counterpart: each query gives one row per row without it.
const ORPHANS: &[(&str, &str)] = &[
    (
        "a session without its user",
        "SELECT id::text FROM sessions s WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = s.user_id)",
    ),
    (
        "a name without its user",
        "SELECT key FROM login_names n WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = n.user_id)",
    ),
    (
        "a password without its user",
        "SELECT user_id::text FROM passwords p WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = p.user_id)",
    ),
    (
        "a user without a name to sign in with",
        "SELECT id::text FROM users u WHERE NOT EXISTS (SELECT FROM login_names n WHERE n.user_id = u.id)",
    ),
    (
        "a user without a password",
        "SELECT id::text FROM users u WHERE NOT EXISTS (SELECT FROM passwords p WHERE p.user_id = u.id)",
    ),
    (
        "a link without its user",
        "SELECT id::text FROM links l WHERE user_id IS NOT NULL AND NOT EXISTS (SELECT FROM users u WHERE u.id = l.user_id)",
    ),
    (
        "a session of an epoch that is yet to come",
        "SELECT s.id::text FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.epoch > u.epoch",
    ),
    (
        "a user whose making is not in the trail",
        "SELECT id::text FROM users u WHERE NOT EXISTS (SELECT FROM audit_events e WHERE e.user_id = u.id AND e.event = 'user.registered')",
    ),
];

/// What must not be found twice; indexes are not used, as they are what is doubted.
const TWICE: &[(&str, &str)] = &[
    ("users.id", "SELECT id::text FROM users GROUP BY id HAVING count(*) > 1"),
    (
        "users.username",
        "SELECT lower(username) FROM users GROUP BY lower(username) HAVING count(*) > 1",
    ),
    ("login_names.key", "SELECT key FROM login_names GROUP BY key HAVING count(*) > 1"),
    ("sessions.id", "SELECT id::text FROM sessions GROUP BY id HAVING count(*) > 1"),
    ("links.id", "SELECT id::text FROM links GROUP BY id HAVING count(*) > 1"),
    ("mails.id", "SELECT id::text FROM mails GROUP BY id HAVING count(*) > 1"),
    ("audit_events.id", "SELECT id::text FROM audit_events GROUP BY id HAVING count(*) > 1"),
];

/// Looks into the database of a run.
///
/// # Errors
/// When it cannot be asked.
pub async fn look(url: &str, run: &Run) -> Result<Aftermath> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    let accounts = accounts(&client, run).await?;
    let audit_rows = audit_rows(&client, run).await?;
    let mut found = Aftermath { accounts, audit_rows, ..Aftermath::default() };
    client.batch_execute("SET enable_indexscan = off; SET enable_bitmapscan = off").await?;
    for table in ["users", "login_names", "passwords", "sessions", "links", "mails", "audit_events"]
    {
        let sql = format!("SELECT count(*) FROM {table}");
        let count: i64 = client.query_one(&sql, &[]).await?.get(0);
        found.rows_examined += u64::try_from(count)?;
    }
    for (what, sql) in ORPHANS {
        found.orphans.extend(described(&client, what, sql).await?);
    }
    for (what, sql) in TWICE {
        let twice = format!("{what} is there twice");
        found.broken_constraints.extend(described(&client, &twice, sql).await?);
    }
    let unproved = "SELECT conname::text FROM pg_constraint WHERE NOT convalidated";
    found.broken_constraints.extend(described(&client, "not validated", unproved).await?);
    found.broken_constraints.extend(broken_indexes(&client).await?);
    Ok(found)
}

async fn accounts(client: &Client, run: &Run) -> Result<Vec<Account>> {
    let sql = "SELECT id, username FROM users WHERE username LIKE $1 || '-%'";
    let rows = client.query(sql, &[&run.name]).await.context("the accounts")?;
    let account = |row: &tokio_postgres::Row| Account {
        id: row.get::<_, Uuid>(0).to_string(),
        name: row.get(1),
    };
    Ok(rows.iter().map(account).collect())
}

async fn audit_rows(client: &Client, run: &Run) -> Result<Vec<AuditRow>> {
    let sql = "SELECT event, user_id, request_id FROM audit_events
               WHERE request_id LIKE $1 || '-%'
                  OR user_id IN (SELECT id FROM users WHERE username LIKE $1 || '-%')";
    let rows = client.query(sql, &[&run.name]).await.context("the trail")?;
    let row = |row: &tokio_postgres::Row| AuditRow {
        event: row.get(0),
        user: row.get::<_, Uuid>(1).to_string(),
        request_id: row.get(2),
    };
    Ok(rows.iter().map(row).collect())
}

async fn described(client: &Client, what: &str, sql: &str) -> Result<Vec<String>> {
    let rows = client.query(sql, &[]).await.with_context(|| what.to_owned())?;
    Ok(rows.iter().map(|row| format!("{what}: {}", row.get::<_, String>(0))).collect())
}

/// PostgreSQL's own look at its indexes: in order, and each row of the table is in them.
async fn broken_indexes(client: &Client) -> Result<Vec<String>> {
    client.batch_execute("CREATE EXTENSION IF NOT EXISTS amcheck").await?;
    let indexes = client
        .query(
            "SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
             JOIN pg_am a ON a.oid = c.relam AND a.amname = 'btree'
             WHERE c.relnamespace = current_schema()::regnamespace",
            &[],
        )
        .await?;
    let mut broken = Vec::new();
    for row in indexes {
        let index: String = row.get(0);
        let sql = format!("SELECT bt_index_parent_check('{index}'::regclass, true)");
        if let Err(error) = client.query_one(&sql, &[]).await {
            let text = error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string);
            broken.push(format!("index {index}: {text}"));
        }
    }
    Ok(broken)
}

/// What the database says about the operations of unknown outcome: a security operation has its row in the
/// trail or it has not; a write is known to have been done when somebody read it.
#[must_use]
pub fn resolve(history: &History, found: &Aftermath) -> Resolved {
    let ids = found.audit_rows.iter().filter_map(|row| row.request_id.as_deref());
    let told: HashSet<OperationId> = ids.filter_map(|id| history.run.operation_of(id)).collect();
    let read = |operation: &Operation| match operation.seen()?.document {
        Some(Document::Whole(value)) => Some(value),
        _ => None,
    };
    let read: HashSet<u64> = history.operations.iter().filter_map(read).collect();
    let mut resolved = Resolved::default();
    for operation in history.operations.iter().filter(|operation| operation.is_unknown()) {
        let done = match &operation.kind {
            Kind::Read { .. } | Kind::List | Kind::Forged(_) | Kind::Lock | Kind::Unlock => None,
            Kind::UserInfo { .. } | Kind::Keys | Kind::Authorize => None,
            // Whoever comes next with the same learns it.
            Kind::Redeem { .. } | Kind::Refresh { .. } => None,
            Kind::Write { value, .. } => read.contains(value).then_some(true),
            _ => Some(told.contains(&operation.id)),
        };
        match done {
            Some(true) => resolved.done += 1,
            Some(false) => resolved.not_done += 1,
            None => resolved.open += 1,
        }
    }
    resolved
}
