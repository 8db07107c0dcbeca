//! `/reset/{token}`: a new password in the place of a forgotten one.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::{Value, context};
use tokenhouse_rules::link::Purpose;

use super::form::{self, Form};
use super::link::{self, Token};
use super::logout::gone;
use super::message;
use super::posted::Posted;
use super::render;
use super::visitor::{Here, Ticket, Visitor};
use crate::app::App;
use crate::error::Problem;
use crate::links::{self, Link};
use crate::reset::{Reset, set};

const TEMPLATE: &str = "reset.html";

/// The form, if the link may be used.
pub(super) async fn show(
    State(app): State<App>,
    Here(visitor, _): Here,
    Token(token): Token,
) -> Response {
    let form = Form::fresh(&app, &visitor, visitor.token(&app));
    filled(&app, &visitor, &token, (StatusCode::OK, form)).await
}

/// Sets the password, and ends the session that this browser may have had.
pub(super) async fn send(State(app): State<App>, Token(token): Token, posted: Posted) -> Response {
    let Posted { visitor, fields } = &posted;
    let again = || Form::fresh(&app, visitor, visitor.token(&app));
    if let Err(lost) = posted.of_visit(&app) {
        let form = again().lost(&app, visitor, lost);
        return filled(&app, visitor, &token, (StatusCode::FORBIDDEN, form)).await;
    }
    let wanted = Reset { token: token.as_str().into(), password: fields.secret("password") };
    let outcome = match form::filled(fields, &["password"]) {
        Ok(()) => set(&app, &visitor.client, &wanted).await,
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(user) => match visitor.ticket {
            Ticket::Session(key) if key.user == user.id => gone(&app, visitor, "password-reset"),
            _ => render::see_other("/login?said=password-reset"),
        },
        Err(problem) if message::is_for(&problem) => {
            message::instead(&app, visitor, Some(Purpose::Recover), problem)
        }
        Err(problem) => refused(&app, visitor, &token, &problem).await,
    }
}

async fn filled(
    app: &App,
    visitor: &Visitor,
    token: &str,
    (status, form): (StatusCode, Form),
) -> Response {
    match links::find(app, Purpose::Recover, token).await {
        Ok(found) => form::page(app, visitor, (status, TEMPLATE), form, parts(token, &found)),
        Err(problem) => message::instead(app, visitor, Some(Purpose::Recover), problem),
    }
}

/// The form again; whose it is is looked up once more.
async fn refused(app: &App, visitor: &Visitor, token: &str, problem: &Problem) -> Response {
    let form = Form::fresh(app, visitor, visitor.token(app));
    match links::find(app, Purpose::Recover, token).await {
        Ok(found) => form::refused(app, visitor, TEMPLATE, (form, problem), parts(token, &found)),
        Err(_) => problem.clone().into_response(),
    }
}

/// Password managers want to know whose password it is.
fn parts(token: &str, found: &Link) -> Value {
    let username = found.facts.user.as_ref().map(|user| user.username.as_str());
    context! { username => username.unwrap_or_default(), ..link::action("reset", token) }
}
