//! In which language, and light or dark: by the address, by a cookie, by what the browser says.

use axum::http::{HeaderMap, Uri, header};
use tokenhouse_rules::language::Wishes;
use tokenhouse_rules::local_path::LocalPath;

use super::cookies::Cookie;
use super::messages::{Language, Messages};
use super::places;
use crate::app::App;
use crate::extract::client::Client;

/// Light or dark, where somebody chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Theme {
    Light,
    Dark,
}

impl Theme {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Light, Self::Dark].into_iter().find(|theme| theme.name() == text)
    }
}

/// How somebody likes to be spoken to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taste {
    pub(super) language: Language,
    pub(super) theme: Option<Theme>,
}

impl Taste {
    /// `asked` are the languages that the address asks for, or an application.
    pub(super) fn of(messages: &Messages, headers: &HeaderMap, asked: Option<&str>) -> Self {
        // The choice has one name on every way; nothing depends on it.
        let choice = Cookie::Choice.sent(headers, false).unwrap_or_default();
        let (chosen, theme) = choice.split_once('.').unwrap_or((choice, ""));
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let wishes = Wishes { asked, chosen: Some(chosen), accepted };
        Self { language: messages.choose(&wishes), theme: Theme::parse(theme) }
    }

    /// That of a program: only what it accepts counts.
    pub(crate) fn of_program(messages: &Messages, accepted: &str) -> Self {
        let wishes = Wishes { accepted: Some(accepted), ..Wishes::default() };
        Self { language: messages.choose(&wishes), theme: None }
    }
}

/// The language in which a client is written to: a person's choice, or what a program accepts.
pub(crate) fn language_of<'a>(app: &'a App, client: &Client) -> &'a str {
    let messages = &app.pages.messages;
    let taste = Taste::of_program(messages, client.languages().unwrap_or_default());
    &messages.of(taste.language).tag
}

/// What is to be known of somebody at a browser in case that something goes wrong.
pub(crate) struct Wish {
    pub(super) taste: Taste,
    /// Where she is, if one can go there again.
    pub(super) here: Option<LocalPath>,
}

impl Wish {
    /// Reads it off a request.
    pub(crate) fn of(pages: &super::Pages, headers: &HeaderMap, uri: &Uri) -> Self {
        let asked = uri.query().and_then(|query| places::parameter(query, "ui_locales"));
        let taste = Taste::of(&pages.messages, headers, asked.as_deref());
        Self { taste, here: places::here(uri) }
    }
}
