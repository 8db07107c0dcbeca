//! `POST /preferences`: language and looks, kept by the browser, and with the person when she is signed in.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::cookies::Cookie;
use super::places;
use super::posted::Posted;
use super::render;
use super::taste::Theme;
use super::visitor::Ticket;
use crate::app::App;
use crate::error::Problem;

/// How long the browser keeps the choice.
const YEAR: u64 = 365 * 86_400;

/// Keeps the choice, if the form is ours, and goes back.
pub(super) async fn send(State(app): State<App>, posted: Posted) -> Response {
    let Posted { visitor, fields } = &posted;
    let back = places::back(fields.text("return_to"));
    let mut response = render::see_other(back.as_ref().map_or("/", |back| back.as_str()));
    if posted.of_visit(&app).is_ok() {
        let tag = fields.text("language");
        let known = app.pages.messages.offered().iter().find(|one| one.tag == tag);
        let language = known.map(|one| one.tag.as_str());
        let theme = Theme::parse(fields.text("theme")).map(Theme::name);
        if let Ticket::Session(key) = visitor.ticket {
            let chosen = (language.map(str::to_owned), theme.map(str::to_owned));
            // What she had chosen before would win over the cookie, so this must not fail in silence. A session
            // that has ended is no trouble: then the browser alone knows.
            if let Err(error) = app.store.choose(&key, chosen.0, chosen.1).await {
                return Problem::from(error).into_response();
            }
        }
        let value = format!("{}.{}", language.unwrap_or_default(), theme.unwrap_or("auto"));
        render::cookie(&mut response, Cookie::Choice.set(&value, visitor.is_secure(), Some(YEAR)));
    }
    response
}
