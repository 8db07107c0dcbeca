//! A path as a rule sees it: what every program behind a proxy understands alike, or nothing.

use super::super::form::byte_of;

/// The longest path that is looked at, in bytes.
const MAX: usize = 8 * 1024;

/// A path, decoded and without its query; `None` for one that could be understood in two ways.
pub(super) fn plain(sent: &str) -> Option<String> {
    let path = sent.split('?').next().unwrap_or_default();
    let decoded = decode(path)?;
    let inner = decoded.strip_prefix('/')?;
    // The last segment may be empty: `/admin/`. No other may: some programs take `//` for `/`.
    let mut segments = inner.split('/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        if matches!(segment, "." | "..") || (segment.is_empty() && !is_last) {
            return None;
        }
    }
    Some(decoded)
}

/// Whether a path is that one or below it, by whole segments.
pub(super) fn is_below(path: &str, prefix: &str) -> bool {
    let stem = prefix.strip_suffix('/').unwrap_or(prefix);
    path.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Decodes once. Refused is what has a meaning of its own to some program once it is decoded, or may be decoded
/// again: `/`, `\`, `%`, `;` (parameters of a segment, which some cut off), `?`, `#` and control characters.
fn decode(path: &str) -> Option<String> {
    if path.len() > MAX {
        return None;
    }
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first != b'%' {
            bytes.push(plain_byte(first)?);
            continue;
        }
        let (digits, after) = rest.split_first_chunk::<2>()?;
        rest = after;
        bytes.push(byte_of(*digits).and_then(plain_byte).filter(|byte| *byte != b'/')?);
    }
    String::from_utf8(bytes).ok()
}

fn plain_byte(byte: u8) -> Option<u8> {
    let strange = byte.is_ascii_control() || b"\\%;?#".contains(&byte);
    (!strange).then_some(byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plain_path_is_decoded_and_loses_its_query() {
        for (sent, expected) in [
            ("/", "/"),
            ("/admin/users", "/admin/users"),
            ("/admin/?next=/../x", "/admin/"),
            ("/%61dmin", "/admin"),
            ("/caf%C3%A9/a%20b", "/café/a b"),
            ("/café", "/café"),
            ("/a...b/.well-known/..x", "/a...b/.well-known/..x"),
            ("/a+b", "/a+b"),
        ] {
            assert_eq!(plain(sent).as_deref(), Some(expected), "{sent}");
        }
    }

    #[test]
    fn a_path_that_could_be_understood_in_two_ways_is_none() {
        let long = format!("/{}", "x".repeat(MAX));
        for trick in [
            "",
            "admin",
            "?x",
            "*",
            "https://app.example.org/admin",
            "//admin",
            "/x//admin",
            "/x//",
            "/../admin",
            "/public/../admin",
            "/public/..",
            "/public/./../admin",
            "/./admin",
            "/.",
            "/public/%2e%2e/admin",
            "/public/.%2E/admin",
            "/public/%2e/admin",
            "/public%2f..%2fadmin",
            "/public%2Fadmin",
            "/public/..%5cadmin",
            "/public\\..\\admin",
            "/%5cadmin",
            "/public/..;/admin",
            "/public;/../admin",
            "/admin;x=1",
            "/admin%3bx",
            "/%2561dmin",
            "/public/%252e%252e/admin",
            "/admin%00",
            "/admin%0a",
            "/ad\tmin",
            "/admin\u{7f}",
            "/admin%23",
            "/admin#x",
            "/admin%3Fx",
            "/admin%",
            "/admin%4",
            "/admin%zz",
            "/%u0061dmin",
            "/%ff",
            "/%c0%ae%c0%ae/admin",
            &long,
        ] {
            assert_eq!(plain(trick), None, "{trick:?}");
        }
    }

    #[test]
    fn a_prefix_ends_where_a_segment_ends() {
        for (path, prefix) in [
            ("/admin", "/admin"),
            ("/admin/", "/admin"),
            ("/admin/users", "/admin"),
            ("/admin", "/admin/"),
            ("/admin/users", "/admin/"),
            ("/anything", "/"),
            ("/", "/"),
        ] {
            assert!(is_below(path, prefix), "{path} {prefix}");
        }
        for (path, prefix) in [
            ("/administrator", "/admin"),
            ("/adm", "/admin"),
            ("/Admin", "/admin"),
            ("/", "/admin"),
        ] {
            assert!(!is_below(path, prefix), "{path} {prefix}");
        }
    }

    /// What the most careless service makes of a path: it decodes until nothing changes, takes `\` for `/`, cuts
    /// parameters off, and goes up where it is told to.
    fn carelessly(sent: &str) -> String {
        let mut text = sent.split('?').next().unwrap_or_default().to_owned();
        while let Some(next) = decoded_again(&text) {
            text = next;
        }
        let mut kept: Vec<&str> = Vec::new();
        for segment in text.split(['/', '\\']) {
            match segment.split(';').next().unwrap_or_default() {
                "" | "." => {}
                ".." => drop(kept.pop()),
                name => kept.push(name),
            }
        }
        format!("/{}", kept.join("/"))
    }

    fn decoded_again(text: &str) -> Option<String> {
        let (before, after) = text.split_once('%')?;
        let byte = u8::from_str_radix(after.get(..2)?, 16).ok()?;
        Some(format!("{before}{}{}", char::from(byte), &after[2..]))
    }

    proptest! {
        #[test]
        fn no_service_understands_a_judged_path_otherwise(
            sent in "/([ab./\\\\;%?#]|%2e|%2F|%5c|%25|%3b|%61|\\.\\./){0,16}"
        ) {
            if let Some(plain) = plain(&sent) {
                let kept = plain.strip_suffix('/').filter(|kept| !kept.is_empty());
                prop_assert_eq!(carelessly(&sent), kept.unwrap_or(&plain));
            }
        }

        #[test]
        fn no_text_whatever_makes_it_panic(sent in "\\PC{0,60}") {
            let _ = plain(&sent);
        }
    }
}
