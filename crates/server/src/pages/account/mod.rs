//! `/account` at a browser: what is known of a person, and what she can do about it.

pub(super) mod delete;
pub(super) mod export;
pub(super) mod password;
pub(super) mod sessions;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::value::Serde;
use minijinja::{Value, context};

use super::form::Form;
use super::person::Person;
use super::posted::Posted;
use super::render;
use super::visitor::{Here, Visitor};
use crate::app::App;
use crate::error::Problem;
use crate::signed_in::UserShown;

/// The overview.
pub(in crate::pages) async fn show(State(app): State<App>, Here(visitor, _): Here) -> Response {
    asked(&app, &visitor, "account.html").await
}

/// A page as it is asked for, or the way to sign in.
async fn asked(app: &App, visitor: &Visitor, template: &str) -> Response {
    match Person::of(app, visitor).await {
        Ok(person) => {
            let form = Form::fresh(app, visitor, person.token(app));
            page(app, (visitor, &person), (StatusCode::OK, template), form)
        }
        Err(elsewhere) => *elsewhere,
    }
}

/// Who sends a form of ours, or what is answered instead.
async fn sender(app: &App, posted: &Posted, template: &str) -> Result<Person, Box<Response>> {
    let visitor = &posted.visitor;
    let person = Person::of(app, visitor).await?;
    let Err(lost) = posted.of_session(app, &person) else { return Ok(person) };
    let form = Form::fresh(app, visitor, person.token(app)).lost(app, visitor, lost);
    Err(Box::new(page(app, (visitor, &person), (StatusCode::FORBIDDEN, template), form)))
}

/// A page with one form, for a person who is signed in.
fn page(
    app: &App,
    (visitor, person): (&Visitor, &Person),
    (status, template): (StatusCode, &str),
    form: Form,
) -> Response {
    let user = UserShown::from(&person.user);
    let parts = context! { form => Value::from(Serde(form)), user => Value::from(Serde(user)) };
    render::page(app, visitor, status, template, parts)
}

/// The same page again, because of a problem.
fn refused(
    app: &App,
    (visitor, person): (&Visitor, &Person),
    template: &str,
    problem: &Problem,
) -> Response {
    if let Some(cause) = &problem.cause {
        app.log.failure(problem.code, cause.as_ref(), visitor.client.request_id.as_str());
    }
    let form = Form::fresh(app, visitor, person.token(app)).refused(app, visitor, problem);
    let mut response = page(app, (visitor, person), (problem.status, template), form);
    response.headers_mut().extend(problem.headers());
    response
}
