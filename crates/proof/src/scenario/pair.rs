//! A primary and its standby, for the scenarios of failover: the processes know both by one URL and take
//! the one that accepts writes; the standby follows through a proxy of its own.

use anyhow::Result;

use super::stage::{DATABASE, Setup, Stage};
use crate::fault_proxy::{Control, FaultProxy};
use crate::postgres::{Cluster, Options};

/// Whether commits wait for the standby.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Following {
    /// They do.
    Synchronous,
    /// They do not.
    Asynchronous,
}

/// What belongs to a stage whose database has a standby.
pub(super) struct Pair {
    pub(super) standby: Cluster,
    following: Following,
    /// Between the primary and the standby.
    pub(super) stream: Control,
    proxy: FaultProxy,
    /// Which of the stage's two proxies leads to the primary.
    primary: usize,
    /// The URL of the standby alone.
    pub(super) standby_url: String,
}

fn options() -> Options {
    // The delay of a retry only matters to a standby that was cut off.
    Options::default().setting("wal_keep_size", "256MB").setting("max_connections", "400")
}

impl Pair {
    /// A stage with a primary and a standby behind it.
    pub(super) async fn start(following: Following, setup: Setup) -> Result<(Stage, Self)> {
        let cluster = Cluster::start(options()).await?;
        cluster.create_database(DATABASE).await?;
        let stream = FaultProxy::before(&cluster.url("postgres")).await?;
        let standby = follow(&cluster, &stream.1, following).await?;
        let one = FaultProxy::before(&cluster.url(DATABASE)).await?;
        let other = FaultProxy::before(&standby.url(DATABASE)).await?;
        let both = format!(
            "postgresql://postgres@{},{}/{DATABASE}?target_session_attrs=read-write",
            one.0.addr(),
            other.0.addr()
        );
        let pair = Self {
            standby,
            following,
            stream: stream.0.control(),
            proxy: stream.0,
            primary: 0,
            standby_url: other.1,
        };
        let proxies = vec![one.0, other.0];
        let stage = Stage::before(cluster, proxies, &both, both.clone(), setup).await?;
        Ok((stage, pair))
    }

    /// The standby has been promoted: it becomes the primary, and the old one, which must have ended, is
    /// replaced by a new standby.
    pub(super) async fn succeed(&mut self, stage: &mut Stage) -> Result<()> {
        std::mem::swap(&mut stage.cluster, &mut self.standby);
        let (proxy, url) = FaultProxy::before(&stage.cluster.url("postgres")).await?;
        (self.stream, self.proxy) = (proxy.control(), proxy);
        self.standby = follow(&stage.cluster, &url, self.following).await?;
        stage.controls[self.primary].redirect(([127, 0, 0, 1], self.standby.port()?).into());
        self.primary = 1 - self.primary;
        Ok(())
    }
}

async fn follow(cluster: &Cluster, from: &str, following: Following) -> Result<Cluster> {
    let standby = cluster.standby(&options(), &format!("{from}?sslmode=disable")).await?;
    match following {
        Following::Synchronous => cluster.commit_synchronously().await?,
        Following::Asynchronous => cluster.is_followed().await?,
    }
    Ok(standby)
}
