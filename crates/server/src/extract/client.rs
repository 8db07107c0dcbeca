//! Who asks: the client's address, what it calls itself, and the id of the request.
//!
//! The address is the peer's. What proxies say (`Forwarded`, RFC 7239, or `X-Forwarded-For`) is
//! believed only from addresses in `TRUSTED_PROXIES`, from the right, up to the first that is not one.

use std::borrow::Cow;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT_LANGUAGE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use tokenhouse_processes::connections::PeerAddr;
use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::EventId;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::Trail;

use super::request_id::RequestId;
use crate::app::App;
use crate::entropy;

/// The longest user agent that is kept, in bytes.
const MOST_AGENT: usize = 256;

/// What is known of who asks; put into the request by the outermost layer. Made for every request, so it
/// shares the request's own bytes and makes text of them only when asked.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub address: Option<IpAddr>,
    pub request_id: RequestId,
    agent: Option<HeaderValue>,
    languages: Option<HeaderValue>,
}

impl Client {
    /// Reads it off a request.
    pub(crate) fn of(
        (headers, extensions): (&HeaderMap, &Extensions),
        trusted: &[IpNet],
        request_id: RequestId,
    ) -> Self {
        let peer = extensions.get::<PeerAddr>().map(|peer| peer.0.ip().to_canonical());
        let address = peer.map(|peer| believe(peer, headers, trusted));
        let [agent, languages] =
            [USER_AGENT, ACCEPT_LANGUAGE].map(|name| headers.get(name).cloned());
        Self { address, request_id, agent, languages }
    }

    /// The languages it would like to be spoken to in, as `Accept-Language` lists them.
    pub(crate) fn languages(&self) -> Option<&str> {
        self.languages.as_ref()?.to_str().ok()
    }

    /// Notes that a person chose this language, whatever her browser says.
    pub(crate) fn speak(&mut self, tag: &str) {
        self.languages = HeaderValue::from_str(tag).ok();
    }

    /// The address as text.
    pub(crate) fn address_text(&self) -> Option<String> {
        self.address.map(|address| address.to_string())
    }

    /// What the client calls itself, without control characters, cut where it gets long.
    pub(crate) fn user_agent(&self) -> Option<Cow<'_, str>> {
        let sent = self.agent.as_ref()?;
        match sent.to_str() {
            Ok(plain) if plain.len() <= MOST_AGENT && !plain.contains('\t') => Some(plain.into()),
            _ => Some(tamed(sent.as_bytes()).into()),
        }
    }

    /// The audit row of something this client does to its own account.
    pub(crate) fn trail(&self, event: Event, now: Timestamp) -> Trail {
        Trail {
            id: EventId::new(now, entropy::bytes()),
            event,
            actor: Actor::User,
            address: self.address_text(),
            request_id: Some(self.request_id.as_str().to_owned()),
        }
    }
}

/// Whether a proxy that is trusted brought the request.
pub(crate) fn is_proxied(extensions: &Extensions, trusted: &[IpNet]) -> bool {
    let peer = extensions.get::<PeerAddr>().map(|peer| peer.0.ip().to_canonical());
    peer.is_some_and(|peer| trusted.iter().any(|net| net.contains(&peer)))
}

/// Whether the client spoke TLS, by the word of the nearest proxy. To be asked of a trusted one only.
pub(crate) fn told_secure(headers: &HeaderMap) -> Option<bool> {
    let scheme = told(headers, "proto", "x-forwarded-proto")?;
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Some(true),
        "http" => Some(false),
        _ => None,
    }
}

/// The host that the client asked for, by the word of the nearest proxy. To be asked of a trusted one only.
pub(crate) fn told_host(headers: &HeaderMap) -> Option<&str> {
    told(headers, "host", "x-forwarded-host")
}

/// What the nearest proxy said: the last member. `Forwarded` (RFC 7239) is the standard and wins.
fn told<'a>(headers: &'a HeaderMap, parameter: &str, other: &str) -> Option<&'a str> {
    let last =
        |name: &str| headers.get_all(name).iter().next_back()?.to_str().ok()?.rsplit(',').next();
    if let Some(member) = last("forwarded") {
        return member.split(';').find_map(|pair| {
            let (name, value) = pair.trim().split_once('=')?;
            name.eq_ignore_ascii_case(parameter).then(|| value.trim_matches('"'))
        });
    }
    last(other).map(str::trim)
}

fn tamed(agent: &[u8]) -> String {
    let text = String::from_utf8_lossy(agent);
    let cut = text.floor_char_boundary(MOST_AGENT);
    text[..cut].chars().filter(|c| !c.is_control()).collect()
}

impl FromRequestParts<App> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let known = parts.extensions.get::<Self>().cloned();
        Ok(known.unwrap_or_else(|| {
            let request_id = RequestId::of(&parts.headers);
            let request = (&parts.headers, &parts.extensions);
            Self::of(request, &app.settings.trusted_proxies, request_id)
        }))
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
    fn a_user_agent_is_cut_and_cannot_control_a_terminal() {
        let agent = |sent: &[u8]| {
            let mut headers = HeaderMap::new();
            headers.insert(USER_AGENT, HeaderValue::from_bytes(sent).expect("a header value"));
            let request_id = RequestId::of(&headers);
            let client = Client::of((&headers, &Extensions::new()), &[], request_id);
            client.user_agent().map(Cow::into_owned)
        };
        assert_eq!(agent(b"curl/8"), Some("curl/8".to_owned()));
        assert_eq!(agent(b"a\tb\xc2\x9bc\xff"), Some("abc\u{fffd}".to_owned()));
        let long = "ä".repeat(200);
        assert_eq!(agent(long.as_bytes()), Some("ä".repeat(128)));
        assert_eq!(agent("x".repeat(300).as_bytes()), Some("x".repeat(256)));
        assert_eq!(agent(format!("x{long}").as_bytes()), Some(format!("x{}", "ä".repeat(127))));
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
