//! Who is at the browser, as far as the request tells: by which way, with which cookies, in which language.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokenhouse_rules::csrf::{self, Holder};
use tokenhouse_rules::language::Wishes;
use tokenhouse_rules::local_path::LocalPath;
use tokenhouse_rules::origin::{self, Origin, Seen, Way};
use tokenhouse_rules::token;
use tokenhouse_store::{Profile, SessionKey};

use super::cookies::Cookie;
use super::places::{self, AFTER_SIGN_IN};
use super::render;
use super::taste::{Taste, Theme};
use crate::app::App;
use crate::entropy;
use crate::extract::client::{self, Client};

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
    /// In which languages the address, or the application that she goes on to, asks to speak to her: `ui_locales`.
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
    "sign-in-again",
    "other-account",
    "application-disconnected",
    "device-allowed",
    "device-denied",
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
        let asked = |name| query.and_then(|query| places::parameter(query, name));
        let (said, locales) = (asked("said"), asked("ui_locales"));
        let mut visitor = Self {
            client,
            taste: Taste::of(&app.pages.messages, headers, locales.as_deref()),
            asked: locales,
            way,
            host: host.to_owned(),
            ticket,
            visit: visit.unwrap_or_else(entropy::bytes),
            is_new: visit.is_none(),
            here: places::here(&parts.uri),
            return_to: None,
            said: said.and_then(|said| SAID.iter().copied().find(|known| *known == said)),
        };
        visitor.client.speak(&app.pages.messages.of(visitor.taste.language).tag);
        visitor.go_on_to(app, headers, asked("return_to").as_deref().unwrap_or_default());
        visitor
    }

    /// Notes where she wants to go on to, if it is one of the places. An application there may say in which
    /// languages it would like her to be spoken to.
    pub(super) fn go_on_to(&mut self, app: &App, headers: &HeaderMap, to: &str) {
        self.return_to = LocalPath::parse(to, AFTER_SIGN_IN);
        let locales = self.asked_by_application("ui_locales");
        if self.asked.is_none() && locales.is_some() {
            self.taste = Taste::of(&app.pages.messages, headers, locales.as_deref());
            self.asked = locales;
            self.client.speak(&app.pages.messages.of(self.taste.language).tag);
        }
    }

    /// What the application that she goes on to asks for under this name.
    pub(super) fn asked_by_application(&self, name: &str) -> Option<String> {
        places::asked_for(self.return_to.as_ref()?, name)
    }

    /// An address of ours, from which she still goes on to where she wanted to.
    pub(super) fn keeping(&self, address: &str) -> String {
        let Some(to) = &self.return_to else { return address.to_owned() };
        let sign = if address.contains('?') { '&' } else { '?' };
        format!("{address}{sign}return_to={}", render::encoded(to.as_str()))
    }

    /// Speaks to her, and looks, as she chose once, on whichever device; only the address comes before that.
    pub(super) fn recognise(&mut self, app: &App, profile: &Profile) {
        self.speak(app, profile.language.as_deref());
        self.taste.theme = profile.theme.as_deref().and_then(Theme::parse).or(self.taste.theme);
    }

    /// Speaks to her as she chose once.
    pub(super) fn speak(&mut self, app: &App, chosen: Option<&str>) {
        let messages = &app.pages.messages;
        let accepted = Some(messages.of(self.taste.language).tag.as_str());
        let wishes = Wishes { asked: self.asked.as_deref(), chosen, accepted };
        self.taste.language = messages.choose(&wishes);
        self.client.speak(&messages.of(self.taste.language).tag);
    }

    /// The session that her cookie names. Whether it lives the row decides.
    pub(super) fn session(&self) -> Option<SessionKey> {
        match self.ticket {
            Ticket::Session(key) => Some(key),
            Ticket::None | Ticket::Void => None,
        }
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
}
