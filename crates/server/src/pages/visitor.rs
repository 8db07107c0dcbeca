//! Who is at the browser, as far as the request tells: by which way, with which cookies, in which language.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::percent_decode_str;
use tokenhouse_rules::csrf::{self, Holder};
use tokenhouse_rules::id::SessionId;
use tokenhouse_rules::language::Wishes;
use tokenhouse_rules::link;
use tokenhouse_rules::local_path::LocalPath;
use tokenhouse_rules::origin::{self, Origin, Seen, Way};
use tokenhouse_rules::token;
use tokenhouse_store::{Profile, SessionKey};

use super::cookies::Cookie;
use super::render;
use super::taste::{Taste, Theme};
use crate::app::App;
use crate::entropy;
use crate::extract::client::{self, Client};

/// Where somebody may be sent after she signed in.
pub(super) const AFTER_SIGN_IN: &[&str] = &[
    "/account",
    "/account/email",
    "/account/password",
    "/account/sessions",
    "/account/delete",
    "/logout",
];

/// Where somebody may be sent back to: every page that can be asked for, and those of links.
const PAGES: &[&str] = &[
    "/account",
    "/account/email",
    "/account/password",
    "/account/sessions",
    "/account/delete",
    "/logout",
    "/login",
    "/register",
    "/recover",
];

/// The first part of the addresses in mails; the second is a token, which is looked at when it is used.
const OF_LINKS: &[&str] = &["reset", "confirm", "invitation", "setup"];

/// What the session cookie says.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ticket {
    /// There is none.
    None,
    /// There is one, which is not ours or not whole.
    Void,
    /// A genuine one; whether its session lives the row decides.
    Session(SessionKey),
}

/// What is known of who asks for a page.
pub(super) struct Visitor {
    pub client: Client,
    pub taste: Taste,
    /// In which languages the address asks to speak to her: `ui_locales`.
    asked: Option<String>,
    pub way: Way,
    /// Host and port, as the browser has them in its address line.
    pub host: String,
    pub ticket: Ticket,
    /// The random value that forms before a session are bound to.
    pub visit: [u8; 16],
    /// Whether the browser had none, or did not send it back.
    pub is_new: bool,
    /// This page, if one can come back to it.
    pub here: Option<LocalPath>,
    /// Where to go on to after signing in.
    pub return_to: Option<LocalPath>,
    /// What was done just before, as a word of ours.
    pub said: Option<&'static str>,
}

/// What can have been done just before.
const SAID: &[&str] = &[
    "welcome",
    "password-changed",
    "device-ended",
    "others-ended",
    "signed-out",
    "session-ended",
    "deleted",
    "deletion-scheduled",
    "kept",
    "password-reset",
    "recovery-asked",
    "confirmation-sent",
    "email-confirmed",
    "email-withdrawn",
    "set-up",
];

impl Visitor {
    fn of(parts: &Parts, app: &App, client: Client) -> Self {
        let (headers, query) = (&parts.headers, parts.uri.query());
        let proxied = client::is_proxied(&parts.extensions, &app.settings.trusted_proxies);
        let host = proxied.then(|| client::told_host(headers)).flatten();
        let host = host.or_else(|| own_host(parts)).unwrap_or_default();
        let seen = Seen {
            host: Some(host).filter(|host| !host.is_empty()),
            secure: proxied.then(|| client::told_secure(headers)).flatten(),
            fetch_metadata: headers.contains_key("sec-fetch-site"),
        };
        let way = origin::judge(&seen, public(app).as_ref());
        let secure = way == Way::Secure;
        let visit = Cookie::Visit.sent(headers, secure).and_then(decode);
        let ticket = match Cookie::Session.sent(headers, secure) {
            None | Some("") => Ticket::None,
            Some(text) => token::open(text, &app.root)
                .map_or(Ticket::Void, |presented| Ticket::Session(presented.into())),
        };
        let asked = |name| query.and_then(|query| parameter(query, name));
        let said = asked("said");
        let mut visitor = Self {
            client,
            taste: Taste::of(&app.pages.messages, headers, query),
            asked: asked("ui_locales"),
            way,
            host: host.to_owned(),
            ticket,
            visit: visit.unwrap_or_else(entropy::bytes),
            is_new: visit.is_none(),
            here: here(&parts.uri),
            return_to: asked("return_to").and_then(|to| LocalPath::parse(&to, AFTER_SIGN_IN)),
            said: said.and_then(|said| SAID.iter().copied().find(|known| *known == said)),
        };
        visitor.client.speak(&app.pages.messages.of(visitor.taste.language).tag);
        visitor
    }

    /// Speaks to her, and looks, as she chose once, on whichever device; only the address comes before that.
    pub(super) fn recognise(&mut self, app: &App, profile: &Profile) {
        let messages = &app.pages.messages;
        let wishes = Wishes {
            asked: self.asked.as_deref(),
            chosen: profile.language.as_deref(),
            accepted: Some(&messages.of(self.taste.language).tag),
        };
        self.taste.language = messages.choose(&wishes);
        self.taste.theme = profile.theme.as_deref().and_then(Theme::parse).or(self.taste.theme);
        self.client.speak(&messages.of(self.taste.language).tag);
    }

    pub(super) fn is_secure(&self) -> bool {
        self.way == Way::Secure
    }

    /// The token of forms that are filled in without a session.
    pub(super) fn token(&self, app: &App) -> String {
        csrf::issue(&Holder::Visit(&self.visit), &app.root)
    }

    /// The visit as its cookie holds it.
    pub(super) fn visit_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.visit)
    }

    /// A message in her language.
    pub(super) fn say(&self, app: &App, key: &str) -> String {
        app.pages.messages.say(self.taste.language, key)
    }

    /// Refuses, with a page, who came by a way on which no cookie can live.
    pub(super) fn arrived(&self, app: &App) -> Result<(), Box<Response>> {
        match self.way {
            Way::Secure | Way::Loopback => Ok(()),
            Way::Plain | Way::Elsewhere => Err(Box::new(render::way(app, self))),
        }
    }
}

/// The address that is configured.
pub(super) fn public(app: &App) -> Option<Origin> {
    app.settings.public_url.as_deref().and_then(|url| Origin::parse(url).ok())
}

/// `Host`, or what HTTP/2 has in its place.
fn own_host(parts: &Parts) -> Option<&str> {
    let named = parts.headers.get(header::HOST).and_then(|value| value.to_str().ok());
    named.or_else(|| parts.uri.authority().map(axum::http::uri::Authority::as_str))
}

fn decode(text: &str) -> Option<[u8; 16]> {
    let mut visit = [0; 16];
    (URL_SAFE_NO_PAD.decode_slice(text, &mut visit) == Ok(16)).then_some(visit)
}

/// The page that is asked for, if one can come back to it, with those of its parameters that mean something.
pub(super) fn here(uri: &Uri) -> Option<LocalPath> {
    let query = uri.query().unwrap_or_default();
    let kept = |name| parameter(query, name).map(|value| (name, value));
    let after = kept("after").filter(|(_, id)| id.parse::<SessionId>().is_ok());
    let onward = kept("return_to").filter(|(_, to)| LocalPath::parse(to, AFTER_SIGN_IN).is_some());
    let text = match after.or(onward) {
        Some((name, value)) => format!("{}?{name}={}", uri.path(), render::encoded(&value)),
        None => uri.path().to_owned(),
    };
    back(&text)
}

/// A path that somebody may be sent back to.
pub(super) fn back(text: &str) -> Option<LocalPath> {
    LocalPath::parse(text, PAGES).or_else(|| LocalPath::parse(text, &[of_link(text)?]))
}

/// The address of a link, if it is one by its looks: characters that mean nothing else in an address.
fn of_link(text: &str) -> Option<&str> {
    let (first, token) = text.strip_prefix('/')?.split_once('/')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let is_token = token.strip_prefix(link::PREFIX)?.bytes().all(plain);
    (OF_LINKS.contains(&first) && is_token).then_some(text)
}

/// The first parameter of that name in a query.
pub(super) fn parameter(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        let spaced = value.replace('+', " ");
        (key == name).then(|| percent_decode_str(&spaced).decode_utf8_lossy().into_owned())
    })
}

/// A visitor on a way on which she can sign in.
pub(super) struct Here(pub Visitor, pub HeaderMap);

impl FromRequestParts<App> for Here {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let Ok(client) = Client::from_request_parts(parts, app).await;
        let visitor = Visitor::of(parts, app, client);
        visitor.arrived(app).map_err(|page| *page)?;
        Ok(Self(visitor, parts.headers.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::check::keys;

    #[test]
    fn what_can_be_said_is_what_there_are_messages_for() {
        let mut words: Vec<_> = keys().filter_map(|key| key.strip_prefix("said-")).collect();
        let mut said = SAID.to_vec();
        words.sort_unstable();
        said.sort_unstable();
        assert_eq!(said, words);
    }

    #[test]
    fn a_page_is_come_back_to_without_what_was_said_on_it() {
        let here =
            |uri: &'static str| here(&Uri::from_static(uri)).map(|path| path.as_str().to_owned());
        assert_eq!(
            here("/login?said=deleted&return_to=%2Faccount").as_deref(),
            Some("/login?return_to=%2Faccount")
        );
        assert_eq!(here("/account?said=welcome").as_deref(), Some("/account"));
        assert_eq!(here("/preferences"), None);
        assert_eq!(here("//evil.example/login"), None);
        let link = "/reset/thl_Ab-_9";
        assert_eq!(here("/reset/thl_Ab-_9?said=welcome").as_deref(), Some(link));
        for bad in [
            "/reset/",
            "/reset/x",
            "/elsewhere/thl_Ab-_9",
            "/reset/thl_a/b",
            "/reset/thl_a?b",
            "//reset/thl_a",
            "/reset//thl_a",
            "/reset/thl_%2e%2e",
        ] {
            assert_eq!(back(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_parameter_is_decoded_once() {
        assert_eq!(
            parameter("a=1&return_to=%2Faccount%3Fx", "return_to").as_deref(),
            Some("/account?x")
        );
        assert_eq!(parameter("ui_locales=fr+en&b", "ui_locales").as_deref(), Some("fr en"));
        assert_eq!(parameter("b", "b"), None);
        assert_eq!(parameter("a=%252F", "a").as_deref(), Some("%2F"));
    }
}
