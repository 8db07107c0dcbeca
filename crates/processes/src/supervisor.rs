//! The parent: keeps N processes on one listening socket, replaces the dead at once and the living one by one.
//!
//! It holds the socket and nothing else: no configuration, no application state, no request ever passes through it.
//! `crew` keeps the processes, `roll` replaces them one by one, `death` judges why one ended, `backoff` slows crash
//! loops; the child's side is in [`crate::child`].

mod backoff;
mod crew;
mod death;
mod roll;
mod signals;

use std::ffi::OsString;
use std::io;
use std::marker::PhantomData;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt;
use rustix::process::Signal;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};

use self::crew::Crew;
use self::death::Death;
use self::roll::Roll;
pub use self::signals::signals;
use crate::notify;
use crate::rendezvous::Inbox;

/// What is to be kept running.
#[derive(Debug)]
pub struct Plan {
    /// The program, usually this one's own file.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Variables added to the inherited environment.
    pub env: Vec<(OsString, OsString)>,
    /// The socket every process is given as its standard input.
    pub listener: std::net::TcpListener,
    /// How many processes; at least one.
    pub processes: usize,
    /// From SIGTERM to SIGKILL; longer than a process's drain delay and drain timeout together.
    pub stop_timeout: Duration,
}

/// What a running supervisor can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// One process more.
    Add,
    /// One process fewer, the newest slot's; the last one stays.
    Remove,
    /// Replaces all processes one by one, each only when its successor is ready.
    ReplaceAll,
    /// SIGKILL to one process, which is then replaced like any dead one.
    Kill {
        /// One of [`Child::pid`]; any other number is ignored.
        pid: u32,
    },
    /// SIGTERM to all, and the end.
    Stop,
    /// SIGKILL to all, and the end.
    StopNow,
}

/// Where a process is in its life, as its parent sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Started, not heard of yet.
    Starting,
    /// Reported that it serves.
    Ready,
    /// Was told to end.
    Stopping,
}

/// One process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// Its place, kept by its successors.
    pub slot: usize,
    /// Its process number.
    pub pid: u32,
    /// Its own name for itself, once it is ready.
    pub process_id: Option<String>,
    /// When it was started.
    pub started: std::time::Instant,
    /// Where it is in its life.
    pub phase: Phase,
    /// Its management listener, once it is ready and if it has one.
    pub management: Option<SocketAddr>,
}

/// A process refused its configuration; every other start would end the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a process refused its configuration and ended with status {code}")]
pub struct Ended {
    /// The status it ended with, for the parent to end with too.
    pub code: i32,
}

/// Tells a supervisor what to do, and what it has; clones share it.
#[derive(Clone, Debug)]
pub struct Handle {
    commands: mpsc::UnboundedSender<Command>,
    children: watch::Receiver<Vec<Child>>,
}

impl Handle {
    /// Sends a command; without effect once the supervisor has ended.
    pub fn send(&self, command: Command) {
        // A closed channel says that there is nobody left to command.
        let _ = self.commands.send(command);
    }

    /// The processes, ordered by slot and start; changes can be awaited.
    #[must_use]
    pub fn children(&self) -> watch::Receiver<Vec<Child>> {
        self.children.clone()
    }
}

/// The parent's loop.
///
/// It stays on the thread that made it (it is not [`Send`]): Linux sends a child the death signal when the *thread*
/// that started it ends, so that has to be one that lives as long as the process. Make and run it in `main`, within
/// `Runtime::block_on`.
pub struct Supervisor {
    crew: Crew,
    roll: Option<Roll>,
    inbox: Inbox,
    commands: mpsc::UnboundedReceiver<Command>,
    children: watch::Sender<Vec<Child>>,
    ending: Option<Result<(), Ended>>,
    announced: bool,
    one_thread: PhantomData<Rc<()>>,
}

impl Supervisor {
    /// Prepares to run `plan`; inside a tokio runtime only. Nothing is started yet.
    ///
    /// # Errors
    /// The socket for the children's reports cannot be opened.
    pub fn new(plan: Plan) -> io::Result<(Self, Handle)> {
        let inbox = Inbox::open()?;
        let (sender, commands) = mpsc::unbounded_channel();
        let (children, receiver) = watch::channel(Vec::new());
        let supervisor = Self {
            crew: Crew::new(plan, inbox.place.clone()),
            roll: None,
            inbox,
            commands,
            children,
            ending: None,
            announced: false,
            one_thread: PhantomData,
        };
        let handle = Handle { commands: sender, children: receiver };
        Ok((supervisor, handle))
    }

    /// Keeps the processes until it is told to stop; returns when all of them have ended.
    ///
    /// # Errors
    /// A process ended with status 78 (`EX_CONFIG`) before it was ever ready.
    pub async fn run(mut self) -> Result<(), Ended> {
        let watchdog = notify::watchdog_interval();
        let mut alive_at = watchdog.map(|_| Instant::now());
        loop {
            self.look_after();
            if let Some(ending) = self.ending
                && self.crew.is_empty()
            {
                return ending;
            }
            if let (Some(at), Some(interval)) = (alive_at, watchdog)
                && at <= Instant::now()
            {
                notify::alive();
                alive_at = Some(Instant::now() + interval);
            }
            let alarm = [self.crew.alarm(), self.roll_alarm(), alive_at];
            let alarm = alarm.into_iter().flatten().min();
            tokio::select! {
                biased;
                Some(command) = self.commands.recv() => self.obey(command),
                Some((pid, status)) = self.crew.exits.next() => self.bury(pid, &status),
                report = self.inbox.receive() => self.crew.hear(report),
                () = at(alarm) => {}
            }
        }
    }

    /// Everything that follows from the present state and the time.
    fn look_after(&mut self) {
        self.crew.kill_overdue();
        if self.ending.is_none() {
            if let Some(roll) = &mut self.roll
                && roll.advance(&mut self.crew).is_break()
            {
                self.roll = None;
            }
            self.crew.fill_slots();
        }
        if !self.announced && self.crew.all_ready() {
            self.announced = true;
            notify::ready();
        }
        let children = self.crew.children();
        self.children.send_if_modified(|known| {
            let changed = *known != children;
            *known = children;
            changed
        });
    }

    fn roll_alarm(&self) -> Option<Instant> {
        self.roll.as_ref().and_then(Roll::alarm)
    }

    fn obey(&mut self, command: Command) {
        tracing::info!(?command, "command");
        match command {
            Command::Kill { pid } => self.crew.signal(pid, Signal::KILL),
            Command::Stop => self.end(Ok(())),
            Command::StopNow => {
                self.end(Ok(()));
                self.crew.kill_all();
            }
            _ if self.ending.is_some() => {}
            Command::Add => self.crew.add_slot(),
            Command::Remove => self.crew.remove_slot(),
            Command::ReplaceAll => match &mut self.roll {
                Some(roll) => roll.repeat(),
                None => self.roll = Some(Roll::over(&self.crew)),
            },
        }
    }

    fn bury(&mut self, pid: u32, status: &io::Result<ExitStatus>) {
        // Whether it was ready may be known only by a report that is still unread.
        for report in self.inbox.arrived() {
            self.crew.hear(report);
        }
        let replacing = self.roll.as_ref().and_then(Roll::successor) == Some(pid);
        match self.crew.bury(pid, status) {
            // A roll that fails leaves the old processes as they were.
            _ if replacing => {}
            Some(Death::Misconfigured(code)) => self.end(Err(Ended { code })),
            Some(Death::Crashed { slot }) => self.crew.slow_down(slot),
            Some(Death::Lost { slot }) => self.crew.start_over(slot),
            Some(Death::Expected) | None => {}
        }
    }

    fn end(&mut self, outcome: Result<(), Ended>) {
        if self.ending.is_none() {
            self.ending = Some(outcome);
            self.roll = None;
            notify::stopping();
            self.crew.retire_all();
        }
    }
}

async fn at(alarm: Option<Instant>) {
    match alarm {
        Some(alarm) => sleep_until(alarm).await,
        None => std::future::pending().await,
    }
}
