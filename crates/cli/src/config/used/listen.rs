//! Where the public listener is, and what people on this machine type to reach it.

use std::net::SocketAddr;

use anyhow::Result;
use tokenhouse_rules::origin::{self, Seen, Way};

use crate::config::Written;

/// Where the public listener is, as far as it is known.
pub(super) struct Place {
    /// Whether nobody but this machine reaches it.
    pub(super) is_local: bool,
    /// What somebody on this machine types.
    pub(super) url: String,
}

impl Place {
    /// Of a listener that is open, or of the one that will be.
    pub(super) fn of(written: &Written, bound: Option<SocketAddr>) -> Result<Self> {
        let at = match bound {
            Some(address) => address.to_string(),
            None => listen(written)?,
        };
        let everywhere = ["0.0.0.0:", "[::]:"].iter().find_map(|any| at.strip_prefix(any));
        let typed = everywhere.map(|port| format!("localhost:{port}"));
        Ok(Self { is_local: is_own_machine(&at), url: format!("http://{}", typed.unwrap_or(at)) })
    }
}

/// Whether an address, or host and port alone, are this very machine by their name.
pub(crate) fn is_own_machine(address: &str) -> bool {
    let authority = address.split_once("://").map_or(address, |(_, rest)| rest);
    let seen = Seen { host: Some(authority), ..Seen::default() };
    origin::judge(&seen, None) == Way::Loopback
}

/// `LISTEN_ADDR` may leave the port to `PORT`.
pub(super) fn listen(written: &Written) -> Result<String> {
    let address = written.value("listen").unwrap_or("127.0.0.1:8080");
    let port = match written.value("port") {
        None => None,
        Some(_) => Some(written.read("port", |text| text.parse::<u16>())?),
    };
    let has_port = |text: &str| {
        text.rsplit_once(':').is_some_and(|(host, port)| {
            port.parse::<u16>().is_ok() && (!host.contains(':') || host.ends_with(']'))
        })
    };
    let host = if has_port(address) {
        address.rsplit_once(':').map_or(address, |(host, _)| host)
    } else {
        address
    };
    Ok(match port {
        Some(port) => format!("{host}:{port}"),
        None if has_port(address) => address.to_owned(),
        None => format!("{host}:8080"),
    })
}
