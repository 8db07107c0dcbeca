//! One program that runs in the background: signals, its end as an event, its output, and no way
//! to outlive the test.
//!
//! The exit is awaited through a pidfd (on a blocking thread) and reaped here, so nothing depends on one runtime. What the
//! program is and when it is ready is left to `postgres`, `haproxy` and `server`.

use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, kill_process, pidfd_open, waitid,
};
use tokio::io::AsyncWriteExt;

use crate::keeper::{self, Watched};
use crate::output::Lines;

/// A running (or ended, not yet dropped) program.
#[derive(Debug)]
pub struct Running {
    name: String,
    child: Child,
    stdout: Option<Lines>,
    stderr: Option<Lines>,
    on_drop: Signal,
    _watched: Watched,
}

/// A command without environment except `PATH`.
#[must_use]
pub fn bare_command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(std::env::var("PATH").map(|path| ("PATH", path)));
    command
}

impl Running {
    /// Starts `command` and reads what it prints.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start(mut command: Command) -> Result<Self> {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::spawn(command, Signal::KILL, "KILL")
    }

    /// Starts `command` with its output where the caller directed it; `SIGQUIT` instead of `SIGKILL`
    /// ends it when dropped, which PostgreSQL needs to take its children along.
    ///
    /// # Errors
    /// When the program cannot be started.
    pub fn start_quitting(command: Command) -> Result<Self> {
        Self::spawn(command, Signal::QUIT, "QUIT")
    }

    fn spawn(mut command: Command, on_drop: Signal, signal: &str) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let mut child =
            command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start {name}"))?;
        let stdout = child.stdout.take().map(Lines::read);
        let stderr = child.stderr.take().map(Lines::read);
        let watched = keeper::watch(child.id(), signal)?;
        Ok(Self { name, child, stdout, stderr, on_drop, _watched: watched })
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it printed on stdout; none if the caller directed that elsewhere.
    #[must_use]
    pub fn stdout(&self) -> Option<&Lines> {
        self.stdout.as_ref()
    }

    /// What it printed on stderr; none if the caller directed that elsewhere.
    #[must_use]
    pub fn stderr(&self) -> Option<&Lines> {
        self.stderr.as_ref()
    }

    /// Sends a signal. The process id is its own until it is reaped, so nobody else is met.
    ///
    /// # Errors
    /// When it has ended and was waited for.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        ensure!(!self.reaped(), "{} has ended", self.name);
        kill_process(pid_of(&self.child), signal)
            .with_context(|| format!("cannot signal {}", self.name))
    }

    /// Whether it has not ended yet.
    #[must_use]
    pub fn is_running(&self) -> bool {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        matches!(waitid(WaitId::Pid(pid_of(&self.child)), look), Ok(None))
    }

    fn reaped(&self) -> bool {
        let look = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(pid_of(&self.child)), look).is_err()
    }

    /// Waits for its end. May be called again.
    ///
    /// # Errors
    /// When it is still running at the deadline.
    pub async fn wait(&mut self, deadline: Duration) -> Result<ExitStatus> {
        if !self.reaped() {
            exited(pid_of(&self.child), deadline)
                .await
                .with_context(|| format!("waiting for {}", self.name))?;
        }
        self.child.wait().context("the exit status is lost")
    }

    /// The last lines of both streams, for the message of a failure. The reason is often printed last,
    /// so a program that is about to end is given a second to end.
    pub async fn last_words(&self) -> String {
        for lines in [&self.stdout, &self.stderr].into_iter().flatten() {
            lines.end(Duration::from_secs(1)).await;
        }
        self.tail()
    }

    fn tail(&self) -> String {
        [&self.stdout, &self.stderr]
            .into_iter()
            .flatten()
            .map(Lines::tail)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only if it has already ended.
        self.signal(self.on_drop).ok();
        self.child.wait().ok();
    }
}

fn pid_of(child: &Child) -> Pid {
    Pid::from_child(child)
}

/// The processes whose parent is `parent`.
///
/// # Errors
/// When `/proc` cannot be read.
pub fn children_of(parent: u32) -> Result<Vec<Pid>> {
    let mut children = Vec::new();
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        // proc(5): "pid (name) state ppid …", and the name may contain anything.
        let ppid = stat
            .rsplit_once(')')
            .and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse::<u32>().ok());
        if ppid == Some(parent) {
            children.extend(Pid::from_raw(pid));
        }
    }
    Ok(children)
}

/// Waits until the process has ended, whosever child it is. One that is already gone has ended.
///
/// # Errors
/// When it still runs at the deadline, or the kernel has no pidfd (Linux before 5.3).
pub async fn exited(pid: Pid, deadline: Duration) -> Result<()> {
    let fd = match pidfd_open(pid, PidfdFlags::empty()) {
        Ok(fd) => fd,
        Err(Errno::SRCH) => return Ok(()),
        Err(error) => return Err(error).context("pidfd_open"),
    };
    let over = tokio::task::spawn_blocking(move || -> Result<bool> {
        let timeout = Timespec::try_from(deadline).context("the deadline is too far")?;
        loop {
            match poll(&mut [PollFd::new(&fd, PollFlags::IN)], Some(&timeout)) {
                // Signals to the test process are rare; the wait then begins anew.
                Err(Errno::INTR) => {}
                Err(error) => return Err(error).context("poll"),
                Ok(events) => return Ok(events > 0),
            }
        }
    })
    .await??;
    ensure!(over, "still runs after {deadline:?}");
    Ok(())
}

/// Runs a command to its end with `stdin` as its input, and kills it after `deadline`.
///
/// # Errors
/// When it cannot be started or does not end in time. A failing exit status is no error.
pub async fn run_to_end(command: Command, stdin: &[u8], deadline: Duration) -> Result<Output> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut command = tokio::process::Command::from(command);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
    let mut pipe = child.stdin.take().context("no stdin")?;
    let feed = async move {
        // A program that does not read its input is free to close it.
        pipe.write_all(stdin).await.ok();
    };
    let both = async { tokio::join!(feed, child.wait_with_output()) };
    let ((), output) = tokio::time::timeout(deadline, both)
        .await
        .with_context(|| format!("{name} still runs after {deadline:?}"))?;
    output.with_context(|| format!("the output of {name} is lost"))
}
