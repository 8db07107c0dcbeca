//! To which addresses answers may go: to those that were registered, compared character by character.
//!
//! There is no pattern, no prefix and no normalising (RFC 9700 §4.1.3): a request that writes an address otherwise
//! than its registration does is refused, whatever a browser would make of it. One part is free, and only for
//! native applications: the port of a loopback address, which the system gives them anew each time (RFC 8252
//! §7.3).

use std::net::Ipv6Addr;

use super::client::Kind;
use super::form;
use crate::origin;

/// The longest address, in bytes.
pub const MAX: usize = 2000;

/// Why an address cannot be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRedirect {
    /// Not the characters of a URI, or too many.
    #[error("must be a URI of at most 2000 characters, written out in full")]
    Malformed,
    /// It has a fragment (RFC 6749 §3.1.2).
    #[error("must have no fragment (#)")]
    Fragment,
    /// It has a wildcard; a comparison is exact.
    #[error("must have no wildcard (*): addresses are compared exactly")]
    Wildcard,
    /// It has a user name or password in it.
    #[error("must have no user name in it")]
    Userinfo,
    /// Its host is not written plainly.
    #[error("must have a host in lower case, and a port without leading zeros if any")]
    Host,
    /// `.` or `..` in its path.
    #[error("must have no . or .. in its path")]
    DotSegment,
    /// By plain http over a network.
    #[error("must begin with https://, unless its host is 127.0.0.1, [::1] or localhost")]
    PlainHttp,
    /// A scheme that is no private one of a native application.
    #[error("must begin with https://; native applications may use a scheme like com.example.app:")]
    Scheme,
}

/// Judges an address that is to be registered.
///
/// # Errors
/// [`BadRedirect`].
pub fn accept(uri: &str, kind: Kind) -> Result<(), BadRedirect> {
    if uri.contains('#') {
        return Err(BadRedirect::Fragment);
    }
    if uri.contains('*') {
        return Err(BadRedirect::Wildcard);
    }
    if uri.len() > MAX || !is_uri_text(uri) {
        return Err(BadRedirect::Malformed);
    }
    let (scheme, rest) = uri.split_once(':').ok_or(BadRedirect::Malformed)?;
    match scheme {
        "https" => web(rest).map(|_| ()),
        "http" => match web(rest)? {
            "127.0.0.1" | "[::1]" | "localhost" => Ok(()),
            host if host.ends_with(".localhost") => Ok(()),
            _ => Err(BadRedirect::PlainHttp),
        },
        // A name in reverse shows whose it is (RFC 8252 §7.1); no scheme that does harm has a dot in it (§8.4).
        _ if kind == Kind::Native && is_private_use(scheme) && rest.starts_with('/') => Ok(()),
        _ => Err(BadRedirect::Scheme),
    }
}

/// Whether answers may go to the address that a request names.
pub fn is_registered(asked: &str, registered: &[String], kind: Kind) -> bool {
    let portless = if kind == Kind::Native { loopback(asked) } else { None };
    let same =
        |known: &String| known == asked || (portless.is_some() && loopback(known) == portless);
    registered.iter().any(same)
}

/// The address with parameters added to its query, which is kept (RFC 6749 §3.1.2).
pub fn with_query(uri: &str, pairs: &[(&str, &str)]) -> String {
    let joint = match uri.split_once('?') {
        None => "?",
        Some((_, query)) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{uri}{joint}{}", form::encode(pairs))
}

/// What follows `http:` or `https:`, judged; its host.
fn web(rest: &str) -> Result<&str, BadRedirect> {
    let rest = rest.strip_prefix("//").ok_or(BadRedirect::Malformed)?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.contains('@') {
        return Err(BadRedirect::Userinfo);
    }
    let host_end = match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => colon,
        _ => authority.len(),
    };
    let (host, port) = authority.split_at(host_end);
    let port_is_plain = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    if !is_host(host) || !port_is_plain {
        return Err(BadRedirect::Host);
    }
    let path = path.split('?').next().unwrap_or_default().to_ascii_lowercase().replace("%2e", ".");
    match path.split('/').any(|segment| segment == "." || segment == "..") {
        true => Err(BadRedirect::DotSegment),
        false => Ok(host),
    }
}

/// A loopback address without its port: host, and all that follows the port. A name is none, since it is looked
/// up (RFC 8252 §8.3).
fn loopback(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let host = ["127.0.0.1", "[::1]"].into_iter().find(|host| rest.starts_with(host))?;
    let after = &rest[host.len()..];
    let end = after.find(['/', '?']).unwrap_or(after.len());
    let (port, path) = after.split_at(end);
    let plain = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    plain.then_some((host, path))
}

/// Characters of RFC 3986 §2, with every `%` before two hexadecimal digits.
pub(super) fn is_uri_text(text: &str) -> bool {
    let legal =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    let encoded = |after: &str| after.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    text.bytes().all(legal) && text.split('%').skip(1).all(encoded)
}

/// An absolute URI without a fragment, as resources are named (RFC 8707 §2).
pub(super) fn is_absolute(uri: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    let (scheme, rest) = uri.split_once(':').unwrap_or_default();
    let begins = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    let named = begins && scheme.bytes().all(legal) && !rest.is_empty();
    named && uri.len() <= MAX && !uri.contains('#') && is_uri_text(uri)
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let lower = !address.bytes().any(|byte| byte.is_ascii_uppercase());
        return lower && address.parse::<Ipv6Addr>().is_ok();
    }
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let label = |label: &str| {
        let edges = label.starts_with('-') || label.ends_with('-');
        (1..=63).contains(&label.len()) && !edges && label.bytes().all(legal)
    };
    host.len() <= 253 && host.split('.').all(label) && origin::is_read_as_written(host)
}

fn is_port(text: &str) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits && !text.starts_with('0') && text.parse::<u16>().is_ok()
}

/// A scheme that is a domain name in reverse.
fn is_private_use(scheme: &str) -> bool {
    let legal = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'+'
    };
    let label = |label: &str| !label.is_empty() && label.bytes().all(legal);
    let begins = scheme.starts_with(|c: char| c.is_ascii_lowercase());
    begins && scheme.contains('.') && scheme.split('.').all(label)
}

#[cfg(test)]
mod tests;
