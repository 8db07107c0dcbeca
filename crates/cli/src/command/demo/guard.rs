//! Who may see the page and press its buttons: only a browser on this machine that was sent here by its user.
//!
//! A page of another site can make a browser send requests to loopback, and can point its own name at it. So every
//! request must name this address (against DNS rebinding), and an action must carry the token that only our page
//! knows, and no foreign `Origin`.

use std::net::SocketAddr;

use http::{HeaderMap, header};

/// The header that carries the page's token.
const TOKEN: &str = "tokenhouse-demo";
/// The headers of every answer.
pub(super) const HEADERS: [(&str, &str); 6] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; \
         base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
    ),
    ("cache-control", "no-store"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
];

/// What a request is measured by.
pub(super) struct Guard {
    hosts: [String; 3],
    token: String,
}

impl Guard {
    /// Guards the page at `address` with `token`.
    pub(super) fn new(address: SocketAddr, token: String) -> Self {
        let port = address.port();
        Self {
            hosts: ["127.0.0.1", "localhost", "[::1]"].map(|name| format!("{name}:{port}")),
            token,
        }
    }

    /// The token to be written into the page.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Whether the request was sent to this page by one of its own names.
    pub(super) fn knows_host(&self, headers: &HeaderMap) -> bool {
        let mut named = headers.get_all(header::HOST).iter();
        match (named.next(), named.next()) {
            (Some(host), None) => {
                self.hosts.iter().any(|known| host.as_bytes() == known.as_bytes())
            }
            _ => false,
        }
    }

    /// Whether the request comes from our own page.
    pub(super) fn admits_action(&self, headers: &HeaderMap) -> bool {
        let of_this_page = |origin: &header::HeaderValue| {
            let host = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
            host.is_some_and(|host| headers.get(header::HOST).is_some_and(|here| here == host))
        };
        let token = headers.get(TOKEN).map_or(&b""[..], header::HeaderValue::as_bytes);
        self.knows_host(headers)
            && headers.get_all(header::ORIGIN).iter().all(of_this_page)
            && same(token, self.token.as_bytes())
    }
}

/// Compares in a time that does not tell where the first difference is.
fn same(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter();
        pairs
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
            .collect()
    }

    fn guard() -> Guard {
        Guard::new(([127, 0, 0, 1], 8080).into(), "secret".into())
    }

    #[test]
    fn only_the_names_of_this_page_are_known() {
        for host in ["127.0.0.1:8080", "localhost:8080", "[::1]:8080"] {
            assert!(guard().knows_host(&headers(&[("host", host)])), "{host}");
        }
        for host in [
            "attacker.example:8080",
            "127.0.0.1",
            "127.0.0.1:8081",
            "localhost.attacker.example:8080",
            "",
        ] {
            assert!(!guard().knows_host(&headers(&[("host", host)])), "{host}");
        }
        assert!(!guard().knows_host(&headers(&[])));
    }

    #[test]
    fn an_action_needs_the_token_and_no_foreign_origin() {
        let host = ("host", "127.0.0.1:8080");
        let token = ("tokenhouse-demo", "secret");
        assert!(guard().admits_action(&headers(&[host, token])));
        assert!(guard().admits_action(&headers(&[
            host,
            token,
            ("origin", "http://127.0.0.1:8080")
        ])));
        assert!(!guard().admits_action(&headers(&[host])));
        assert!(!guard().admits_action(&headers(&[host, ("tokenhouse-demo", "secreT")])));
        for origin in
            ["null", "http://attacker.example", "https://127.0.0.1:8080", "http://localhost:8080"]
        {
            assert!(
                !guard().admits_action(&headers(&[host, token, ("origin", origin)])),
                "{origin}"
            );
        }
        assert!(!guard().admits_action(&headers(&[("host", "attacker.example:8080"), token])));
    }
}
