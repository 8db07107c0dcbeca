//! One process at addresses that it keeps through all its lives, so that the balancer need not be told
//! of a new one, as with a service that restarts.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal};

use crate::haproxy::Upstream;
use crate::ports::free_address;
use crate::server::{Builder, Tokenhouse};

const LONG: Duration = Duration::from_secs(30);

/// A process, or the place of one.
#[derive(Debug)]
pub struct Place {
    /// What it is called in marks.
    pub name: String,
    addr: SocketAddr,
    management: SocketAddr,
    builder: Builder,
    server: Option<Tokenhouse>,
}

impl Place {
    /// A place for processes of that kind; none is started yet.
    ///
    /// # Errors
    /// When no port is free.
    pub fn new(number: usize, builder: Builder) -> Result<Self> {
        let (addr, management) = (free_address()?, free_address()?);
        let builder = builder
            .env("LISTEN_ADDR", &addr.to_string())
            .env("MANAGEMENT_LISTEN", &management.to_string());
        Ok(Self { name: format!("s{}", number + 1), addr, management, builder, server: None })
    }

    /// The next process that is started here has this variable.
    pub fn set_env(&mut self, name: &str, value: &str) {
        self.builder = self.builder.clone().env(name, value);
    }

    /// Where the process is, or will be.
    #[must_use]
    pub fn upstream(&self) -> Upstream {
        Upstream { addr: self.addr, management: self.management }
    }

    /// Its public address.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Whether there is a process.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.server.as_ref().is_some_and(Tokenhouse::is_running)
    }

    /// Starts a process here, and waits until it says that it is ready.
    ///
    /// # Errors
    /// When it does not; the message shows its output.
    pub async fn start(&mut self) -> Result<()> {
        let server = self.builder.clone().start().await;
        self.server = Some(server.with_context(|| format!("starting {}", self.name))?);
        Ok(())
    }

    /// Kills the process and reaps it.
    ///
    /// # Errors
    /// When there is none.
    pub async fn kill9(&mut self) -> Result<()> {
        self.server.take().context("nobody is here")?.kill9().await.map(drop)
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// When nobody is here.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        self.server.as_ref().context("nobody is here")?.signal(signal)
    }

    /// Asks the process to drain and end, and waits until it has.
    ///
    /// # Errors
    /// When there is none, or it does not end.
    pub async fn drain(&mut self) -> Result<()> {
        let mut server = self.server.take().context("nobody is here")?;
        server.terminate()?;
        let status = server.wait(LONG).await?;
        anyhow::ensure!(status.success(), "{} ended with {status}", self.name);
        Ok(())
    }

    /// The process.
    #[must_use]
    pub fn server(&self) -> Option<&Tokenhouse> {
        self.server.as_ref()
    }

    /// The process's number for the kernel.
    ///
    /// # Errors
    /// When nobody is here.
    pub fn pid(&self) -> Result<Pid> {
        let pid = self.server.as_ref().context("nobody is here")?.pid();
        Pid::from_raw(i32::try_from(pid)?).context("a pid")
    }
}
