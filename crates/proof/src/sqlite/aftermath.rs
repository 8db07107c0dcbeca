//! Accounts and audit trail of a database, as the command line shows them.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::checker::{Account, Aftermath, AuditRow};
use crate::server::run;

/// Looks into the database at `url`, which no server needs to have open. What is there of constraints is
/// not looked at.
///
/// # Errors
/// When the command line cannot read it.
pub async fn aftermath(url: &str) -> Result<Aftermath> {
    let lines = async |args: &[&str]| -> Result<Vec<Value>> {
        let args = [args, &["--json", "--limit", "1000000"]].concat();
        let output = run(&args, &[("DATABASE_URL", url)], "").await?;
        ensure!(output.status.success(), "{args:?}: {}", output.stderr);
        output.stdout.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let rows = lines(&["audit"]).await?;
    let audit_rows = rows.iter().map(|row| {
        let request_id = text(&row["request_id"]);
        Some(AuditRow { event: text(&row["event"])?, user: text(&row["user"])?, request_id })
    });
    let users = lines(&["user", "list"]).await?;
    let accounts = users
        .iter()
        .map(|user| Some(Account { id: text(&user["id"])?, name: text(&user["username"])? }));
    Ok(Aftermath {
        audit_rows: audit_rows.collect::<Option<_>>().context("a row lacks something")?,
        accounts: accounts.collect::<Option<_>>().context("a user lacks something")?,
        ..Aftermath::default()
    })
}
