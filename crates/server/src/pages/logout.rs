//! `/logout` at a browser: asked for by `GET`, done by `POST` only, so that no picture or link of another site does it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::context;
use tokenhouse_rules::audit::Event;
use tokenhouse_store::Target;

use super::cookies::Cookie;
use super::form::{self, Form};
use super::person::Person;
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

/// Ends the session. One that has ended already is as good.
pub(super) async fn send(State(app): State<App>, mut posted: Posted) -> Response {
    let person = match Person::find(&app, &mut posted.visitor).await {
        Ok(Some(person)) => person,
        Ok(None) => return gone(&posted.visitor, "signed-out"),
        Err(problem) => return problem.into_response(),
    };
    let visitor = &posted.visitor;
    if posted.of_session(&app, &person).is_err() {
        // A form that is too old is asked for again.
        return render::see_other("/logout");
    }
    let trail = visitor.client.trail(Event::SessionEnded, app.ordering_time());
    match app.store.end_sessions(&person.key, Target::This, trail).await {
        Ok(_) => gone(visitor, "signed-out"),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// The sign-in page, without the cookie, with a word on what was done.
pub(super) fn gone(visitor: &Visitor, said: &str) -> Response {
    let mut response = render::see_other(&format!("/login?said={said}"));
    render::cookie(&mut response, Cookie::Session.end(visitor.is_secure()));
    response
}
