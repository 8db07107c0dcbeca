//! A standby that follows a cluster by streaming replication, synchronously or not, and its promotion.

use std::time::Duration;

use anyhow::{Context, Result};

use super::instance::Instance;
use super::{Cluster, Options, Place};

impl Cluster {
    /// Copies this cluster and has the copy follow it. `from` is the URL by which the copy reaches it; there
    /// may be something in between.
    ///
    /// # Errors
    /// When the copy cannot be made or does not start.
    pub async fn standby(&self, options: &Options, from: &str) -> Result<Self> {
        let instance = Instance::copy(&self.programs, options, from).await?;
        Ok(Self { programs: self.programs.clone(), place: Place::Own(Box::new(instance)) })
    }

    /// From now on no commit is acknowledged that a standby has not on its disk. Returns when there is one
    /// that keeps up.
    ///
    /// # Errors
    /// When there is none within a minute.
    pub async fn commit_synchronously(&self) -> Result<()> {
        self.psql(
            "postgres",
            "ALTER SYSTEM SET synchronous_standby_names = '*'; SELECT pg_reload_conf()",
        )
        .await?;
        let sql = "SELECT count(*) FROM pg_stat_replication
                   WHERE sync_state = 'sync' AND state = 'streaming'";
        until(async || Ok(self.psql("postgres", sql).await? == "1"))
            .await
            .context("no standby has become synchronous")
    }

    /// Waits until a standby follows.
    ///
    /// # Errors
    /// When none does within a minute.
    pub async fn is_followed(&self) -> Result<()> {
        let sql = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'";
        until(async || Ok(self.psql("postgres", sql).await? == "1"))
            .await
            .context("no standby follows")
    }

    /// Makes a standby a primary, and returns when it takes writes.
    ///
    /// # Errors
    /// When it does not within a minute.
    pub async fn promote(&self) -> Result<()> {
        let promoted = self.psql("postgres", "SELECT pg_promote(true, 60)").await?;
        anyhow::ensure!(promoted == "t", "the standby was not promoted");
        Ok(())
    }
}

/// PostgreSQL announces none of this; it has to be asked.
async fn until(reached: impl AsyncFn() -> Result<bool>) -> Result<()> {
    let mut look = tokio::time::interval(Duration::from_millis(50));
    let asking = async {
        loop {
            look.tick().await;
            if reached().await? {
                return Ok(());
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), asking).await.context("waited for a minute")?
}
