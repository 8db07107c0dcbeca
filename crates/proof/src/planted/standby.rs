//! A copy of the database that lags behind it, as an asynchronous standby does: by logical replication
//! through a proxy that is slow.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::build::Build;
use super::trial::{Load, Trial, judge, peace};
use crate::fault_proxy::{Direction, FaultProxy, Link};
use crate::postgres::{Cluster, Options};
use crate::server;

/// How far the standby lags.
const LAG: Duration = Duration::from_millis(200);

pub(super) async fn standby_reads(build: Build) -> Result<Trial> {
    let options = Options::quick().setting("wal_level", "logical");
    let cluster = Cluster::start(options).await?;
    let (primary, standby) = (cluster.url("primary"), cluster.url("standby"));
    for name in ["primary", "standby"] {
        cluster.create_database(name).await?;
        let url = cluster.url(name);
        let migrated = server::run(&["db", "migrate"], &[("DATABASE_URL", &url)], "").await?;
        ensure!(migrated.status.success(), "db migrate: {}", migrated.stderr);
    }
    let (proxy, slow) = FaultProxy::before(&primary).await?;
    replicate(&cluster, &slow).await?;
    proxy.control().slow(Direction::Backend, Link { delay: LAG, rate: None });
    let start = || build.process_with(&primary, &standby);
    let (a, b) = (start()?.start().await?, start()?.start().await?);
    let trial = judge(&[&a, &b], Load::USUAL, peace()).await;
    // It was a copy at all: a table that never gets a row would show as a bug too.
    let copied = cluster.psql("standby", "SELECT count(*) > 0 FROM users").await?;
    ensure!(copied == "t", "nothing was replicated");
    trial
}

/// What a read of a session needs. The slot is made first: within one cluster the subscription would
/// wait for its own transaction.
async fn replicate(cluster: &Cluster, through: &str) -> Result<()> {
    let host = through.split_once("://").and_then(|(_, rest)| rest.split_once('@'));
    let (_, address) = host.context("a URL with a user")?;
    let (port, _) = address
        .rsplit_once('/')
        .and_then(|(a, d)| Some((a.rsplit_once(':')?.1, d)))
        .context("a URL with a port and a database")?;
    let publish = "CREATE PUBLICATION everything FOR TABLE users, sessions;
                   SELECT pg_create_logical_replication_slot('standby', 'pgoutput')";
    cluster.psql("primary", publish).await?;
    let subscribe = format!(
        "CREATE SUBSCRIPTION everything
         CONNECTION 'host=127.0.0.1 port={port} user=postgres dbname=primary'
         PUBLICATION everything WITH (create_slot = false, slot_name = 'standby', copy_data = false)"
    );
    cluster.psql("standby", &subscribe).await.map(drop)
}
