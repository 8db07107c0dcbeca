//! `/logout` at a browser: asked for by `GET`, done by `POST` only, so that no picture or link of another site does it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::context;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::local_path::LocalPath;

use super::cookies::{self, Cookie};
use super::form::{self, Form};
use super::person::Person;
use super::places::END_SESSION;
use super::posted::Posted;
use super::visitor::{Here, Visitor};
use super::{render, signed_out};
use crate::app::App;
use crate::error::Problem;

/// Asks.
pub(super) async fn show(State(app): State<App>, Here(mut visitor, _): Here) -> Response {
    match Person::of(&app, &mut visitor).await {
        Ok(person) => {
            let form = Form::fresh(&app, &visitor, person.token(&app));
            form::page(&app, &visitor, (StatusCode::OK, "logout.html"), form, context! {})
        }
        Err(elsewhere) => *elsewhere,
    }
}

/// Ends the session. One that has ended already is as good. Where an application asked for it, its request is gone
/// back to, which leads on from there.
pub(super) async fn send(State(app): State<App>, mut posted: Posted) -> Response {
    let asked = LocalPath::parse(posted.fields.text("return_to"), &[END_SESSION]);
    let onward = asked.as_ref().map_or("/login?said=signed-out", |asked| asked.as_str());
    let person = match Person::find(&app, &mut posted.visitor).await {
        Ok(Some(person)) => person,
        Ok(None) => return left(&app, &posted.visitor, onward),
        Err(problem) => return problem.into_response(),
    };
    if posted.of_session(&app, &person).is_err() {
        // A form that is too old is asked for again.
        return render::see_other(asked.as_ref().map_or("/logout", |asked| asked.as_str()));
    }
    let visitor = &mut posted.visitor;
    let trail = visitor.client.trail(Event::SessionEnded, app.ordering_time());
    let end = match app.store.end_session(&person.key, trail).await {
        Ok(end) => end,
        Err(error) => return Problem::from(error).into_response(),
    };
    let frames = signed_out::frames(&app, person.key.id, &end);
    match frames.is_empty() {
        true => left(&app, visitor, onward),
        false => signed_out::page(&app, visitor, frames, onward),
    }
}

/// The sign-in page, without the cookies, with a word on what was done.
pub(super) fn gone(app: &App, visitor: &Visitor, said: &str) -> Response {
    left(app, visitor, &format!("/login?said={said}"))
}

/// Another page, without the cookies.
pub(super) fn left(app: &App, visitor: &Visitor, to: &str) -> Response {
    let mut response = render::see_other(to);
    forget(app, visitor, &mut response);
    response
}

/// Has the browser forget the cookies.
pub(super) fn forget(app: &App, visitor: &Visitor, response: &mut Response) {
    let secure = visitor.is_secure();
    render::cookie(response, Cookie::Session.end(secure));
    if let Some(hidden) = cookies::hide(app, secure) {
        render::cookie(response, hidden);
    }
}
