//! `POST /preferences`: language and looks, kept by the browser.

use axum::extract::State;
use axum::response::Response;

use super::cookies::Cookie;
use super::posted::Posted;
use super::render;
use super::taste::Theme;
use super::visitor;
use crate::app::App;

/// How long the browser keeps the choice.
const YEAR: u64 = 365 * 86_400;

/// Sets the cookie, if the form is ours, and goes back.
pub(super) async fn send(State(app): State<App>, posted: Posted) -> Response {
    let Posted { visitor, fields } = &posted;
    let back = visitor::back(fields.text("return_to"));
    let mut response = render::see_other(back.as_ref().map_or("/", |back| back.as_str()));
    if posted.of_visit(&app).is_ok() {
        let tag = fields.text("language");
        let known = app.pages.messages.offered().iter().find(|one| one.tag == tag);
        let language = known.map_or("", |one| one.tag.as_str());
        let theme = Theme::parse(fields.text("theme")).map_or("auto", Theme::name);
        let value = format!("{language}.{theme}");
        render::cookie(&mut response, Cookie::Choice.set(&value, visitor.is_secure(), Some(YEAR)));
    }
    response
}
