//! PostgreSQL's own benchmark: prepared look-ups and changes by key in a million rows.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokenhouse_proof::postgres::Cluster;

const DATABASE: &str = "pgbench";

/// Makes its tables, a million rows.
pub(crate) async fn prepare(cluster: &Cluster) -> Result<()> {
    cluster.create_database(DATABASE).await?;
    run(cluster, &["-i", "-q", "-s", "10"]).await.map(|_| ())
}

/// One row changed by its key, durable before the next.
const CHANGE: &str = "\\set aid random(1, 1000000)\n\
    UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE aid = :aid;\n";

/// Transactions a second of `pgbench -S -M prepared -c 32`.
pub(crate) async fn per_second(cluster: &Cluster, turn: Duration) -> Result<f64> {
    transactions(cluster, &["-S"], turn).await
}

/// Transactions a second of `pgbench -f change.sql -M prepared -c 32`, where each changes one row.
pub(crate) async fn changes_per_second(cluster: &Cluster, turn: Duration) -> Result<f64> {
    let script = tempfile::NamedTempFile::new()?;
    std::fs::write(script.path(), CHANGE)?;
    let path = script.path().to_str().context("a path that is text")?;
    transactions(cluster, &["-f", path], turn).await
}

async fn transactions(cluster: &Cluster, what: &[&str], turn: Duration) -> Result<f64> {
    let seconds = turn.as_secs_f64().ceil().max(1.0).to_string();
    let how = ["-n", "-M", "prepared", "-c", "32", "-j", "2", "-T", &seconds];
    let said = run(cluster, &[&how, what].concat()).await?;
    let line = said.lines().find_map(|line| line.strip_prefix("tps = ")).context("no tps")?;
    Ok(line.split(' ').next().unwrap_or_default().parse()?)
}

async fn run(cluster: &Cluster, args: &[&str]) -> Result<String> {
    let url = cluster.url(DATABASE);
    let output = tokio::process::Command::new(program()).args(args).arg(&url).output().await?;
    if !output.status.success() {
        bail!("pgbench: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The newest of Debian's, or the one on the path.
fn program() -> PathBuf {
    let folders = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let version = |name: &std::ffi::OsStr| name.to_str()?.parse::<u32>().ok();
    folders
        .filter_map(|folder| {
            Some((version(&folder.file_name())?, folder.path().join("bin/pgbench")))
        })
        .filter(|(_, program)| program.exists())
        .max_by_key(|(version, _)| *version)
        .map_or_else(|| "pgbench".into(), |(_, program)| program)
}
