//! What the machine can do: hash, answer, look up.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokenhouse_proof::http::Client;
use tokenhouse_proof::load::Load;
use tokenhouse_proof::postgres::Cluster;
use tokenhouse_server::hashing::{Cost, Hashing};

use crate::servers::measured;

/// As long as the answer of `GET /data` for a new user.
const BODY: &str = r#"{"user":{"id":"01a2082f-4044-7df2-9a4b-24196d8d2f69","username":"user00","created_at":"2026-01-01T00:00:00Z"},"data":{}}"#;

/// Hashes per second on all cores, by the product's own hashing.
pub(crate) async fn hashes(turn: Duration) -> Result<f64> {
    let cores = std::thread::available_parallelism()?.get();
    let hashing = Hashing::start(Cost::default(), cores, Duration::from_secs(60))?;
    let started = Instant::now();
    let workers = (0..cores).map(|_| {
        let hashing = hashing.clone();
        tokio::spawn(async move {
            let mut count = 0u32;
            while started.elapsed() < turn && hashing.hash("correct horse").await.is_ok() {
                count += 1;
            }
            count
        })
    });
    let mut total = 0;
    for worker in workers.collect::<Vec<_>>() {
        total += worker.await?;
    }
    Ok(f64::from(total) / started.elapsed().as_secs_f64())
}

/// A bare axum route in a process of its own.
pub(crate) struct Bare {
    process: Child,
    addr: SocketAddr,
}

impl Bare {
    pub(crate) async fn start() -> Result<Self> {
        let mut process =
            Command::new(std::env::current_exe()?).arg("bare").stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().context("no output")?).read_line(&mut line)?;
        Ok(Self { process, addr: line.trim().parse()? })
    }

    /// Requests per second over 64 connections.
    pub(crate) async fn requests(&self, turn: Duration) -> Result<f64> {
        let client = Arc::new(Client::kept(self.addr));
        let load = Load::start(64, move |_| {
            let client = Arc::clone(&client);
            async move {
                let asked = client.get("/data").bearer("nothing").send().await;
                asked.map(|_| ()).map_err(|failure| format!("{failure:?}"))
            }
        });
        measured(load, turn).await
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What the process of [`Bare`] does.
pub(crate) async fn serve_bare() -> Result<()> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let answer = axum::routing::get(async || ([("content-type", "application/json")], BODY));
    axum::serve(listener, axum::Router::new().route("/data", answer)).await?;
    Ok(())
}

/// Makes pgbench's tables, a million rows.
pub(crate) async fn prepare_pgbench(cluster: &Cluster) -> Result<()> {
    cluster.create_database("pgbench").await?;
    run_pgbench(cluster, &["-i", "-q", "-s", "10"]).await.map(|_| ())
}

/// Transactions per second of `pgbench -S -M prepared -c 32`.
pub(crate) async fn pgbench(cluster: &Cluster, turn: Duration) -> Result<f64> {
    let seconds = turn.as_secs().to_string();
    let said =
        run_pgbench(cluster, &["-S", "-M", "prepared", "-c", "32", "-j", "2", "-T", &seconds])
            .await?;
    let line = said.lines().find_map(|line| line.strip_prefix("tps = ")).context("no tps")?;
    Ok(line.split(' ').next().unwrap_or_default().parse()?)
}

async fn run_pgbench(cluster: &Cluster, args: &[&str]) -> Result<String> {
    let url = cluster.url("pgbench");
    let program = pgbench_program()?;
    let output = tokio::process::Command::new(program).args(args).arg(&url).output().await?;
    if !output.status.success() {
        bail!("pgbench: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The newest of Debian's, or the one on the path.
fn pgbench_program() -> Result<std::path::PathBuf> {
    let mut found: Vec<_> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|folders| folders.flatten().map(|f| f.path().join("bin/pgbench")).collect())
        .unwrap_or_default();
    found.retain(|path: &std::path::PathBuf| path.exists());
    found.sort();
    Ok(found.pop().unwrap_or_else(|| "pgbench".into()))
}
