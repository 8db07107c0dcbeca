//! The cookies of the pages (RFC 6265bis): the session, the visit before there is one, the choice of language and
//! looks; and where proxies of other hosts may ask who is signed in, one that reaches those.
//!
//! With https they are `__Host-`: `Secure`, of this host only, for no path alone. On plain http to the own machine,
//! where no browser takes them so, they have no prefix; a name with the prefix is then not looked at, nor one
//! without it on https. Over plain http to another machine there are no cookies at all (`render::way`).

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use tokenhouse_rules::forward_token::{self, Named};
use tokenhouse_store::SessionKey;

use crate::app::App;

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cookie {
    /// The session token.
    Session,
    /// 128 random bits that the forms before a session are bound to. Ends with the browser.
    Visit,
    /// Language and looks; nobody is recognised by it.
    Choice,
    /// The session as other hosts of the domain may see it: worth nothing but to a proxy's question.
    Forward,
}

impl Cookie {
    fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Session, true) => "__Host-tokenhouse-session",
            (Self::Session, false) => "tokenhouse-session",
            (Self::Visit, true) => "__Host-tokenhouse-visit",
            (Self::Visit, false) => "tokenhouse-visit",
            (Self::Choice, _) => "tokenhouse-choice",
            // A cookie for more than one host cannot be `__Host-`.
            (Self::Forward, true) => "__Secure-tokenhouse-forward",
            (Self::Forward, false) => "tokenhouse-forward",
        }
    }

    /// The one that the browser sent.
    pub(super) fn sent(self, headers: &HeaderMap, secure: bool) -> Option<&str> {
        self.all_sent(headers, secure).next()
    }

    /// All of that name: hosts of a domain can set cookies for it that stand beside ours.
    fn all_sent(self, headers: &HeaderMap, secure: bool) -> impl Iterator<Item = &str> {
        let name = self.name(secure);
        let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        pairs.flat_map(|value| value.split(';')).filter_map(move |pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then_some(value)
        })
    }

    /// Sets it for so many seconds, or until the browser ends.
    pub(super) fn set(self, value: &str, secure: bool, seconds: Option<u64>) -> HeaderValue {
        self.written(value, secure, seconds, None)
    }

    fn written(
        self,
        value: &str,
        secure: bool,
        seconds: Option<u64>,
        domain: Option<&str>,
    ) -> HeaderValue {
        let name = self.name(secure);
        let mut text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax");
        if let Some(domain) = domain {
            text.push_str(&format!("; Domain={domain}"));
        }
        if secure {
            text.push_str("; Secure");
        }
        if let Some(seconds) = seconds {
            text.push_str(&format!("; Max-Age={seconds}"));
        }
        let mut header = HeaderValue::try_from(text).expect("base64url and names are ASCII");
        header.set_sensitive(matches!(self, Self::Session | Self::Forward));
        header
    }

    /// Takes it away.
    pub(super) fn end(self, secure: bool) -> HeaderValue {
        self.set("", secure, Some(0))
    }
}

/// Shows a session to other hosts, where a domain is configured.
pub(super) fn show(app: &App, key: &SessionKey, secure: bool, seconds: u64) -> Option<HeaderValue> {
    let domain = app.settings.cookie_domain.as_deref()?;
    let named = Named { session: key.id, user: key.user, secret_hash: key.secret_hash };
    let token = forward_token::seal(&named, &app.root);
    Some(Cookie::Forward.written(&token, secure, Some(seconds), Some(domain)))
}

/// Shows none any more.
pub(super) fn hide(app: &App, secure: bool) -> Option<HeaderValue> {
    let domain = app.settings.cookie_domain.as_deref()?;
    Some(Cookie::Forward.written("", secure, Some(0), Some(domain)))
}

/// The session that a browser shows to another host. Whether it lives its row decides.
pub(crate) fn shown(app: &App, headers: &HeaderMap, secure: bool) -> Option<SessionKey> {
    let mut sent = Cookie::Forward.all_sent(headers, secure);
    let named = sent.find_map(|text| forward_token::open(text, &app.root).ok())?;
    Some(SessionKey { id: named.session, user: named.user, secret_hash: named.secret_hash })
}

/// What a browser sent, but for our own: what a service may see of it.
pub(crate) fn without_ours(headers: &HeaderMap) -> HeaderValue {
    let pairs = headers
        .get_all(COOKIE)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii));
    let theirs: Vec<_> = pairs.filter(|pair| !pair.is_empty() && !is_ours(pair)).collect();
    HeaderValue::from_bytes(&theirs.join(&b"; "[..])).unwrap_or(HeaderValue::from_static(""))
}

fn is_ours(pair: &[u8]) -> bool {
    let bare = ["__Host-", "__Secure-"].iter().find_map(|it| pair.strip_prefix(it.as_bytes()));
    bare.unwrap_or(pair).starts_with(b"tokenhouse-")
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

    #[test]
    fn what_other_hosts_see_is_of_their_domain_and_on_https_only() {
        let set = Cookie::Forward.written("thf_x", true, Some(60), Some("example.org"));
        assert_eq!(
            set,
            "__Secure-tokenhouse-forward=thf_x; Path=/; HttpOnly; SameSite=Lax; \
             Domain=example.org; Secure; Max-Age=60"
        );
        assert!(set.is_sensitive());
        let end = Cookie::Forward.written("", false, Some(0), Some("localhost"));
        assert_eq!(
            end,
            "tokenhouse-forward=; Path=/; HttpOnly; SameSite=Lax; Domain=localhost; Max-Age=0"
        );
    }

    #[test]
    fn a_service_sees_none_of_our_cookies_and_all_of_its_own() {
        let sent = |values: &[&'static [u8]]| {
            let mut headers = HeaderMap::new();
            for value in values {
                let value = HeaderValue::from_bytes(value).expect("a header value");
                headers.append(COOKIE, value);
            }
            without_ours(&headers).as_bytes().to_vec()
        };
        assert_eq!(sent(&[]), b"");
        assert_eq!(sent(&[b"__Secure-tokenhouse-forward=thf_x"]), b"");
        assert_eq!(
            sent(&[
                b"a=b; __Host-tokenhouse-session=x;tokenhouse-visit=y; c=\"d\"",
                b" tokenhouse-forward=z; \xff=e; tokenhousex=1;"
            ]),
            b"a=b; c=\"d\"; \xff=e; tokenhousex=1"
        );
    }
}
