//! What a service behind a proxy is told of who asks: in which headers, and what may stand in them.

use serde::{Deserialize, Serialize};

use crate::origin::Origin;

/// The longest name of a header.
const MOST_NAME: usize = 64;
/// Headers that mean something else to a proxy, a service or this server, or begin like them: a client whose settings
/// gave them away would break requests, or could be sent as somebody's word.
const TAKEN: &[&str] = &[
    "accept",
    "age",
    "allow",
    "authorization",
    "cache-control",
    "connection",
    "cookie",
    "date",
    "etag",
    "expect",
    "expires",
    "forwarded",
    "host",
    "keep-alive",
    "last-modified",
    "link",
    "location",
    "origin",
    "range",
    "referer",
    "retry-after",
    "server",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "vary",
    "via",
    "x-real-ip",
    "x-request-id",
];
const TAKEN_BEGINNINGS: &[&str] = &[
    "access-control-",
    "accept-",
    "content-",
    "if-",
    "proxy-",
    "sec-",
    "tokenhouse-",
    "www-",
    "x-content-",
    "x-envoy-",
    "x-forwarded-",
    "x-frame-",
    "x-original-",
];

/// What a proxy is answered with for a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Forwarding {
    /// The header with the user name.
    pub user_header: String,
    /// The header with the names of her groups, separated by commas.
    pub groups_header: String,
    /// The header with her e-mail address, if it is confirmed.
    pub email_header: String,
    /// The header with the name that she is called by.
    pub name_header: String,
    /// Whether the service gets a token of its own for each request, in `Authorization` (RFC 9068).
    pub access_token: bool,
}

impl Default for Forwarding {
    fn default() -> Self {
        Self {
            user_header: "Remote-User".to_owned(),
            groups_header: "Remote-Groups".to_owned(),
            email_header: "Remote-Email".to_owned(),
            name_header: "Remote-Name".to_owned(),
            access_token: false,
        }
    }
}

impl Forwarding {
    /// What is wrong with it: the member, and why.
    pub fn faults(&self) -> Vec<(&'static str, &'static str)> {
        let named = [
            ("user_header", &self.user_header),
            ("groups_header", &self.groups_header),
            ("email_header", &self.email_header),
            ("name_header", &self.name_header),
        ];
        let mut faults = Vec::new();
        for (place, (member, name)) in named.iter().enumerate() {
            let is_again = |(_, other): &(&str, &String)| name.eq_ignore_ascii_case(other);
            if !is_name(name) {
                faults.push((*member, "must be the name of a header, of letters, digits and -"));
            } else if is_taken(name) {
                faults.push((*member, "must not be a header that means something else"));
            } else if named[..place].iter().any(is_again) {
                faults.push((*member, "must not be the header of another member"));
            }
        }
        faults
    }
}

/// An underscore is a hyphen to many services, so that a client's `Remote_User` could pass for a `Remote-User`.
fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.len() <= MOST_NAME
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(plain)
}

fn is_taken(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TAKEN.contains(&name.as_str())
        || TAKEN_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

/// A text as it may stand in a header: nothing of it rather than something else, because services take it for
/// somebody's name.
pub fn value(text: &str) -> &str {
    let is_plain = !text.chars().any(char::is_control) && text.trim() == text;
    if is_plain { text } else { "" }
}

/// Several texts as they may stand in a header, separated by commas; what could be taken for two is left out.
pub fn list(texts: &[String]) -> String {
    let one = |text: &&str| !text.is_empty() && !text.contains(',');
    texts.iter().map(|text| value(text)).filter(one).collect::<Vec<_>>().join(",")
}

/// Why a text cannot be the domain of the cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCookieDomain {
    /// No name of a domain.
    #[error("must be a domain like example.org")]
    NotADomain,
    /// It would reach everybody's hosts.
    #[error("must have a dot in it, or be the host of PUBLIC_URL itself")]
    TooShort,
    /// A browser would refuse the cookie.
    #[error("must be the host of PUBLIC_URL, or one of the domains that it is in")]
    Elsewhere,
}

/// Reads the domain whose hosts get the cookie, for a login server at `login`.
///
/// # Errors
/// [`BadCookieDomain`].
pub fn cookie_domain(text: &str, login: &Origin) -> Result<String, BadCookieDomain> {
    let domain = text.trim_start_matches('.').to_ascii_lowercase();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_label = |label: &str| !label.is_empty() && label.bytes().all(plain);
    if domain.len() > 253 || !domain.split('.').all(is_label) {
        return Err(BadCookieDomain::NotADomain);
    }
    if !covers(&domain, login.host()) {
        return Err(BadCookieDomain::Elsewhere);
    }
    // Names below `localhost` are this very machine (RFC 6761 §6.3).
    let is_wide = domain.contains('.') || domain == "localhost" || domain == login.host();
    if is_wide { Ok(domain) } else { Err(BadCookieDomain::TooShort) }
}

/// Whether a browser sends a cookie of that domain to a host (RFC 6265 §5.1.3).
pub fn covers(domain: &str, host: &str) -> bool {
    let is_number = host.parse::<std::net::IpAddr>().is_ok();
    let before = host.strip_suffix(domain);
    host == domain || (!is_number && before.is_some_and(|before| before.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(url: &str) -> Origin {
        Origin::parse(url).expect("an origin")
    }

    #[test]
    fn headers_have_names_of_their_own() {
        assert!(Forwarding::default().faults().is_empty());
        let with = |name: &str| Forwarding { user_header: name.to_owned(), ..Default::default() };
        for good in ["X-User", "X-WEBAUTH-USER", "Remote-User2", "remote-user"] {
            assert!(with(good).faults().is_empty(), "{good}");
        }
        let long = "x".repeat(65);
        for bad in ["", "X User", "X-User:", "X_User", "X-User\r\nA: b", "-x", "1x", "Ü", &long] {
            let faults = with(bad).faults();
            assert_eq!(faults.len(), 1, "{bad}");
            assert!(faults[0].0 == "user_header" && faults[0].1.contains("name"), "{bad}");
        }
        for taken in ["Host", "cookie", "Authorization", "X-Forwarded-For", "Content-Length", "TE"]
        {
            assert!(with(taken).faults()[0].1.contains("something else"), "{taken}");
        }
        let again = with("REMOTE-NAME").faults();
        assert_eq!(again, [("name_header", "must not be the header of another member")]);
    }

    #[test]
    fn settings_may_name_some_headers_and_nothing_unknown() {
        let read = |json: &str| serde_json::from_str::<Forwarding>(json);
        let renamed = read(r#"{"user_header":"X-User","access_token":true}"#).expect("settings");
        assert_eq!((renamed.user_header.as_str(), renamed.access_token), ("X-User", true));
        assert_eq!(renamed.groups_header, "Remote-Groups");
        assert_eq!(read("{}").expect("settings"), Forwarding::default());
        assert!(read(r#"{"header":"X-User"}"#).is_err());
    }

    #[test]
    fn nothing_that_is_typed_becomes_a_second_header_value_or_group() {
        for plain in ["ada", "Jürgen", "ada@example.org", "O'Brien, Ada", ""] {
            assert_eq!(value(plain), plain);
        }
        for other in ["a\r\nRemote-User: root", "a\0", "a\u{85}", " ada", "ada ", "\u{2028}ada"] {
            assert_eq!(value(other), "", "{other:?}");
        }
        let groups = ["admins", "a,b", "a\nb", "", "staff"].map(str::to_owned);
        assert_eq!(list(&groups), "admins,staff");
        assert_eq!(list(&[]), "");
    }

    #[test]
    fn the_cookie_reaches_the_login_server_and_not_everybody() {
        let login = origin("https://login.example.org");
        for (text, domain) in [
            ("example.org", "example.org"),
            (".Example.ORG", "example.org"),
            ("login.example.org", "login.example.org"),
        ] {
            assert_eq!(cookie_domain(text, &login).as_deref(), Ok(domain));
        }
        for (text, why) in [
            ("", BadCookieDomain::NotADomain),
            ("example.org:443", BadCookieDomain::NotADomain),
            ("example..org", BadCookieDomain::NotADomain),
            ("example.org; Secure", BadCookieDomain::NotADomain),
            ("https://example.org", BadCookieDomain::NotADomain),
            ("org", BadCookieDomain::TooShort),
            ("ample.org", BadCookieDomain::Elsewhere),
            ("app.example.org", BadCookieDomain::Elsewhere),
            ("example.com", BadCookieDomain::Elsewhere),
        ] {
            assert_eq!(cookie_domain(text, &login), Err(why), "{text}");
        }
        let here = origin("http://login.localhost:8080");
        assert_eq!(cookie_domain("localhost", &here).as_deref(), Ok("localhost"));
        let number = origin("http://127.0.0.1:8080");
        assert_eq!(cookie_domain("127.0.0.1", &number).as_deref(), Ok("127.0.0.1"));
        assert_eq!(cookie_domain("0.0.1", &number), Err(BadCookieDomain::Elsewhere));
    }

    #[test]
    fn a_domain_covers_itself_and_what_is_below_it() {
        for (host, covered) in [
            ("example.org", true),
            ("app.example.org", true),
            ("a.b.example.org", true),
            ("badexample.org", false),
            ("example.org.evil.example", false),
            ("org", false),
            ("", false),
        ] {
            assert_eq!(covers("example.org", host), covered, "{host}");
        }
    }
}
