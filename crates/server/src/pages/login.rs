//! `/login` at a browser: the form, and the session cookie that follows it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::value::Serde;
use minijinja::{Value, context};
use tokenhouse_rules::audit::Event;
use tokenhouse_store::Target;

use super::cookies::Cookie;
use super::form::{self, Form};
use super::person::Person;
use super::posted::Posted;
use super::render;
use super::visitor::{Here, Ticket, Visitor};
use crate::app::App;
use crate::error::Problem;
use crate::login::{Credentials, sign_in};
use crate::signed_in::SignedIn;

/// The form; who is signed in already goes on. Does not ask the database who has no session.
pub(super) async fn show(State(app): State<App>, Here(visitor, _): Here) -> Response {
    if visitor.said.is_none() && matches!(Person::find(&app, &visitor).await, Ok(Some(_))) {
        return onward(&visitor);
    }
    shown(&app, &visitor, StatusCode::OK, Form::fresh(&app, &visitor, visitor.token(&app)))
}

/// Signs in.
pub(super) async fn send(State(app): State<App>, posted: Posted) -> Response {
    let Posted { visitor, fields } = &posted;
    let again = || Form::fresh(&app, visitor, visitor.token(&app)).with(fields);
    if let Err(lost) = posted.of_visit(&app) {
        return shown(&app, visitor, StatusCode::FORBIDDEN, again().lost(&app, visitor, lost));
    }
    let given = Credentials {
        username: fields.text("username").to_owned(),
        password: fields.secret("password"),
    };
    let outcome = match form::filled(fields, &["username", "password"]) {
        Ok(()) => sign_in(&app, &visitor.client, &given).await,
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(signed_in) => {
            end_former(&app, visitor).await;
            signed(visitor, &signed_in, onward(visitor))
        }
        Err(problem) => refused(&app, visitor, "login.html", (again(), &problem)),
    }
}

/// To where she wanted to go.
fn onward(visitor: &Visitor) -> Response {
    render::see_other(visitor.return_to.as_ref().map_or("/account", |to| to.as_str()))
}

/// Gives the browser the session, and takes the visit from it.
pub(super) fn signed(visitor: &Visitor, signed_in: &SignedIn, mut response: Response) -> Response {
    let secure = visitor.is_secure();
    let session = Cookie::Session.set(&signed_in.token, secure, Some(signed_in.expires_in));
    render::cookie(&mut response, session);
    render::cookie(&mut response, Cookie::Visit.end(secure));
    response
}

/// A session that this browser had before ends with the new one (OWASP ASVS 7.2.4). The new one is open already;
/// trouble here is only logged.
pub(super) async fn end_former(app: &App, visitor: &Visitor) {
    let Ticket::Session(former) = visitor.ticket else { return };
    let trail = visitor.client.trail(Event::SessionEnded, app.ordering_time());
    if let Err(error) = app.store.end_sessions(&former, Target::This, trail).await {
        app.log.failure("session_not_ended", &error, visitor.client.request_id.as_str());
    }
}

/// A form that was refused, with what was typed into it.
pub(super) fn refused(
    app: &App,
    visitor: &Visitor,
    template: &str,
    (form, problem): (Form, &Problem),
) -> Response {
    if let Some(cause) = &problem.cause {
        app.log.failure(problem.code, cause.as_ref(), visitor.client.request_id.as_str());
    }
    let form = form.refused(app, visitor, problem);
    let parts = context! { form => Value::from(Serde(form)) };
    let mut response = render::page(app, visitor, problem.status, template, parts);
    response.headers_mut().extend(problem.headers());
    response
}

fn shown(app: &App, visitor: &Visitor, status: StatusCode, form: Form) -> Response {
    let parts = context! { form => Value::from(Serde(form)) };
    render::page(app, visitor, status, "login.html", parts)
}
