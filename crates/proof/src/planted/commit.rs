//! PostgreSQL is killed in the middle of the load and started again.

use anyhow::{Result, ensure};

use super::build::Build;
use super::trial::{Load, Trial, during, judge};
use crate::postgres::{Cluster, Options, StopMode};
use crate::server;

/// What is not waited for stays off the disk for as long as PostgreSQL can put it off, so that the
/// moment of the crash does not matter.
pub(super) async fn asynchronous_commit(build: Build) -> Result<Trial> {
    let options = Options::default()
        .setting("wal_writer_delay", "10s")
        .setting("wal_writer_flush_after", "1GB");
    let mut cluster = Cluster::start(options).await?;
    let url = cluster.fresh_database().await?;
    let migrated = server::run(&["db", "migrate"], &[("DATABASE_URL", &url)], "").await?;
    ensure!(migrated.status.success(), "db migrate: {}", migrated.stderr);
    let process = build.process(&url)?.start().await?;
    let crash = async {
        tokio::time::sleep(Load::USUAL.lasts / 3).await;
        during(async {
            cluster.stop(StopMode::Kill).await?;
            cluster.start_again().await
        })
        .await
    };
    let load = Load { lasts: Load::USUAL.lasts * 2, ..Load::USUAL };
    judge(&[&process], load, crash).await
}
