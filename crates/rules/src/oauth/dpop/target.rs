//! Whether a proof was made for this address (RFC 9449 §4.3, check 9): compared without query and fragment, after
//! the normalisation that RFC 3986 §6.2.2 and §6.2.3 describe, and in no looser way.

use super::super::form::byte_of;

/// Whether two addresses are the same. What is no address of HTTP is the same as nothing.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    normal(one).is_some_and(|one| normal(other).is_some_and(|other| one == other))
}

fn normal(address: &str) -> Option<String> {
    let address = address.split(['?', '#']).next()?;
    let (scheme, rest) = address.split_once("://")?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let scheme = scheme.to_ascii_lowercase();
    let usual = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let authority = authority.to_ascii_lowercase();
    let host = authority.strip_suffix(usual).or_else(|| authority.strip_suffix(':'));
    let host = host.unwrap_or(&authority);
    let strange = |c: char| !c.is_ascii_graphic() || c == '@' || c == '\\';
    if host.is_empty() || host.contains(strange) {
        return None;
    }
    Some(format!("{scheme}://{host}{}", without_dots(&decoded(path)?)))
}

/// A path in which only what has to be is encoded, in one way.
fn decoded(path: &str) -> Option<String> {
    let mut text = String::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        let byte = match first {
            b'%' => {
                let (digits, after) = rest.split_first_chunk::<2>()?;
                rest = after;
                byte_of(*digits)?
            }
            plain => plain,
        };
        let unreserved = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if first == b'%' && !unreserved {
            text.push_str(&format!("%{byte:02X}"));
        } else if byte.is_ascii_graphic() && byte != b'\\' {
            text.push(char::from(byte));
        } else {
            return None;
        }
    }
    Some(text)
}

/// A path without the segments `.` and `..` (RFC 3986 §5.2.4).
fn without_dots(path: &str) -> String {
    let mut kept = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            other => kept.push(other),
        }
        if segments.peek().is_none() && matches!(segment, "." | "..") {
            kept.push("");
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "https://login.example.org/oauth2/token";

    #[test]
    fn an_address_is_the_same_however_it_is_written() {
        for same in [
            OURS,
            "https://login.example.org/oauth2/token?client_id=a&x=/b",
            "https://login.example.org/oauth2/token#part",
            "HTTPS://LOGIN.Example.org/oauth2/token",
            "https://login.example.org:443/oauth2/token",
            "https://login.example.org:/oauth2/token",
            "https://login.example.org/oauth2/%74oken",
            "https://login.example.org/oauth2/./token",
            "https://login.example.org/other/../oauth2/token",
        ] {
            assert!(is_same(same, OURS), "{same}");
        }
        assert!(is_same("http://[::1]:80", "http://[::1]/"));
        assert!(is_same("http://a/%c3%a4", "http://a/%C3%A4"));
        assert!(is_same("http://a/b/.", "http://a/b/") && is_same("http://a/b/..", "http://a/"));
    }

    #[test]
    fn another_address_is_another_one() {
        for other in [
            "",
            "https://login.example.org",
            "https://login.example.org/oauth2/token/",
            "https://login.example.org/oauth2//token",
            "https://login.example.org/oauth2/Token",
            "https://login.example.org/oauth2%2Ftoken",
            "https://login.example.org/oauth2/token%",
            "https://login.example.org/oauth2/token%zz",
            "https://login.example.org/oauth2/token ",
            // A slash to browsers, and no character of a URI.
            "https://login.example.org/a/%2e%2e\\x/../../oauth2/token",
            "https://login.example.org/oauth2/%2e%2e\\x/../token",
            "https://login.example.org:8443/oauth2/token",
            "https://login.example.org:80/oauth2/token",
            "https://login.example.org.evil.example/oauth2/token",
            "https://login.example.org@evil.example/oauth2/token",
            "https://ada@login.example.org/oauth2/token",
            "http://login.example.org/oauth2/token",
            "ftp://login.example.org/oauth2/token",
            "login.example.org/oauth2/token",
            "/oauth2/token",
        ] {
            assert!(!is_same(other, OURS), "{other}");
        }
        assert!(!is_same("mailto:a", "mailto:a"), "no address of HTTP");
    }
}
