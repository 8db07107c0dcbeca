//! `/account/delete`: with the password once more (OWASP ASVS 7.5.1), and only by `POST`.

use axum::extract::State;
use axum::response::Response;

use super::{asked, refused, sender};
use crate::account::remove;
use crate::app::App;
use crate::pages::form;
use crate::pages::logout::gone;
use crate::pages::person;
use crate::pages::posted::Posted;
use crate::pages::visitor::Here;

const TEMPLATE: &str = "account-delete.html";

/// Asks.
pub(in crate::pages) async fn show(State(app): State<App>, Here(visitor, _): Here) -> Response {
    asked(&app, &visitor, TEMPLATE).await
}

/// Deletes the account with everything that belongs to it.
pub(in crate::pages) async fn send(State(app): State<App>, posted: Posted) -> Response {
    let person = match sender(&app, &posted, TEMPLATE).await {
        Ok(person) => person,
        Err(instead) => return *instead,
    };
    let Posted { visitor, fields } = &posted;
    let who = (visitor, &person);
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
