//! The real binary on both engines, its users, and load on it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tokenhouse_proof::http::Client;
use tokenhouse_proof::load::Load;
use tokenhouse_proof::postgres::Cluster;
use tokenhouse_proof::server::{Builder, Tokenhouse};

const PASSWORD: &str = "correct horse battery staple";
const SECRET: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
/// Distinct users that are read; more of them is a question for a longer run.
const USERS: usize = 64;
const CONNECTIONS: usize = 64;
const STARTS: usize = 9;

/// A server as it is shipped: default hash cost, limits by account only, no access line to a pipe.
pub(crate) struct Server {
    process: Tokenhouse,
    _folder: Option<tempfile::TempDir>,
}

fn shipped() -> Builder {
    Tokenhouse::builder()
        .without_env("TOKENHOUSE_ARGON2_MEMORY")
        .without_env("TOKENHOUSE_ARGON2_ITERATIONS")
        .env("TOKENHOUSE_ACCESS_LOG", "off")
        .env("LOG_LEVEL", "info")
}

impl Server {
    pub(crate) async fn on_sqlite() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite:{}", folder.path().join("bench.db").display());
        let process = shipped().database(&url).start().await?;
        Ok(Self { process, _folder: Some(folder) })
    }

    pub(crate) async fn on_postgres(cluster: &Cluster) -> Result<Self> {
        let url = cluster.fresh_database().await?;
        let process = shipped().database(&url).secret(SECRET).start().await?;
        Ok(Self { process, _folder: None })
    }

    fn addr(&self) -> SocketAddr {
        self.process.addr()
    }

    /// Resident memory in MB.
    pub(crate) fn resident(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.pid()))?;
        let line =
            status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes / 1024.0)
    }
}

/// Users with a session each.
pub(crate) struct Users {
    names: Arc<Vec<String>>,
    tokens: Arc<Vec<String>>,
}

impl Users {
    pub(crate) async fn make(server: &Server) -> Result<Self> {
        let client = Client::kept(server.addr());
        let (mut names, mut tokens) = (Vec::new(), Vec::new());
        for index in 0..USERS {
            let name = format!("user{index}");
            let body = json!({ "username": name, "password": PASSWORD });
            let answer = client.post_json("/register", &body).send().await?;
            ensure!(answer.status == 201, "{}", answer.text());
            tokens.push(answer.json()?["token"].as_str().context("no token")?.to_owned());
            names.push(name);
        }
        Ok(Self { names: Arc::new(names), tokens: Arc::new(tokens) })
    }

    /// Reads per second over 64 connections.
    pub(crate) async fn read(&self, server: &Server, turn: Duration) -> Result<f64> {
        let client = Arc::new(Client::kept(server.addr()));
        let tokens = Arc::clone(&self.tokens);
        let load = Load::start(CONNECTIONS, move |task| {
            let (client, tokens) = (Arc::clone(&client), Arc::clone(&tokens));
            async move {
                let asked = client.get("/data").bearer(&tokens[task % tokens.len()]).send().await;
                expect(asked.map(|answer| answer.status), 200)
            }
        });
        measured(load, turn).await
    }

    /// Logins per second, twice as many at once as there are cores.
    pub(crate) async fn log_in(&self, server: &Server, turn: Duration) -> Result<f64> {
        let client = Arc::new(Client::kept(server.addr()));
        let names = Arc::clone(&self.names);
        let next = Arc::new(AtomicUsize::new(0));
        let tasks = 2 * std::thread::available_parallelism()?.get();
        let load = Load::start(tasks, move |_| {
            let (client, names) = (Arc::clone(&client), Arc::clone(&names));
            let index = next.fetch_add(1, Ordering::Relaxed) % names.len();
            async move {
                let body = json!({ "username": names[index], "password": PASSWORD });
                let asked = client.post_json("/login", &body).send().await;
                expect(asked.map(|answer| answer.status), 200)
            }
        });
        measured(load, turn).await
    }
}

fn expect<E: std::fmt::Debug>(status: Result<u16, E>, wanted: u16) -> Result<(), String> {
    match status {
        Ok(status) if status == wanted => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// Lets load run for a turn; every failure spoils the figure.
pub(crate) async fn measured(load: Load, turn: Duration) -> Result<f64> {
    tokio::time::sleep(turn).await;
    let report = load.stop().await?;
    ensure!(report.failed == 0, "{} requests failed: {:?}", report.failed, report.failures);
    Ok(report.per_second())
}

/// Milliseconds from exec to the first 200 on a new database.
pub(crate) async fn start_times() -> Result<Vec<f64>> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let folder = tempfile::tempdir()?;
        let url = format!("sqlite:{}", folder.path().join("bench.db").display());
        let started = Instant::now();
        let process = shipped().database(&url).start().await?;
        let answer = Client::fresh(process.addr()).get("/healthz").send().await?;
        ensure!(answer.status == 200, "{}", answer.text());
        times.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(times)
}
