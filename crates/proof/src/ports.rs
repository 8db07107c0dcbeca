//! Chooses ports for servers that cannot be asked to take any free one and report it.
//!
//! Another program may take the port between the choice and its use; callers that start a server
//! choose again when that happens.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use anyhow::{Context, Result};

/// Below the range that Linux hands to outgoing connections (32768 and up), so that a server which
/// is stopped and started again finds its port still free.
const FIRST: u16 = 15_000;
const COUNT: u16 = 17_000;

/// A loopback address that nothing listened on a moment ago.
///
/// # Errors
/// When a hundred random ports are all in use.
pub fn free_address() -> Result<SocketAddr> {
    (0..100)
        .map(|_| {
            let random = uuid::Uuid::new_v4().as_u128() % u128::from(COUNT);
            let port = FIRST + u16::try_from(random).unwrap_or_default();
            SocketAddr::from((Ipv4Addr::LOCALHOST, port))
        })
        .find(|address| TcpListener::bind(address).is_ok())
        .context("a hundred random ports on 127.0.0.1 are all in use")
}
