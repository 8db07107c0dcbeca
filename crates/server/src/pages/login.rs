//! `/login` at a browser: the form, and the session cookie that follows it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::token;
use tokenhouse_store::Target;

use super::cookies::{self, Cookie};
use super::form::{self, Form};
use super::person::Person;
use super::posted::Posted;
use super::render;
use super::visitor::{Here, Ticket, Visitor};
use crate::app::App;
use crate::login::{Credentials, confirm_again, sign_in};
use crate::signed_in::SignedIn;

const TEMPLATE: &str = "login.html";
/// What is said to who is signed in and has to show once more who she is.
pub(super) const AGAIN: &str = "sign-in-again";

/// The form; who is signed in already goes on. Who has no session is not asked about.
pub(super) async fn show(State(app): State<App>, Here(mut visitor, _): Here) -> Response {
    let person = match visitor.said {
        None | Some(AGAIN) => Person::find(&app, &mut visitor).await.ok().flatten(),
        Some(_) => None,
    };
    if visitor.said.is_none() && person.is_some() {
        return onward(&visitor);
    }
    let name = match person {
        Some(person) => Some(person.profile.user.username),
        None => visitor.asked_by_application("login_hint"),
    };
    let form = Form::of_visit(&app, &visitor).await.named(name.as_deref());
    form::page(&app, &visitor, (StatusCode::OK, TEMPLATE), form, context! {})
}

/// Signs in; or has the mail sent once more that has to come before that.
pub(super) async fn send(State(app): State<App>, posted: Posted) -> Response {
    let Posted { visitor, fields } = &posted;
    let again = async || Form::of_visit(&app, visitor).await.with(fields);
    if let Err(lost) = posted.of_visit(&app) {
        let form = again().await.lost(&app, visitor, lost);
        return form::page(&app, visitor, (StatusCode::FORBIDDEN, TEMPLATE), form, context! {});
    }
    let given = Credentials {
        username: fields.text("username").to_owned(),
        password: fields.secret("password"),
    };
    let client = &visitor.client;
    let outcome = match form::filled(fields, &["username", "password"]) {
        Ok(()) if fields.text("step") == "confirmation" => {
            confirm_again(&app, client, &given).await.map(|()| None)
        }
        Ok(()) => sign_in(&app, client, &given).await.map(Some),
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(Some(signed_in)) => {
            end_former(&app, visitor).await;
            signed(&app, visitor, &signed_in, onward(visitor))
        }
        Ok(None) => render::see_other(&visitor.keeping("/login?said=confirmation-sent")),
        Err(problem) => {
            form::refused(&app, visitor, TEMPLATE, (again().await, &problem), context! {})
        }
    }
}

/// To where she wanted to go.
fn onward(visitor: &Visitor) -> Response {
    render::see_other(visitor.return_to.as_ref().map_or("/account", |to| to.as_str()))
}

/// Gives the browser the session, also to be shown to other hosts, and takes the visit from it.
pub(super) fn signed(
    app: &App,
    visitor: &Visitor,
    signed_in: &SignedIn,
    mut response: Response,
) -> Response {
    let (secure, seconds) = (visitor.is_secure(), signed_in.expires_in);
    let session = Cookie::Session.set(&signed_in.token, secure, Some(seconds));
    render::cookie(&mut response, session);
    if let Ok(presented) = token::open(&signed_in.token, &app.root)
        && let Some(shown) = cookies::show(app, &presented.into(), secure, seconds)
    {
        render::cookie(&mut response, shown);
    }
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
