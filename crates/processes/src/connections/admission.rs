//! Who is let in: a connection needs a seat below the ceiling and, where requests are counted, a reserved request.
//!
//! Both are had before `accept`, so what cannot be served yet waits in the kernel's backlog, where a sibling process
//! may take it. Errors of `accept` never make the loop spin.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Duration, Instant, sleep_until};

use super::Limits;
use super::budget::{Budget, Reservation};
use crate::lifecycle::Lifecycle;

/// How long `accept` rests when the system has nothing left to give.
const REST: Duration = Duration::from_millis(100);
/// At most one log line in this time about that.
const LOG_EVERY: Duration = Duration::from_secs(10);
/// More than the backlog can hold: the bound of [`Door::sweep`] beside busy siblings.
const SWEEP: usize = 4096;

pub(super) struct Door {
    seats: Arc<Semaphore>,
    budget: Option<Arc<Budget>>,
    logged_at: Option<Instant>,
}

/// Held by a connection for its whole life.
#[derive(Debug)]
pub(super) struct Admission {
    _seat: OwnedSemaphorePermit,
    pub(super) reservation: Option<Reservation>,
}

pub(super) type Arrival = (TcpStream, SocketAddr, Admission);

impl Door {
    pub(super) fn new(limits: &Limits, lifecycle: &Lifecycle) -> Self {
        let seats = limits.max_connections.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            seats: Arc::new(Semaphore::new(seats)),
            budget: limits.max_requests.map(|requests| Budget::new(requests, lifecycle.clone())),
            logged_at: None,
        }
    }

    /// The next connection, not before `resume_at`. Losing this future loses no connection.
    pub(super) async fn next(
        &self,
        listener: &TcpListener,
        resume_at: Option<Instant>,
    ) -> io::Result<Arrival> {
        if let Some(at) = resume_at {
            sleep_until(at).await;
        }
        let seat = Arc::clone(&self.seats).acquire_owned().await.map_err(io::Error::other)?;
        let reservation = match &self.budget {
            Some(budget) => Some(budget.reserve().await),
            None => None,
        };
        let (stream, peer) = listener.accept().await?;
        let admission = Admission { _seat: seat, reservation };
        Ok((stream, peer, admission))
    }

    /// Until when to rest after `error`; `None` when it concerned one connection only, which is gone.
    pub(super) fn pause_after(&mut self, error: &io::Error) -> Option<Instant> {
        use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
        if matches!(
            error.kind(),
            ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
        ) {
            return None;
        }
        let now = Instant::now();
        if self.logged_at.is_none_or(|at| now - at >= LOG_EVERY) {
            self.logged_at = Some(now);
            tracing::error!(%error, "cannot accept connections; trying again every 100 ms");
        }
        Some(now + REST)
    }

    /// Takes what the kernel has completed already, then closes the socket: if no other process shares it, these
    /// clients would be reset although they did nothing wrong.
    pub(super) fn sweep(&self, listener: TcpListener) -> Vec<Arrival> {
        let Ok(listener) = listener.into_std() else {
            return Vec::new();
        };
        let waiting = std::iter::from_fn(|| {
            let admission = self.try_admit()?;
            let (stream, peer) = listener.accept().ok()?;
            stream.set_nonblocking(true).ok()?;
            Some((TcpStream::from_std(stream).ok()?, peer, admission))
        });
        waiting.take(SWEEP).collect()
    }

    fn try_admit(&self) -> Option<Admission> {
        let seat = Arc::clone(&self.seats).try_acquire_owned().ok()?;
        let reservation = match &self.budget {
            Some(budget) => Some(budget.try_reserve()?),
            None => None,
        };
        Some(Admission { _seat: seat, reservation })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_errors_of_the_whole_process_make_it_rest() {
        let mut door = Door::new(&Limits::default(), &Lifecycle::new());
        let aborted = io::Error::from(io::ErrorKind::ConnectionAborted);
        assert_eq!(door.pause_after(&aborted), None);
        let out_of_files = io::Error::from_raw_os_error(24);
        assert!(door.pause_after(&out_of_files) > Some(Instant::now()));
    }

    #[tokio::test]
    async fn the_sweep_takes_what_is_waiting() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let clients: Vec<_> = (0..3).map(|_| std::net::TcpStream::connect(addr).unwrap()).collect();
        let door = Door::new(&Limits::default(), &Lifecycle::new());
        assert_eq!(door.sweep(listener).len(), clients.len());
        assert!(std::net::TcpStream::connect(addr).is_err());
    }
}
