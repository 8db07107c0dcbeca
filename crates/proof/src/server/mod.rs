//! The real `tokenhouse` binary: started on free ports, awaited by its own "ready" line, signalled,
//! killed, waited for; and its other commands run to their end.
//!
//! How it is started is put together in [`builder`]; which of its lines mean "ready" is decided in
//! [`ready`]. What it answers is left to [`crate::http`].

mod binary;
mod builder;
mod ready;

use std::net::SocketAddr;
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::Signal;
use serde_json::Value;

pub use binary::{Output, binary, run};
pub use builder::Builder;
pub use ready::Ready;

use crate::output::Lines;
use crate::process::Running;

/// A running server: one process, or a supervisor with several. Killed when dropped, and its
/// children with it.
#[derive(Debug)]
pub struct Tokenhouse {
    process: Running,
    stdout: Lines,
    stderr: Lines,
    addr: SocketAddr,
    children: Vec<Ready>,
}

impl Tokenhouse {
    /// How to start one.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// The public address.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://` and the public address, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The management address of the first process, if it has one.
    #[must_use]
    pub fn management(&self) -> Option<SocketAddr> {
        self.children.first().and_then(|child| child.management)
    }

    /// What each serving process said when it was ready; one entry without a supervisor. Processes
    /// that replaced another one later are in [`Tokenhouse::events`].
    #[must_use]
    pub fn children(&self) -> &[Ready] {
        &self.children
    }

    /// The process id: the supervisor's, if there is one.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Whether it has not ended yet.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.process.is_running()
    }

    /// SIGKILL, and waits until it is gone.
    ///
    /// # Errors
    /// When it had been waited for already.
    pub async fn kill9(&mut self) -> Result<ExitStatus> {
        self.signal(Signal::KILL)?;
        self.wait(Duration::from_secs(10)).await
    }

    /// SIGTERM: asks it to drain and end. Does not wait.
    ///
    /// # Errors
    /// When it has ended and was waited for.
    pub fn terminate(&self) -> Result<()> {
        self.signal(Signal::TERM)
    }

    /// Sends any signal.
    ///
    /// # Errors
    /// When it has ended and was waited for.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        self.process.signal(signal)
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When it still runs at the deadline.
    pub async fn wait(&mut self, deadline: Duration) -> Result<ExitStatus> {
        self.process.wait(deadline).await
    }

    /// What it printed on stdout: one JSON object per line.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.stdout.all()
    }

    /// What it printed on stderr so far.
    #[must_use]
    pub fn error_lines(&self) -> Vec<String> {
        self.stderr.all()
    }

    /// Stderr itself, for [`Lines::wait_for`].
    #[must_use]
    pub fn stderr(&self) -> &Lines {
        &self.stderr
    }

    /// Stdout itself, for [`Lines::mark`] and [`Lines::wait_from`].
    #[must_use]
    pub fn stdout(&self) -> &Lines {
        &self.stdout
    }

    /// The events of that name so far.
    #[must_use]
    pub fn events(&self, name: &str) -> Vec<Value> {
        let lines = self.stdout.all();
        lines.iter().filter_map(|line| ready::event(line, name)).collect()
    }

    /// Waits for an event by its `event.name`, past or coming.
    ///
    /// # Errors
    /// When it does not come in time, or the server ends before.
    pub async fn wait_for_event(&self, name: &str, deadline: Duration) -> Result<Value> {
        self.stdout
            .wait_for(deadline, |line| ready::event(line, name))
            .await
            .with_context(|| format!("waiting for the event {name}"))
    }
}
