//! Serving HTTP connections from a listening socket until the process drains or stops.
//!
//! Decides how many connections there are, how long each may stay silent, and in which order they end. What is answered
//! is the service's affair, request deadlines and body limits included. `admission` lets connections in,
//! `conversation` conducts one, `warden` judges when it has to end, `budget` counts requests where a process may
//! take only so many.

mod activity;
mod admission;
mod budget;
mod conversation;
mod socket;
mod warden;

use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use self::admission::{Admission, Door};
use self::conversation::Conversation;
use crate::lifecycle::Lifecycle;

/// The bounds within which connections are served.
#[derive(Clone, Debug)]
pub struct Limits {
    /// From accepting to the first complete request head, and from the first byte of a later head to its end.
    pub header_timeout: Duration,
    /// Between the end of one answer and the next request; also how long a client may refuse to read.
    pub idle_timeout: Duration,
    /// How long connections are still accepted once draining has begun, for load balancers to notice.
    pub drain_delay: Duration,
    /// How long requests in flight may take after the drain delay before everything is cut.
    pub drain_timeout: Duration,
    /// Connections held at once; more wait in the kernel's backlog.
    pub max_connections: usize,
    /// Bytes of a request head (at least 8 KiB).
    pub max_header_bytes: usize,
    /// Requests this process takes in before it drains by itself; `None` or zero for no such bound. With a bound only
    /// HTTP/1 is spoken, and a kept-alive connection may be idle for a second at most.
    pub max_requests: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            drain_delay: Duration::from_secs(2),
            drain_timeout: Duration::from_secs(20),
            max_connections: 10_000,
            max_header_bytes: 64 * 1024,
            max_requests: None,
        }
    }
}

/// What was served, told at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Served {
    /// Requests handed to the service.
    pub requests: u64,
    /// Connections that were cut because they had not ended in time.
    pub aborted_connections: usize,
}

/// The address of the connection's other end; a request extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddr(pub SocketAddr);

/// A tower service over HTTP whose errors are answers already.
///
/// Implemented for every type that fits, `axum::Router` among them.
pub trait Answers<B>:
    tower::Service<
        Request<Incoming>,
        Response = Response<B>,
        Error = Infallible,
        Future: Send + 'static,
    > + Clone
    + Send
    + 'static
{
}

impl<S, B> Answers<B> for S where
    S: tower::Service<
            Request<Incoming>,
            Response = Response<B>,
            Error = Infallible,
            Future: Send + 'static,
        > + Clone
        + Send
        + 'static
{
}

/// A response body that can be sent from any thread.
pub trait Sendable:
    http_body::Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>> + Send + Unpin + 'static
{
}

impl<B> Sendable for B where
    B: http_body::Body<Data: Send, Error: Into<Box<dyn Error + Send + Sync>>>
        + Send
        + Unpin
        + 'static
{
}

/// Serves `service` on `listener` until `lifecycle` has drained or stopped.
///
/// From the moment draining begins every HTTP/1 response says `Connection: close`. Connections are still accepted for
/// the drain delay; then the socket is closed, idle connections are too, HTTP/2 gets GOAWAY, and what is in flight may
/// finish until the drain timeout. [`Lifecycle::stop_now`] cuts all of it short.
pub async fn serve<S, B>(
    listener: TcpListener,
    service: S,
    limits: Limits,
    lifecycle: Lifecycle,
) -> Served
where
    S: Answers<B>,
    B: Sendable,
{
    let limits = warden::effective(limits);
    let (closing, _) = watch::channel(false);
    let mut house = House {
        door: Door::new(&limits, &lifecycle),
        conversation: Conversation::new(service, &limits, lifecycle.clone()),
        requests: Arc::default(),
        closing,
        guests: JoinSet::new(),
    };
    house.receive(listener, &limits, &lifecycle).await;
    let aborted_connections = house.see_out(&limits, &lifecycle).await;
    Served { requests: house.requests.load(Ordering::Acquire), aborted_connections }
}

/// The open connections and what is needed to begin another.
struct House<S> {
    door: Door,
    conversation: Conversation<S>,
    /// Added to by each connection when it ends.
    requests: Arc<AtomicU64>,
    /// Turns true when the listening socket is gone.
    closing: watch::Sender<bool>,
    guests: JoinSet<()>,
}

impl<S> House<S> {
    /// Accepts until the drain delay is over.
    async fn receive<B>(&mut self, listener: TcpListener, limits: &Limits, lifecycle: &Lifecycle)
    where
        S: Answers<B>,
        B: Sendable,
    {
        let mut doors_close = pin!(drain_delay(lifecycle, limits.drain_delay));
        let mut resume_at = None;
        loop {
            let arrival = tokio::select! {
                biased;
                () = &mut doors_close => break,
                Some(_) = self.guests.join_next() => {
                    // A descriptor came free: no need to wait longer for one.
                    resume_at = None;
                    continue;
                }
                arrival = self.door.next(&listener, resume_at) => arrival,
            };
            match arrival {
                Ok((stream, peer, admission)) => self.welcome(stream, peer, admission),
                Err(error) => resume_at = self.door.pause_after(&error),
            }
        }
        if lifecycle.is_stopping() {
            return;
        }
        for (stream, peer, admission) in self.door.sweep(listener) {
            self.welcome(stream, peer, admission);
        }
    }

    fn welcome<B>(&mut self, stream: TcpStream, peer: SocketAddr, admission: Admission)
    where
        S: Answers<B>,
        B: Sendable,
    {
        let tally = Arc::clone(&self.requests);
        let closing = self.closing.subscribe();
        let conversation = self.conversation.clone();
        self.guests.spawn(conversation.conduct(
            stream,
            PeerAddr(peer),
            admission,
            (tally, closing),
        ));
    }

    /// Waits until all connections have ended, or cuts them; returns how many were cut.
    async fn see_out(&mut self, limits: &Limits, lifecycle: &Lifecycle) -> usize {
        self.closing.send_replace(true);
        let everyone_gone = async { while self.guests.join_next().await.is_some() {} };
        tokio::select! {
            _ = timeout(limits.drain_timeout, everyone_gone) => {}
            () = lifecycle.stopped() => {}
        }
        while self.guests.try_join_next().is_some() {}
        let cut = self.guests.len();
        if cut > 0 {
            tracing::warn!(connections = cut, "connections were cut");
        }
        self.guests.shutdown().await;
        cut
    }
}

/// Completes when connections are no longer to be accepted.
async fn drain_delay(lifecycle: &Lifecycle, delay: Duration) {
    lifecycle.draining().await;
    let began = Instant::now();
    tokio::select! {
        () = sleep(delay) => {}
        () = lifecycle.draining_promptly() => {}
    }
    tracing::debug!(waited = ?began.elapsed(), "no longer accepting");
}
