//! pgbouncer in transaction mode before a cluster: each transaction may go over another connection.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::net::TcpStream;

use super::Cluster;
use crate::keeper::Folder;
use crate::ports;
use crate::process::Running;

const PATIENCE: Duration = Duration::from_secs(20);

/// A running pooler; ended and removed when dropped.
#[derive(Debug)]
pub struct Pooler {
    address: SocketAddr,
    process: Running,
    _folder: Folder,
}

impl Pooler {
    /// Starts one before `cluster`, with so many connections to each database.
    ///
    /// # Errors
    /// When pgbouncer is not installed or does not start, or the cluster was not started here.
    pub async fn start(cluster: &Cluster, connections: u16) -> Result<Self> {
        let address = ports::free_address()?;
        let folder = Folder::create("tokenhouse-pooler-")?;
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(&file, settings(cluster.port()?, address, connections))?;
        cluster.programs.hand_over(folder.path())?;
        cluster.programs.hand_over(&file)?;
        let mut command = cluster.programs.owners_command(&program()?);
        command.arg(&file);
        let process = Running::start(command)?;
        let pooler = Self { address, process, _folder: folder };
        tokio::time::timeout(PATIENCE, pooler.ready())
            .await
            .context("pgbouncer does not answer")??;
        Ok(pooler)
    }

    /// The URL of a database through it.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgresql://postgres@{}/{database}", self.address)
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    async fn ready(&self) -> Result<()> {
        let mut look = tokio::time::interval(Duration::from_millis(10));
        loop {
            look.tick().await;
            anyhow::ensure!(self.process.is_running(), "pgbouncer ended while it started");
            if TcpStream::connect(self.address).await.is_ok() {
                return Ok(());
            }
        }
    }
}

fn settings(port: u16, address: SocketAddr, connections: u16) -> String {
    let (host, own) = (address.ip(), address.port());
    format!(
        "[databases]\n* = host=127.0.0.1 port={port} user=postgres\n[pgbouncer]\n\
         listen_addr = {host}\nlisten_port = {own}\nunix_socket_dir =\nauth_type = any\n\
         pool_mode = transaction\ndefault_pool_size = {connections}\nmax_client_conn = 1000\n"
    )
}

/// Debian keeps it out of a user's `PATH`.
fn program() -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|folder| folder.join("pgbouncer"))
        .find(|program| program.is_file())
        .context("pgbouncer is not installed: run scripts/install-test-tools.sh")
}
