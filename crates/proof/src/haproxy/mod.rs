//! The real HAProxy with the shipped `deploy/haproxy.cfg`, unchanged: started in front of up to
//! eight servers, told of others, reloaded.
//!
//! What the balancer does with a request is decided by that file. How its admin socket is spoken
//! to is in [`admin`].

mod admin;

use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::Signal;

use crate::keeper::Folder;
use crate::ports::free_address;
use crate::process::{Running, bare_command};
use crate::server::Tokenhouse;

pub use admin::{Health, Server};

/// The shipped file has this many places for servers.
pub const PLACES: usize = 8;
/// The backend of the shipped file by which requests that cost a hash reach the same servers.
const HASHING: &str = "hashing";
/// How often the admin socket is asked while something is awaited: HAProxy announces none of it.
const LOOK: Duration = Duration::from_millis(10);

/// A server behind the balancer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// Where requests go.
    pub addr: SocketAddr,
    /// Where `/readyz` is asked; the shipped file knows only its port.
    pub management: SocketAddr,
}

impl Upstream {
    /// The addresses of a running server.
    ///
    /// # Errors
    /// When it has no management address.
    pub fn of(server: &Tokenhouse) -> Result<Self> {
        Ok(Self {
            addr: server.addr(),
            management: server.management().context("the server has no management address")?,
        })
    }
}

/// How the balancer is started.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether to wait until a check of every server has passed.
    pub wait_until_up: bool,
    /// How long starting may take.
    pub deadline: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { wait_until_up: true, deadline: Duration::from_secs(15) }
    }
}

/// A running HAProxy. Stopped when dropped.
#[derive(Debug)]
pub struct Balancer {
    process: Running,
    /// Processes that were replaced by a reload and finish what they have.
    leaving: Vec<Running>,
    folder: Folder,
    addr: SocketAddr,
    options: Options,
}

impl Balancer {
    /// Starts HAProxy in front of `servers`, at most [`PLACES`], and waits until it listens.
    ///
    /// # Errors
    /// When HAProxy is not installed, does not start, or a server is not up in time.
    pub async fn start(servers: &[Upstream], options: Options) -> Result<Self> {
        let folder = Folder::create("tokenhouse-haproxy-")?;
        let addr = free_address()?;
        let process = Running::start(command(servers, addr, folder.path())?)?;
        let balancer = Self { process, leaving: Vec::new(), folder, addr, options };
        balancer.wait_until_ready().await?;
        Ok(balancer)
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://` and the address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Replaces all servers by HAProxy's own reload: a new process takes over the listening socket,
    /// the old one finishes its requests. No connection is refused.
    ///
    /// # Errors
    /// As [`Balancer::start`].
    pub async fn reload(&mut self, servers: &[Upstream]) -> Result<()> {
        let mut command = command(servers, self.addr, self.folder.path())?;
        let old = self.process.pid().to_string();
        command.arg("-x").arg(self.socket()).args(["-sf", &old]);
        let new = Running::start(command)?;
        let old = std::mem::replace(&mut self.process, new);
        self.leaving.push(old);
        self.wait_until_ready().await
    }

    /// Waits until the processes that reloads replaced have finished, and returns how they ended.
    ///
    /// # Errors
    /// When one still has requests at the deadline.
    pub async fn wait_for_leaving(&mut self, deadline: Duration) -> Result<Vec<ExitStatus>> {
        let mut ended = Vec::new();
        for mut process in self.leaving.drain(..) {
            ended.push(process.wait(deadline).await?);
        }
        Ok(ended)
    }

    /// Puts another server in the place of one that has ended, counted from 0, without a reload. It
    /// counts as up or down as the old one did, until its first check.
    ///
    /// If the old one still runs, HAProxy goes on using those connections to it that had a request
    /// under way; only a reload takes a living server out for good.
    ///
    /// # Errors
    /// When there is no such place, or the new management address differs by more than its port.
    pub async fn replace(&self, place: usize, server: Upstream) -> Result<()> {
        check_addresses(&server)?;
        let (ip, port) = (server.addr.ip(), server.addr.port());
        let check = server.management.port();
        self.ask(&format!("set server {} check-port {check}", name(place))).await?;
        for backend in [admin::CHECKED, HASHING] {
            let name = server_of(backend, place);
            self.ask(&format!("set server {name} addr {ip} port {port}")).await?;
        }
        Ok(())
    }

    /// What it thinks of each server, in the order of their places.
    ///
    /// # Errors
    /// When it does not answer.
    pub async fn servers(&self) -> Result<Vec<Server>> {
        admin::servers(&self.ask("show stat -1 4 -1").await?)
    }

    /// Waits until it thinks that of the server in `place`, counted from 0.
    ///
    /// # Errors
    /// When it does not by the deadline.
    pub async fn wait_for(&self, place: usize, health: Health, deadline: Duration) -> Result<()> {
        self.wait_until(deadline, |servers| {
            servers.get(place).is_some_and(|server| server.health == health)
        })
        .await
        .with_context(|| format!("{} did not become {health:?}", name(place)))
    }

    /// What it logged: one line per request, and one per change of a server.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.process.stdout().map(crate::output::Lines::all).unwrap_or_default()
    }

    /// Sends a signal, such as `USR1` for a soft stop.
    ///
    /// # Errors
    /// When it has ended and was waited for.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        self.process.signal(signal)
    }

    async fn ask(&self, question: &str) -> Result<String> {
        admin::ask(&self.socket(), question).await
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("admin")
    }

    async fn wait_until_ready(&self) -> Result<()> {
        let ready = |servers: &[Server]| {
            !self.options.wait_until_up || servers.iter().all(|server| server.health == Health::Up)
        };
        match self.wait_until(self.options.deadline, ready).await {
            Ok(()) => Ok(()),
            Err(error) => {
                let words = self.process.last_words().await;
                Err(error.context(format!("HAProxy is not ready:\n{words}")))
            }
        }
    }

    async fn wait_until(
        &self,
        deadline: Duration,
        reached: impl Fn(&[Server]) -> bool,
    ) -> Result<()> {
        let asking = async {
            let mut look = tokio::time::interval(LOOK);
            loop {
                look.tick().await;
                ensure!(self.process.is_running(), "HAProxy has ended");
                // It opens the socket together with its listeners; before that nobody answers.
                // After a reload the old process may answer a last time.
                if self.is_new_process().await
                    && let Ok(servers) = self.servers().await
                    && reached(&servers)
                {
                    return Ok(());
                }
            }
        };
        tokio::time::timeout(deadline, asking)
            .await
            .with_context(|| format!("waited {deadline:?}"))?
    }

    async fn is_new_process(&self) -> bool {
        let pid = format!("Pid: {}", self.process.pid());
        let info = self.ask("show info").await.unwrap_or_default();
        info.lines().any(|line| line == pid)
    }
}

/// The name of a place in the shipped file, where it is checked.
fn name(place: usize) -> String {
    server_of(admin::CHECKED, place)
}

fn server_of(backend: &str, place: usize) -> String {
    format!("{backend}/s{}", place + 1)
}

/// The shipped file takes what differs from its environment.
fn command(servers: &[Upstream], addr: SocketAddr, folder: &Path) -> Result<Command> {
    ensure!(servers.len() <= PLACES, "deploy/haproxy.cfg has {PLACES} places");
    let mut command = bare_command("haproxy");
    // Debian has it in /usr/sbin, which the PATH of a user need not have.
    if let Some(path) = std::env::var_os("PATH") {
        let mut path = path;
        path.push(":/usr/local/sbin:/usr/sbin");
        command.env("PATH", path);
    }
    command
        .arg0("haproxy")
        .args(["-db", "-f"])
        .arg(configuration())
        .env("LB_BIND", addr.to_string())
        .env("LB_STATS", folder.join("admin"));
    for (place, server) in servers.iter().enumerate() {
        check_addresses(server)?;
        let number = place + 1;
        command
            .env(format!("LB_SERVER_{number}"), server.addr.to_string())
            .env(format!("LB_CHECK_{number}"), server.management.port().to_string());
    }
    Ok(command)
}

fn check_addresses(server: &Upstream) -> Result<()> {
    ensure!(
        server.addr.ip() == server.management.ip(),
        "both addresses of a server must have the same host"
    );
    Ok(())
}

/// The file that is shipped.
#[must_use]
pub fn configuration() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/haproxy.cfg")
}
