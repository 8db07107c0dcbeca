//! The address of something on another host, as a proxy names it that asks, and as somebody is sent back to who
//! signed in.
//!
//! Whether anybody is sent there is decided by which hosts are answered for (`docs/forward-auth.md`); this decides
//! that there is one way to read the text, so that the host that was judged is the one that a browser goes to.

use std::net::Ipv6Addr;

use crate::origin::{self, Origin};

/// The longest of them, in bytes.
pub const MAX: usize = 8192;

/// A text that cannot be such an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address like https://app.example.org/page")]
pub struct NotAnAddress;

/// Scheme, host, port, path and query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAddress {
    origin: Origin,
    /// Path and query, as they were sent.
    target: String,
}

impl ServiceAddress {
    /// Reads a whole address; without a path it is that of the host's first page.
    ///
    /// # Errors
    /// [`NotAnAddress`], also for a user name or a fragment in it.
    pub fn parse(url: &str) -> Result<Self, NotAnAddress> {
        let (scheme, rest) = url.split_once("://").ok_or(NotAnAddress)?;
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        match rest.split_at(end) {
            (authority, "") => Self::of(scheme, authority, "/"),
            (authority, target) => Self::of(scheme, authority, target),
        }
    }

    /// Puts an address together of its parts.
    ///
    /// # Errors
    /// [`NotAnAddress`] when one of them is not what it should be.
    pub fn of(scheme: &str, authority: &str, target: &str) -> Result<Self, NotAnAddress> {
        let is_scheme = ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
        if !is_scheme || !is_authority(authority) || !is_target(target) {
            return Err(NotAnAddress);
        }
        let origin = Origin::parse(&format!("{scheme}://{authority}")).map_err(|_| NotAnAddress)?;
        Ok(Self { origin, target: target.to_owned() })
    }

    /// Scheme, host and port.
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The host in lower case, without port or brackets.
    pub fn host(&self) -> &str {
        self.origin.host()
    }

    /// The path as it was sent, without the query.
    pub fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// The same on https, where the way there is not protected.
    pub fn protected(&self) -> Self {
        if self.origin.is_protected() {
            return self.clone();
        }
        let secure = Origin::parse(&format!("https://{}", self.origin.authority()));
        Self { origin: secure.unwrap_or_else(|_| self.origin.clone()), target: self.target.clone() }
    }

    /// The same without the query, and then without the path: what is left where there is no room for all of it.
    pub fn shorter(&self) -> [Self; 2] {
        let with = |target: &str| Self { origin: self.origin.clone(), target: target.to_owned() };
        [with(self.path()), with("/")]
    }
}

impl std::fmt::Display for ServiceAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.origin, self.target)
    }
}

/// A host that everybody reads alike, and a port of digits.
fn is_authority(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    let is_name = |host: &str| {
        !host.is_empty() && host.bytes().all(plain) && origin::is_read_as_written(host)
    };
    let (is_host, port) = match text.strip_prefix('[').map(|rest| rest.split_once(']')) {
        None => {
            let (host, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            (is_name(host), port)
        }
        Some(Some((address, port))) => (address.parse::<Ipv6Addr>().is_ok(), port),
        Some(None) => (false, ""),
    };
    is_host && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// A path, with a query if there is one, of visible ASCII. A backslash in a path is a slash to some.
fn is_target(text: &str) -> bool {
    let path = text.split_once('?').map_or(text, |(path, _)| path);
    let visible = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    text.len() <= MAX && path.starts_with('/') && visible && !path.contains('\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> ServiceAddress {
        ServiceAddress::parse(url).unwrap_or_else(|_| panic!("{url} is an address"))
    }

    #[test]
    fn an_address_is_read_in_its_parts_and_written_as_it_was() {
        let address = parse("https://App.Example.org:8443/a/%2e%2e/b?c=d&e=/?f\\");
        assert_eq!(address.host(), "app.example.org");
        assert_eq!(address.path(), "/a/%2e%2e/b");
        assert_eq!(address.to_string(), "https://app.example.org:8443/a/%2e%2e/b?c=d&e=/?f\\");
        for (sent, written) in [
            ("https://app.example.org", "https://app.example.org/"),
            ("https://app.example.org:443/", "https://app.example.org/"),
            ("HTTP://APP.localhost:80/x", "http://app.localhost/x"),
            ("http://[::1]:8080/x", "http://[::1]:8080/x"),
            ("http://[::1]/x", "http://[::1]/x"),
            ("https://a_b.example.org//x", "https://a_b.example.org//x"),
        ] {
            assert_eq!(parse(sent).to_string(), written);
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_no_address() {
        let long = format!("https://app.example.org/{}", "x".repeat(MAX));
        for bad in [
            "",
            "app.example.org/x",
            "//app.example.org/x",
            "/x",
            "ftp://app.example.org/x",
            "javascript://app.example.org/%0aalert(1)",
            "https://",
            "https:///x",
            "https:/app.example.org/x",
            "https:\\\\app.example.org\\x",
            "https://app.example.org\\@evil.example/",
            "https://app.example.org@evil.example/",
            "https://evil.example\\.app.example.org/",
            "https://app.example.org:x/",
            "https://app.example.org:/",
            "https://app.example.org:+80/",
            "https://app.example.org:80:80/",
            "https://app.example.org:99999/",
            "https://[::1/",
            "https://[::1]x/",
            "https://[evil.example]/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://app.1/",
            "https://127.0.0.1./",
            "https://127.0.0.01/",
            "https://app.example.org?x",
            "https://app.example.org#x",
            "https://app.example.org/#x",
            "https://app.example.org/a\\b",
            "https://app.example.org/a b",
            "https://app.example.org/\r\nSet-Cookie: a=b",
            "https://app.example.org/\t",
            "https://app.example.org/ä",
            "https://äpp.example.org/",
            "https://app.example.org%2eevil.example/",
            " https://app.example.org/",
            &long,
        ] {
            assert_eq!(ServiceAddress::parse(bad), Err(NotAnAddress), "{bad:?}");
        }
        for (scheme, authority, target) in [
            ("https", "app.example.org/evil", "/"),
            ("https", "app.example.org", ""),
            ("https", "app.example.org", "x"),
            ("https", "app.example.org", "*"),
            ("https", "", "/"),
            ("https://evil.example/?", "app.example.org", "/"),
        ] {
            assert_eq!(ServiceAddress::of(scheme, authority, target), Err(NotAnAddress));
        }
    }

    #[test]
    fn nobody_is_sent_over_a_network_without_tls() {
        for (sent, protected) in [
            ("http://app.example.org/x?y", "https://app.example.org/x?y"),
            ("http://app.example.org:8080/", "https://app.example.org:8080/"),
            ("https://app.example.org/", "https://app.example.org/"),
            ("http://app.localhost:8080/", "http://app.localhost:8080/"),
            ("http://127.0.0.1/", "http://127.0.0.1/"),
        ] {
            assert_eq!(parse(sent).protected().to_string(), protected);
        }
    }

    #[test]
    fn what_is_too_long_loses_its_query_first() {
        let [path, first] = parse("https://app.example.org/a?b").shorter();
        assert_eq!(path.to_string(), "https://app.example.org/a");
        assert_eq!(first.to_string(), "https://app.example.org/");
    }
}
