//! Where a person may be sent after a form: a registered path of this server, never another site.
//!
//! What a client asks for is compared with a list, not searched for what is dangerous in it (OWASP ASVS
//! 3.7.2, RFC 9700 §4.11): there is nothing to be clever about with `//host`, `\`, dots or control characters.

/// The longest of them, in bytes, with its query.
pub const MAX: usize = 8 * 1024;

/// A path of this server, with its query if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    /// Reads what a client sent; `None` for anything but one of `registered`, exactly, with any query of
    /// visible ASCII.
    pub fn parse(text: &str, registered: &[&str]) -> Option<Self> {
        let path = text.split_once('?').map_or(text, |(path, _)| path);
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        let fits = text.len() <= MAX && visible && !text.contains(['\\', '#', '"', '<', '>']);
        (fits && registered.contains(&path)).then(|| Self(text.to_owned()))
    }

    /// As it goes into a `Location`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTERED: &[&str] = &["/account", "/oauth2/authorize"];

    #[test]
    fn registered_paths_are_kept_with_their_query() {
        for good in ["/account", "/account?said=welcome", "/oauth2/authorize?a=b&c=%2F%2Fd"] {
            assert_eq!(LocalPath::parse(good, REGISTERED).expect("a path").as_str(), good);
        }
    }

    #[test]
    fn a_long_request_for_authorization_fits() {
        let long = format!("/oauth2/authorize?state={}", "x".repeat(8000));
        assert!(LocalPath::parse(&long, REGISTERED).is_some());
    }

    #[test]
    fn nothing_leads_to_another_site() {
        let long = format!("/account?{}", "x".repeat(MAX));
        for bad in [
            "",
            "account",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "https://evil.example",
            "https:evil.example",
            "/account//evil.example",
            "/account/../x",
            "/Account",
            " /account",
            "/account ",
            "/account\r\nSet-Cookie: a=b",
            "/account?a\nb",
            "/account\t",
            "/account#x",
            "/%61ccount",
            "javascript:alert(1)",
            "/account?a=\\",
            "/account?ä",
            "//account",
            "/account\0",
            &long,
        ] {
            assert_eq!(LocalPath::parse(bad, REGISTERED), None, "{bad:?}");
        }
    }
}
