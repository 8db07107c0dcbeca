//! A proxy before PostgreSQL that knows where messages begin and end, and does harm when told to.
//!
//! It passes everything on unchanged until [`FaultProxy::control`] is used: slower ([`Link`]), not at
//! all, with an end ([`Fate`]), up to an exact message ([`Trap`]), or with the reply to a commit held
//! back. What it did and when is in [`Control::marks`].
//!
//! Where messages end is decided in [`framing`], what they are called in [`message`], which statement
//! they carry in [`statement`]; one connection is [`connection`], one way of it [`pump`].

mod connection;
mod control;
mod fault;
mod framing;
mod marks;
mod message;
mod pump;
mod shared;
mod statement;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::net::{TcpListener, TcpStream, lookup_host};
use tokio::task::JoinHandle;

pub use control::Control;
pub use fault::{Fate, Link, Reach, Scope, Trap};
pub use framing::BadLength;
pub use marks::{Mark, Marks, What};
pub use message::{Direction, Kind};
pub use shared::{Counts, Passed};

use shared::Shared;

/// A proxy on a free port of 127.0.0.1. It ends when dropped, and its connections with it.
#[derive(Debug)]
pub struct FaultProxy {
    addr: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

impl FaultProxy {
    /// Stands before the server at `upstream`, which need not be there yet.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(upstream: SocketAddr) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let addr = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        shared.upstream.send_replace(Some(upstream));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { addr, shared, accepting })
    }

    /// Stands before the server that a URL names, and says which URL to use instead.
    ///
    /// # Errors
    /// When the URL has no `host:port`, or no port is free.
    pub async fn before(url: &str) -> Result<(Self, String)> {
        let (scheme, rest) = url.split_once("://").context("not a URL")?;
        let (authority, path) = rest.split_once('/').context("a URL without a database")?;
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let upstream = lookup_host(host).await?.next().context("an unknown host")?;
        let proxy = Self::start(upstream).await?;
        let user = if user.is_empty() { String::new() } else { format!("{user}@") };
        let url = format!("{scheme}://{user}{}/{path}", proxy.addr);
        Ok((proxy, url))
    }

    /// Where clients connect.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What makes it do harm. Clones govern the same proxy.
    #[must_use]
    pub fn control(&self) -> Control {
        Control::new(Arc::clone(&self.shared))
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.shared.impose(Fate::Reset, Reach::All);
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        match listener.accept().await {
            Ok((client, _)) => {
                let shared = Arc::clone(&shared);
                // It was set before anybody could connect.
                let Some(upstream) = *shared.upstream.borrow() else { continue };
                tokio::spawn(async move {
                    match TcpStream::connect(upstream).await {
                        Ok(server) => connection::relay(shared, client, server).await,
                        Err(error) => {
                            shared.marks.add(None, What::NoUpstream(error.to_string()));
                            // As the server itself would refuse; the client sees a reset either way.
                            client.set_zero_linger().ok();
                        }
                    }
                });
            }
            // Too many open files: whoever waits is accepted when there are fewer.
            Err(_) => tokio::task::yield_now().await,
        }
    }
}
