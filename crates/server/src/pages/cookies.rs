//! The three cookies of the pages (RFC 6265bis): the session, the visit before there is one, and the choice of
//! language and looks.
//!
//! With https they are `__Host-`: `Secure`, of this host only, for no path alone. On plain http to the own machine,
//! where no browser takes them so, they have no prefix; a name with the prefix is then not looked at, nor one
//! without it on https. Over plain http to another machine there are no cookies at all (`render::way`).

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cookie {
    /// The session token.
    Session,
    /// 128 random bits that the forms before a session are bound to. Ends with the browser.
    Visit,
    /// Language and looks; nobody is recognised by it.
    Choice,
}

impl Cookie {
    fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Session, true) => "__Host-tokenhouse-session",
            (Self::Session, false) => "tokenhouse-session",
            (Self::Visit, true) => "__Host-tokenhouse-visit",
            (Self::Visit, false) => "tokenhouse-visit",
            (Self::Choice, _) => "tokenhouse-choice",
        }
    }

    /// The one that the browser sent.
    pub(super) fn sent(self, headers: &HeaderMap, secure: bool) -> Option<&str> {
        let name = self.name(secure);
        headers.get_all(COOKIE).iter().find_map(|value| {
            value.to_str().ok()?.split(';').find_map(|pair| {
                let (key, value) = pair.trim().split_once('=')?;
                (key == name).then_some(value)
            })
        })
    }

    /// Sets it for so many seconds, or until the browser ends.
    pub(super) fn set(self, value: &str, secure: bool, seconds: Option<u64>) -> HeaderValue {
        let name = self.name(secure);
        let mut text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax");
        if secure {
            text.push_str("; Secure");
        }
        if let Some(seconds) = seconds {
            text.push_str(&format!("; Max-Age={seconds}"));
        }
        let mut header = HeaderValue::try_from(text).expect("base64url and names are ASCII");
        header.set_sensitive(self == Self::Session);
        header
    }

    /// Takes it away.
    pub(super) fn end(self, secure: bool) -> HeaderValue {
        self.set("", secure, Some(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_of_the_other_way_is_not_looked_at() {
        let mut headers = HeaderMap::new();
        let sent = "a=b; tokenhouse-session=plain; tokenhouse-choice=de.dark";
        headers.append(COOKIE, sent.parse().expect("a header value"));
        headers.append(COOKIE, "__Host-tokenhouse-session=host".parse().expect("a header value"));
        assert_eq!(Cookie::Session.sent(&headers, true), Some("host"));
        assert_eq!(Cookie::Session.sent(&headers, false), Some("plain"));
        assert_eq!(Cookie::Visit.sent(&headers, true), None);
        assert_eq!(Cookie::Choice.sent(&headers, true), Some("de.dark"));
    }

    #[test]
    fn a_session_is_out_of_reach_of_scripts_sites_and_neighbours() {
        assert_eq!(
            Cookie::Session.set("ths_x", true, Some(60)),
            "__Host-tokenhouse-session=ths_x; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60"
        );
        assert_eq!(
            Cookie::Session.end(false),
            "tokenhouse-session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
        );
        assert!(Cookie::Session.set("ths_x", true, None).is_sensitive());
    }
}
