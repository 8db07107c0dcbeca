//! `/account/delete`: with the password once more (OWASP ASVS 7.5.1), and only by `POST`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{page, refused};
use crate::account::remove;
use crate::app::App;
use crate::pages::form::{self, Form};
use crate::pages::logout::gone;
use crate::pages::person::{self, Person};
use crate::pages::posted::Posted;
use crate::pages::visitor::Here;

const TEMPLATE: &str = "account-delete.html";

/// Asks.
pub(in crate::pages) async fn show(State(app): State<App>, Here(visitor, _): Here) -> Response {
    match Person::of(&app, &visitor).await {
        Ok(person) => {
            let form = Form::fresh(&app, &visitor, person.token(&app));
            page(&app, (&visitor, &person), (StatusCode::OK, TEMPLATE), form)
        }
        Err(elsewhere) => *elsewhere,
    }
}

/// Deletes the account with everything that belongs to it.
pub(in crate::pages) async fn send(State(app): State<App>, posted: Posted) -> Response {
    let Posted { visitor, fields } = &posted;
    let person = match Person::of(&app, visitor).await {
        Ok(person) => person,
        Err(elsewhere) => return *elsewhere,
    };
    let who = (visitor, &person);
    if let Err(lost) = posted.of_session(&app, &person) {
        let form = Form::fresh(&app, visitor, person.token(&app)).lost(&app, visitor, lost);
        return page(&app, who, (StatusCode::FORBIDDEN, TEMPLATE), form);
    }
    let outcome = match form::filled(fields, &["password"]) {
        Ok(()) => remove(&app, &visitor.client, &person.key, &fields.secret("password")).await,
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(()) => gone(visitor, "deleted"),
        Err(problem) if person::is_gone(&problem) => person::to_sign_in(visitor),
        Err(problem) => refused(&app, who, TEMPLATE, &problem),
    }
}
