//! The clusters that tests are given: durable where they say so, separate, and started anew.

use anyhow::{Context, Result};
use tokenhouse_proof::postgres::{Cluster, Durability, Options, StopMode, shared};

#[tokio::test]
async fn a_durable_cluster_keeps_what_was_committed_through_every_end() -> Result<()> {
    let mut cluster = Cluster::start(Options::default()).await?;
    let settings = "SHOW fsync; SHOW synchronous_commit; SHOW full_page_writes";
    assert_eq!(cluster.psql("postgres", settings).await?, "on\non\non");
    cluster.create_database("kept").await?;
    cluster.psql("kept", "CREATE TABLE t (n int)").await?;

    let modes = [StopMode::Kill, StopMode::Immediate, StopMode::Fast];
    for (n, mode) in modes.into_iter().enumerate() {
        let before = cluster.pid().context("it runs")?;
        cluster.psql("kept", &format!("INSERT INTO t VALUES ({n})")).await?;
        cluster.stop(mode).await?;
        assert_eq!(cluster.pid(), None);
        assert!(cluster.psql("kept", "SELECT 1").await.is_err());
        cluster.start_again().await?;
        assert_ne!(cluster.pid(), Some(before));
    }
    let kept = cluster.psql("kept", "SELECT n FROM t ORDER BY n").await?;
    assert_eq!(kept, "0\n1\n2");
    Ok(())
}

#[tokio::test]
async fn options_reach_the_server_and_the_folder_goes_with_it() -> Result<()> {
    let options = Options {
        durability: Durability::Off,
        max_connections: 37,
        statement_statistics: true,
        ..Options::default()
    };
    let cluster = Cluster::start(options.setting("application_name", "it's me")).await?;
    let shown = cluster
        .psql(
            "postgres",
            "SHOW fsync; SHOW max_connections; SELECT boot_val <> reset_val FROM pg_settings \
             WHERE name = 'shared_preload_libraries'; CREATE EXTENSION pg_stat_statements; \
             SELECT count(*) > 0 FROM pg_stat_statements",
        )
        .await?;
    assert_eq!(shown, "off\n37\nt\nt");
    let socket = cluster.socket_url("postgres")?;
    let folder = socket
        .split_once('@')
        .and_then(|(_, rest)| rest.split_once(':'))
        .map(|(folder, _)| folder.replace("%2F", "/"))
        .context("a folder in the URL")?;
    assert!(std::fs::exists(&folder)?);
    drop(cluster);
    assert!(!std::fs::exists(&folder)?);
    Ok(())
}

#[tokio::test]
async fn fresh_databases_on_the_shared_cluster_are_empty_and_separate() -> Result<()> {
    let cluster = shared().await?;
    let (one, other) = (cluster.fresh_database().await?, cluster.fresh_database().await?);
    assert_ne!(one, other);
    for url in [one, other] {
        let name = url.rsplit('/').next().context("a name")?;
        let name = name.split('?').next().unwrap_or(name);
        cluster.psql(name, "CREATE TABLE only_here (n int)").await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_failing_statement_is_an_error_with_the_servers_words() -> Result<()> {
    let cluster = shared().await?;
    let failure = cluster.psql("postgres", "SELECT 1; SELECT wrong").await;
    let text = failure.expect_err("there is no such column").to_string();
    assert!(text.contains("\"wrong\" does not exist"), "{text}");
    Ok(())
}
