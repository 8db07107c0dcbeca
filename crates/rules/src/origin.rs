//! How a browser reaches this server, and whether a cookie can live on that way.
//!
//! Two mistakes cost most first hours with a login server: a public address that is not the one in use, and a
//! `Secure` cookie that is silently dropped on plain http. Both are found here before anybody types a password.

use std::net::{IpAddr, Ipv4Addr};

/// Why a text cannot be the address at which people reach this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an address like https://login.example.org")]
pub struct NotAnOrigin;

/// Scheme, host and port (RFC 6454), the port only when it is not the scheme's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    secure: bool,
    authority: String,
}

impl Origin {
    /// Reads the beginning of an `http` or `https` address; what follows the authority is left out.
    ///
    /// # Errors
    /// [`NotAnOrigin`], also for a user name in it.
    pub fn parse(url: &str) -> Result<Self, NotAnOrigin> {
        let (scheme, rest) = url.split_once("://").ok_or(NotAnOrigin)?;
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(NotAnOrigin),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let authority = plain_authority(authority, secure).ok_or(NotAnOrigin)?;
        Ok(Self { secure, authority })
    }

    /// Host, and port if it is not the scheme's own.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The host alone.
    pub fn host(&self) -> &str {
        host_of(&self.authority)
    }

    /// Whether it is spoken to by TLS.
    pub const fn is_secure(&self) -> bool {
        self.secure
    }

    /// Whether nobody listens on the way there: by TLS, or because it is on this very machine.
    pub fn is_protected(&self) -> bool {
        self.secure || is_loopback(&self.authority)
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", if self.secure { "https" } else { "http" }, self.authority)
    }
}

/// What a request says of the way it came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen<'a> {
    /// `Host`, or what a trusted proxy says it was.
    pub host: Option<&'a str>,
    /// Whether the browser spoke TLS, if a trusted proxy says so.
    pub secure: Option<bool>,
    /// Whether the browser sent `Sec-Fetch-…`: it does so only on https and to loopback (W3C Fetch Metadata §2).
    pub fetch_metadata: bool,
}

/// The way by which a browser came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// By https: cookies are `Secure` and of this host only.
    Secure,
    /// By plain http on one machine, where nobody listens.
    Loopback,
    /// By plain http over a network: the cookie would be lost, and the password read.
    Plain,
    /// Not by the address that is configured.
    Elsewhere,
}

/// Judges the way of a request, given the configured address.
pub fn judge(seen: &Seen<'_>, public: Option<&Origin>) -> Way {
    let Some(host) = seen.host else { return Way::Plain };
    if let Some(public) = public {
        if plain_authority(host, public.secure).as_deref() != Some(public.authority()) {
            return Way::Elsewhere;
        }
        // A proxy that says http may have another in front of it that speaks TLS: the browser knows.
        let plainly = seen.secure == Some(false) && !seen.fetch_metadata;
        return match public.secure {
            true if plainly => Way::Plain,
            true => Way::Secure,
            false if is_loopback(host) => Way::Loopback,
            false => Way::Plain,
        };
    }
    match seen.secure {
        Some(true) => Way::Secure,
        _ if is_loopback(host) => Way::Loopback,
        _ if seen.fetch_metadata => Way::Secure,
        _ => Way::Plain,
    }
}

/// Whether the `Origin` that came with a form is the address at which the form was (RFC 6454 §7). The scheme
/// is not looked at where nobody knows it.
pub fn is_same(sent: &str, host: &str) -> bool {
    let sent = Origin::parse(sent).ok();
    sent.is_some_and(|sent| plain_authority(host, sent.secure).as_deref() == Some(sent.authority()))
}

/// Lower case, without the port that goes without saying; `None` for what is no authority.
fn plain_authority(text: &str, secure: bool) -> Option<String> {
    let legal = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    if text.is_empty() || text.len() > 255 || !text.chars().all(legal) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let own = if secure { ":443" } else { ":80" };
    Some(lower.strip_suffix(own).map_or_else(|| lower.clone(), str::to_owned))
}

/// The host of an authority, without brackets.
fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    }
}

/// Whether browsers go to the host that is written. Where its last label is a number they read all of it as an IPv4
/// address, which may have fewer numbers, and other bases (WHATWG URL, host parsing).
pub(crate) fn is_read_as_written(host: &str) -> bool {
    let last = host.strip_suffix('.').unwrap_or(host).rsplit('.').next().unwrap_or_default();
    let is_number = match last.strip_prefix("0x").or_else(|| last.strip_prefix("0X")) {
        Some(digits) => digits.bytes().all(|byte| byte.is_ascii_hexdigit()),
        None => !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()),
    };
    !is_number || host.parse::<Ipv4Addr>().is_ok()
}

/// Whether a host is this very machine by its name, as browsers judge it.
fn is_loopback(authority: &str) -> bool {
    let host = host_of(authority).to_ascii_lowercase();
    let named = host == "localhost" || host.ends_with(".localhost");
    named || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(host: &str, secure: Option<bool>, fetch_metadata: bool, public: &str) -> Way {
        let public = Origin::parse(public).ok();
        judge(&Seen { host: Some(host), secure, fetch_metadata }, public.as_ref())
    }

    #[test]
    fn without_a_configured_address_the_request_itself_has_to_tell() {
        assert_eq!(way("login.example.org", Some(true), false, ""), Way::Secure);
        assert_eq!(way("login.example.org", None, true, ""), Way::Secure);
        assert_eq!(way("login.example.org", None, false, ""), Way::Plain);
        assert_eq!(way("login.example.org", Some(false), false, ""), Way::Plain);
        assert_eq!(
            way("login.example.org", Some(false), true, ""),
            Way::Secure,
            "TLS ends further out"
        );
        for host in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "a.localhost", "LOCALHOST"] {
            assert_eq!(way(host, None, true, ""), Way::Loopback, "{host}");
        }
        assert_eq!(way("127.0.0.1.example.org", None, false, ""), Way::Plain);
        assert_eq!(judge(&Seen::default(), None), Way::Plain);
    }

    #[test]
    fn a_configured_address_is_the_only_one() {
        let public = "https://login.example.org";
        assert_eq!(way("LOGIN.example.org:443", None, false, public), Way::Secure);
        assert_eq!(way("login.example.org", Some(false), false, public), Way::Plain);
        assert_eq!(way("login.example.org", Some(false), true, public), Way::Secure);
        for host in
            ["login.example.org:80", "example.org", "localhost:8080", "login.example.org.evil"]
        {
            assert_eq!(way(host, Some(true), true, public), Way::Elsewhere, "{host}");
        }
        assert_eq!(way("localhost:8080", None, true, "http://localhost:8080/"), Way::Loopback);
        assert_eq!(way("127.0.0.1:8080", None, true, "http://localhost:8080"), Way::Elsewhere);
        assert_eq!(way("10.0.0.5:8080", None, false, "http://10.0.0.5:8080"), Way::Plain);
    }

    #[test]
    fn an_origin_is_read_without_what_follows_it() {
        let shown = |url: &str| Origin::parse(url).map(|origin| origin.to_string());
        assert_eq!(
            shown("HTTPS://Login.Example.org:443/x?y"),
            Ok("https://login.example.org".into())
        );
        assert_eq!(shown("http://[::1]:8080"), Ok("http://[::1]:8080".into()));
        for bad in
            ["", "login.example.org", "ftp://a", "https://", "https://a@b", "https://a b", "null"]
        {
            assert_eq!(shown(bad), Err(NotAnOrigin), "{bad}");
        }
    }

    #[test]
    fn a_form_from_another_origin_is_told_by_its_authority() {
        assert!(is_same("https://login.example.org", "login.example.org"));
        assert!(is_same("http://localhost:8080", "localhost:8080"));
        for (sent, host) in [
            ("null", "login.example.org"),
            ("https://evil.example", "login.example.org"),
            ("https://login.example.org.evil.example", "login.example.org"),
            ("http://localhost:8081", "localhost:8080"),
            ("http://login.example.org", "login.example.org:443"),
        ] {
            assert!(!is_same(sent, host), "{sent} {host}");
        }
    }
}
