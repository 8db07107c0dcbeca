//! Who asks: the client's address, what it calls itself, and the id of the request.
//!
//! The address is the peer's. What proxies say (`Forwarded`, RFC 7239, or `X-Forwarded-For`) is
//! believed only from addresses in `TRUSTED_PROXIES`, from the right, up to the first that is not one.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use tokenhouse_processes::connections::PeerAddr;
use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::EventId;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::Trail;

use crate::app::App;
use crate::entropy;

/// The longest user agent that is kept, in bytes.
const MOST_AGENT: usize = 256;

/// What is known of who asks; put into the request by the outermost layer.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub address: Option<IpAddr>,
    pub user_agent: Option<String>,
    pub request_id: String,
}

impl Client {
    /// The address as text.
    pub(crate) fn address_text(&self) -> Option<String> {
        self.address.map(|address| address.to_string())
    }

    /// The audit row of something this client does to its own account.
    pub(crate) fn trail(&self, event: Event, now: Timestamp) -> Trail {
        Trail {
            id: EventId::new(now, entropy::bytes()),
            event,
            actor: Actor::User,
            address: self.address_text(),
            request_id: Some(self.request_id.clone()),
        }
    }

    /// Reads it off a request.
    pub(crate) fn of(parts: &Parts, trusted: &[IpNet], request_id: String) -> Self {
        let peer = parts.extensions.get::<PeerAddr>().map(|peer| peer.0.ip().to_canonical());
        let address = peer.map(|peer| believe(peer, &parts.headers, trusted));
        let user_agent = parts.headers.get(USER_AGENT).map(|value| {
            let text = String::from_utf8_lossy(value.as_bytes());
            let end =
                text.char_indices().map(|(at, _)| at).take_while(|at| *at <= MOST_AGENT).last();
            let cut = if text.len() <= MOST_AGENT { text.len() } else { end.unwrap_or(0) };
            text[..cut].chars().filter(|c| !c.is_control()).collect()
        });
        Self { address, user_agent, request_id }
    }
}

impl FromRequestParts<App> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let known = parts.extensions.get::<Self>().cloned();
        Ok(known.unwrap_or_else(|| Self::of(parts, &app.settings.trusted_proxies, String::new())))
    }
}

fn believe(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    if !is_trusted(&peer) {
        return peer;
    }
    let mut client = peer;
    for hop in hops(headers).into_iter().rev() {
        // A hop that is no address (`unknown`, `_hidden`) hides everything before it.
        let Some(hop) = hop else { break };
        client = hop;
        if !is_trusted(&hop) {
            break;
        }
    }
    client
}

/// The hops that proxies named, oldest first. `Forwarded` is the standard and wins.
fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let members = |name: &HeaderName| {
        headers
            .get_all(name)
            .iter()
            .flat_map(|value| value.to_str().unwrap_or("").split(','))
            .map(|member| member.trim().to_owned())
            .collect::<Vec<_>>()
    };
    let forwarded = members(&axum::http::header::FORWARDED);
    if !forwarded.is_empty() {
        let node = |member: &String| {
            member.split(';').find_map(|pair| {
                let (name, value) = pair.trim().split_once('=')?;
                name.eq_ignore_ascii_case("for").then(|| address(value.trim_matches('"')))?
            })
        };
        return forwarded.iter().map(node).collect();
    }
    members(&HeaderName::from_static("x-forwarded-for")).iter().map(|text| address(text)).collect()
}

/// An address with or without brackets and port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.split(']').next());
    text.parse()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .or_else(|| bare?.parse().ok())
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, name: &'static str, value: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().expect("a header value"));
        let trusted = ["10.0.0.0/8".parse().expect("a net"), "fd00::/8".parse().expect("a net")];
        believe(peer.parse().expect("an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn only_trusted_proxies_are_believed() {
        assert_eq!(client("192.0.2.7", "x-forwarded-for", "198.51.100.1"), "192.0.2.7");
        assert_eq!(client("10.0.0.1", "x-forwarded-for", "198.51.100.1"), "198.51.100.1");
        let spoofed = "203.0.113.9, 198.51.100.1, 10.0.0.2";
        assert_eq!(client("10.0.0.1", "x-forwarded-for", spoofed), "198.51.100.1");
        assert_eq!(client("10.0.0.1", "x-forwarded-for", "203.0.113.9, unknown"), "10.0.0.1");
    }

    #[test]
    fn the_standard_field_is_understood() {
        let value = "for=192.0.2.60;proto=http, for=\"[2001:db8::17]:4711\";by=10.0.0.1";
        assert_eq!(client("10.0.0.1", "forwarded", value), "2001:db8::17");
        assert_eq!(client("fd00::1", "forwarded", "FOR=\"192.0.2.60:80\""), "192.0.2.60");
    }
}
