//! `/dev/outbox`: the mails of a server that sends none, for the developer at this very machine.
//!
//! Whoever reads mails can take over accounts. So there is nothing here when mails are sent or not written, nor for
//! anybody but a browser on this machine that came straight to it, by a name of this machine: not through a proxy or a
//! tunnel, and not by a name that another site has pointed here.

use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;
use tokenhouse_processes::connections::PeerAddr;
use tokenhouse_rules::id::MailId;
use tokenhouse_rules::origin::Way;
use tokenhouse_store::Mail;
use uuid::Uuid;

use super::letters::Letter;
use super::places::parameter;
use super::render;
use super::visitor::{Here, Visitor};
use crate::app::App;
use crate::error::Problem;
use crate::front;
use crate::mail::{self, Mailing};

/// How many mails are on a page.
const MOST: u32 = 25;

/// A mail's HTML alone, as its reader's program shows it: styles at the elements, and nothing that loads or runs.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox";

/// What a proxy or a tunnel adds.
const FORWARDED: [HeaderName; 4] = [
    header::FORWARDED,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-real-ip"),
];

/// Somebody at this very machine, where mails are kept to be read.
pub(super) struct Developer(Visitor);

impl FromRequestParts<App> for Developer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let is_outbox = matches!(app.settings.mailing, Mailing::Outbox);
        if !is_outbox || !is_near(&parts.headers, &parts.extensions) {
            return Err(nothing().await);
        }
        let Here(visitor, _) = Here::from_request_parts(parts, app).await?;
        match visitor.way {
            Way::Loopback => Ok(Self(visitor)),
            Way::Secure | Way::Plain | Way::Elsewhere => Err(nothing().await),
        }
    }
}

fn is_near(headers: &HeaderMap, extensions: &Extensions) -> bool {
    let peer = extensions.get::<PeerAddr>().map(|peer| peer.0.ip().to_canonical());
    let is_here = peer.is_some_and(|peer| peer.is_loopback());
    is_here && !FORWARDED.iter().any(|name| headers.contains_key(name))
}

async fn nothing() -> Response {
    front::not_found().await.into_response()
}

/// A mail in the list.
#[derive(Serialize)]
struct Line {
    id: String,
    subject: String,
    recipient: String,
    at: String,
}

/// A piece of a mail's text: a link of our own, or anything else.
#[derive(Serialize)]
struct Piece<'a> {
    text: &'a str,
    is_link: bool,
}

/// The list, the newest first.
pub(super) async fn list(
    State(app): State<App>,
    Developer(visitor): Developer,
    uri: Uri,
) -> Response {
    let before = uri.query().and_then(|query| parameter(query, "before"));
    let before = before.and_then(|id| id.parse().ok());
    let mails = match app.store.mails(None, before, MOST).await {
        Ok(mails) => mails,
        Err(error) => return Problem::from(error).into_response(),
    };
    let older =
        mails.last().filter(|_| mails.len() == MOST as usize).map(|mail| mail.id.to_string());
    let lines: Vec<_> = mails.iter().map(|mail| line(&app, mail)).collect();
    let parts = context! { mails => Value::from(Serde(lines)), older => older };
    render::page(&app, &visitor, StatusCode::OK, "outbox.html", parts)
}

fn line(app: &App, mail: &Mail) -> Line {
    Line {
        id: mail.id.to_string(),
        subject: letter(app, mail).map_or_else(|why| why, |letter| letter.subject),
        recipient: mail.recipient.clone(),
        at: mail.created_at.rfc3339(),
    }
}

/// One mail: its text as text, with our links to be followed.
pub(super) async fn show(
    State(app): State<App>,
    Developer(visitor): Developer,
    Path(id): Path<String>,
) -> Response {
    let mail = match find(&app, &id).await {
        Ok(mail) => mail,
        Err(answer) => return *answer,
    };
    let parts = match letter(&app, &mail) {
        Ok(letter) => context! {
            mail => Value::from(Serde(line(&app, &mail))),
            language => letter.language.as_str(),
            direction => letter.direction.as_str(),
            pieces => Value::from(Serde(pieces(&letter.text, &app.settings.base_url))),
        },
        Err(why) => context! { mail => Value::from(Serde(line(&app, &mail))), why => why },
    };
    render::page(&app, &visitor, StatusCode::OK, "outbox-mail.html", parts)
}

/// Its HTML, as a document of its own.
pub(super) async fn html(
    State(app): State<App>,
    Developer(_): Developer,
    Path(id): Path<String>,
) -> Response {
    let mail = match find(&app, &id).await {
        Ok(mail) => mail,
        Err(answer) => return *answer,
    };
    let Ok(letter) = letter(&app, &mail) else { return nothing().await };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
    ]
    .map(|(name, value)| (name, HeaderValue::from_static(value)));
    (headers.into_iter().collect::<HeaderMap>(), letter.html).into_response()
}

/// What its reader would see, or why nothing.
fn letter(app: &App, mail: &Mail) -> Result<Letter, String> {
    mail::letter(mail, &app.root, &app.settings, &app.pages).map_err(|error| error.to_string())
}

/// The first of the list that begins with it.
async fn find(app: &App, id: &str) -> Result<Mail, Box<Response>> {
    let Ok(id) = id.parse::<MailId>() else { return Err(Box::new(nothing().await)) };
    let next = Uuid::from_u128(id.uuid().as_u128().saturating_add(1));
    match app.store.mails(None, Some(MailId::from_uuid(next)), 1).await {
        Ok(mails) => match mails.into_iter().find(|mail| mail.id == id) {
            Some(mail) => Ok(mail),
            None => Err(Box::new(nothing().await)),
        },
        Err(error) => Err(Box::new(Problem::from(error).into_response())),
    }
}

/// Cuts a text at the addresses that begin with ours.
fn pieces<'a>(text: &'a str, base_url: &str) -> Vec<Piece<'a>> {
    let begins = format!("{base_url}/");
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(&begins) {
        let (before, from) = rest.split_at(at);
        let (link, after) = from.split_at(from.find(char::is_whitespace).unwrap_or(from.len()));
        pieces.push(Piece { text: before, is_link: false });
        pieces.push(Piece { text: link, is_link: true });
        rest = after;
    }
    pieces.push(Piece { text: rest, is_link: false });
    pieces
}

/// What its templates can be filled with.
pub(super) fn samples() -> Vec<(&'static str, Value)> {
    let line = || Line {
        id: "1".to_owned(),
        subject: "Subject".to_owned(),
        recipient: "ada@example.org".to_owned(),
        at: "2026-01-02T03:04:05Z".to_owned(),
    };
    let text = "Follow https://a.example/reset/thl_x to go on.";
    let whole = context! {
        mail => Value::from(Serde(line())),
        language => "en",
        direction => "ltr",
        pieces => Value::from(Serde(pieces(text, "https://a.example"))),
    };
    vec![
        ("outbox.html", context! { mails => Value::from(Serde([line()])), older => "1" }),
        ("outbox.html", context! { mails => Value::from(Serde([(); 0])), older => () }),
        ("outbox-mail.html", whole),
        ("outbox-mail.html", context! { mail => Value::from(Serde(line())), why => "Why" }),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_links_are_links() {
        let text =
            "Go to https://a.example/reset/thl_x\nor http://evil.example/ or https://a.example";
        let cut: Vec<_> = pieces(text, "https://a.example")
            .into_iter()
            .map(|piece| (piece.text, piece.is_link))
            .collect();
        assert_eq!(
            cut,
            [
                ("Go to ", false),
                ("https://a.example/reset/thl_x", true),
                ("\nor http://evil.example/ or https://a.example", false),
            ]
        );
    }

    #[test]
    fn who_comes_from_elsewhere_or_through_somebody_is_not_near() {
        let near = |peer: &str, header: Option<&'static str>| {
            let mut extensions = Extensions::new();
            extensions.insert(PeerAddr(peer.parse().expect("an address")));
            let mut headers = HeaderMap::new();
            if let Some(name) = header {
                headers.insert(name, HeaderValue::from_static("127.0.0.1"));
            }
            is_near(&headers, &extensions)
        };
        assert!(near("127.0.0.1:1", None) && near("[::1]:1", None));
        assert!(near("[::ffff:127.0.0.1]:1", None));
        assert!(!near("192.0.2.1:1", None) && !near("[2001:db8::1]:1", None));
        for name in ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"] {
            assert!(!near("127.0.0.1:1", Some(name)), "{name}");
        }
        assert!(!is_near(&HeaderMap::new(), &Extensions::new()));
    }
}
