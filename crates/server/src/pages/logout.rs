//! `/logout` at a browser: asked for by `GET`, done by `POST` only, so that no picture or link of another site does it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::context;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::local_path::LocalPath;
use tokenhouse_store::Target;

use super::cookies::{self, Cookie};
use super::form::{self, Form};
use super::person::Person;
use super::places::END_SESSION;
use super::posted::Posted;
use super::render;
use super::visitor::{Here, Visitor};
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
    let done = |visitor: &Visitor| match &asked {
        Some(asked) => left(&app, visitor, asked.as_str()),
        None => gone(&app, visitor, "signed-out"),
    };
    let person = match Person::find(&app, &mut posted.visitor).await {
        Ok(Some(person)) => person,
        Ok(None) => return done(&posted.visitor),
        Err(problem) => return problem.into_response(),
    };
    let visitor = &posted.visitor;
    if posted.of_session(&app, &person).is_err() {
        // A form that is too old is asked for again.
        return render::see_other(asked.as_ref().map_or("/logout", |asked| asked.as_str()));
    }
    let trail = visitor.client.trail(Event::SessionEnded, app.ordering_time());
    match app.store.end_sessions(&person.key, Target::This, trail).await {
        Ok(_) => done(visitor),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// The sign-in page, without the cookies, with a word on what was done.
pub(super) fn gone(app: &App, visitor: &Visitor, said: &str) -> Response {
    left(app, visitor, &format!("/login?said={said}"))
}

/// Another page, without the cookies.
pub(super) fn left(app: &App, visitor: &Visitor, to: &str) -> Response {
    let mut response = render::see_other(to);
    let secure = visitor.is_secure();
    render::cookie(&mut response, Cookie::Session.end(secure));
    if let Some(hidden) = cookies::hide(app, secure) {
        render::cookie(&mut response, hidden);
    }
    response
}
