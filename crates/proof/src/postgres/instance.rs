//! One cluster that was made here: its folder, its settings, its start, and its end by the three
//! ways a database server ends.
//!
//! Readiness is read from `postmaster.pid`, whose last line PostgreSQL itself sets to `ready`;
//! `pg_ctl -w` reads the same. Which databases there are is left to `Cluster`.

use std::fmt::Write;
use std::fs::{File, OpenOptions, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::programs::Programs;
use super::{Durability, Options, StopMode};
use crate::keeper::Folder;
use crate::ports::free_address;
use crate::process::{Running, children_of, exited, run_to_end};

/// Making a cluster and recovering from a crash take seconds on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often `postmaster.pid` is looked at while the server starts.
const LOOK: Duration = Duration::from_millis(10);

#[derive(Debug)]
pub(super) struct Instance {
    // Dropped in this order: the server first, then the folder it works in.
    server: Option<Running>,
    folder: Folder,
    port: u16,
}

impl Instance {
    pub(super) async fn create(programs: &Programs, options: &Options) -> Result<Self> {
        let folder = match &options.folder {
            Some(parent) => Folder::create_in(parent, "tokenhouse-postgres-")?,
            None => Folder::create("tokenhouse-postgres-")?,
        };
        programs.hand_over(folder.path())?;
        let mut instance = Self { server: None, folder, port: 0 };
        instance.initialise(programs, options).await?;
        instance.start_somewhere(programs).await?;
        Ok(instance)
    }

    /// A copy of the server that the URL names, which follows it from then on.
    pub(super) async fn copy(programs: &Programs, options: &Options, of: &str) -> Result<Self> {
        let folder = Folder::create("tokenhouse-postgres-")?;
        programs.hand_over(folder.path())?;
        let mut instance = Self { server: None, folder, port: 0 };
        let mut command = programs.server_command("pg_basebackup");
        command
            .args(["--checkpoint=fast", "--wal-method=stream", "--write-recovery-conf"])
            .args(["--no-sync", "--dbname", of, "--pgdata"])
            .arg(instance.data());
        let output = run_to_end(command, b"", PATIENCE).await?;
        if !output.status.success() {
            bail!("pg_basebackup: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        // The copied settings name the folder of the other one; the last word counts.
        let mut file =
            OpenOptions::new().append(true).open(instance.data().join("postgresql.conf"))?;
        std::io::Write::write_all(&mut file, instance.settings(options)?.as_bytes())?;
        instance.start_somewhere(programs).await?;
        Ok(instance)
    }

    async fn start_somewhere(&mut self, programs: &Programs) -> Result<()> {
        // The port may be taken between its choice and its use.
        for _ in 0..2 {
            self.port = free_address()?.port();
            if self.start(programs).await.is_ok() {
                return Ok(());
            }
        }
        self.port = free_address()?.port();
        self.start(programs).await
    }

    async fn initialise(&self, programs: &Programs, options: &Options) -> Result<()> {
        let mut command = programs.server_command("initdb");
        command
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
            .args(["--locale=C", "--no-sync", "--no-instructions", "--pgdata"])
            .arg(self.data());
        let output = run_to_end(command, b"", PATIENCE).await?;
        if !output.status.success() {
            bail!("initdb: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let mut file = OpenOptions::new().append(true).open(self.data().join("postgresql.conf"))?;
        std::io::Write::write_all(&mut file, self.settings(options)?.as_bytes())?;
        for (name, content) in &options.files {
            let path = self.data().join(name);
            std::fs::write(&path, content)?;
            // PostgreSQL refuses a key that others can read.
            std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
            programs.hand_over(&path)?;
        }
        Ok(())
    }

    fn settings(&self, options: &Options) -> Result<String> {
        let mut text = format!(
            "\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\nmax_connections = {}\n",
            self.folder.path().display(),
            options.max_connections
        );
        if options.durability == Durability::Off {
            text.push_str("fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n");
        }
        if options.statement_statistics {
            text.push_str("shared_preload_libraries = 'pg_stat_statements'\n");
        }
        for (name, value) in &options.settings {
            writeln!(text, "{name} = '{}'", value.replace('\'', "''"))?;
        }
        Ok(text)
    }

    pub(super) async fn start(&mut self, programs: &Programs) -> Result<()> {
        ensure!(self.server.is_none(), "the cluster is running");
        // A killed server leaves its file behind, and that one still says "ready".
        std::fs::remove_file(self.pid_file()).ok();
        let log = File::create(self.log())?;
        let mut command = programs.server_command("postgres");
        command
            .arg("-D")
            .arg(self.data())
            .args(["-p", &self.port.to_string()])
            .stdout(log.try_clone()?)
            .stderr(log);
        let server = Running::start_quitting(command)?;
        tokio::time::timeout(PATIENCE, self.ready(&server))
            .await
            .with_context(|| format!("PostgreSQL is not ready after {PATIENCE:?}"))
            .flatten()
            .with_context(|| std::fs::read_to_string(self.log()).unwrap_or_default())?;
        self.server = Some(server);
        Ok(())
    }

    async fn ready(&self, server: &Running) -> Result<()> {
        let mut look = tokio::time::interval(LOOK);
        loop {
            look.tick().await;
            let text = std::fs::read_to_string(self.pid_file()).unwrap_or_default();
            // A standby that can be read from says so by its own word.
            if matches!(text.lines().nth(7).map(str::trim), Some("ready" | "standby")) {
                return Ok(());
            }
            ensure!(server.is_running(), "PostgreSQL ended while it started");
        }
    }

    pub(super) async fn stop(&mut self, mode: StopMode) -> Result<()> {
        let mut server = self.server.take().context("the cluster is not running")?;
        let children = match mode {
            StopMode::Fast => {
                server.signal(Signal::INT)?;
                Vec::new()
            }
            StopMode::Immediate => {
                server.signal(Signal::QUIT)?;
                Vec::new()
            }
            StopMode::Kill => kill_all(&server)?,
        };
        server.wait(PATIENCE).await?;
        // A server whose children still hold the shared memory cannot be started again.
        for child in children {
            exited(child, PATIENCE).await?;
        }
        Ok(())
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.server.as_ref().map(Running::pid)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    fn pid_file(&self) -> PathBuf {
        self.data().join("postmaster.pid")
    }
}

/// Kills the postmaster and its children. It is halted first, so that it makes no new ones and does
/// not see the first of them die.
fn kill_all(server: &Running) -> Result<Vec<Pid>> {
    server.signal(Signal::STOP)?;
    let children = children_of(server.pid())?;
    for child in &children {
        // One that has just ended by itself is as good as killed.
        kill_process(*child, Signal::KILL).ok();
    }
    server.signal(Signal::KILL)?;
    Ok(children)
}
