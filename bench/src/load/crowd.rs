//! The connections of one generator and the epoll that tells which of them have something to read.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::buffer::spare_capacity;
use rustix::event::{PollFd, PollFlags, Timespec, epoll, poll};
use rustix::fd::OwnedFd;

use super::asking::Asking;
use super::connection::{Asked, Connection};
use super::outcome::Outcome;

/// Longer than the server's own deadline for a request.
const SILENCE: Duration = Duration::from_secs(30);

/// Kept connections to one or several servers.
pub(crate) struct Crowd {
    epoll: OwnedFd,
    events: Vec<epoll::Event>,
    pub(super) connections: Vec<Connection>,
    addrs: Vec<SocketAddr>,
    /// How many requests are under way.
    pub(super) busy: usize,
}

impl Crowd {
    /// Connects so many times, to the servers in turn.
    pub(crate) fn connect(addrs: &[SocketAddr], connections: usize) -> Result<Self> {
        let mut crowd = Self {
            epoll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            events: Vec::with_capacity(256),
            connections: Vec::with_capacity(connections),
            addrs: addrs.to_vec(),
            busy: 0,
        };
        for _ in 0..connections {
            crowd.add()?;
        }
        Ok(crowd)
    }

    /// One connection more; its number.
    pub(super) fn add(&mut self) -> Result<usize> {
        let number = self.connections.len();
        let connection = Connection::open(self.addrs[number % self.addrs.len()])?;
        let data = epoll::EventData::new_u64(number as u64);
        epoll::add(&self.epoll, &connection, data, epoll::EventFlags::IN)?;
        self.connections.push(connection);
        Ok(number)
    }

    /// Sends the next request over a connection that is idle.
    pub(super) fn ask(
        &mut self,
        number: usize,
        asking: &mut impl Asking,
        since: Instant,
    ) -> Result<()> {
        let connection = &mut self.connections[number];
        connection.request.clear();
        let whose = asking.compose(&mut connection.request);
        connection.send(Asked { whose, since })?;
        self.busy += 1;
        Ok(())
    }

    /// Waits until something can be read, at most until `deadline`.
    pub(super) fn wait(&mut self, deadline: Option<Instant>) -> Result<Vec<epoll::Event>> {
        let span = deadline.map_or(SILENCE, |at| at.saturating_duration_since(Instant::now()));
        let mut timeout = Timespec::try_from(span).context("the deadline is too far")?;
        if deadline.is_some() {
            // `epoll_wait` takes milliseconds, `ppoll` nanoseconds.
            interrupted(poll(&mut [PollFd::new(&self.epoll, PollFlags::IN)], Some(&timeout)))?;
            timeout = Timespec::default();
        }
        let mut events = std::mem::take(&mut self.events);
        events.clear();
        interrupted(epoll::wait(&self.epoll, spare_capacity(&mut events), Some(&timeout)))?;
        ensure!(
            deadline.is_some() || !events.is_empty(),
            "no answer to any of {} requests within {SILENCE:?}",
            self.busy
        );
        Ok(events)
    }

    /// Gives the memory of [`Crowd::wait`] back.
    pub(super) fn waited(&mut self, events: Vec<epoll::Event>) {
        self.events = events;
    }

    /// Reads from a connection; whether its answer is whole. It is counted then.
    pub(super) fn hear(
        &mut self,
        number: usize,
        asking: &mut impl Asking,
        outcome: &mut Outcome,
    ) -> Result<bool> {
        let heard = self.connections[number].receive(|asked, answer| {
            outcome.count(asked.since.elapsed(), answer.status, asking.judge(asked.whose, answer));
        })?;
        self.busy -= usize::from(heard.is_some());
        Ok(heard.is_some())
    }
}

/// A signal is no failure; the caller waits again.
fn interrupted(waited: rustix::io::Result<usize>) -> Result<()> {
    match waited {
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
        Err(error) => Err(error).context("waiting for answers"),
    }
}
