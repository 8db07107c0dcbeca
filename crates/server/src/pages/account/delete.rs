//! `/account/delete`: with the password once more (OWASP ASVS 7.5.1), and only by `POST`. Where a time to think
//! again is configured the account goes after it, and who signs in before that is asked whether she wants to keep it.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::{asked, refused, sender};
use crate::account;
use crate::app::App;
use crate::pages::form;
use crate::pages::logout::gone;
use crate::pages::person::{self, Person};
use crate::pages::posted::Posted;
use crate::pages::render;
use crate::pages::visitor::Here;

const TEMPLATE: &str = "account-delete.html";

/// Asks.
pub(in crate::pages) async fn show(State(app): State<App>, Here(visitor, _): Here) -> Response {
    asked(&app, visitor, TEMPLATE).await
}

/// Deletes the account with everything that belongs to it, or has it deleted later.
pub(in crate::pages) async fn send(State(app): State<App>, mut posted: Posted) -> Response {
    let person = match sender(&app, &mut posted, TEMPLATE).await {
        Ok(person) => person,
        Err(instead) => return *instead,
    };
    let Posted { visitor, fields } = &posted;
    let (client, password) = (&visitor.client, fields.secret("password"));
    let is_at_once = app.settings.delete_grace.is_zero();
    let outcome = match form::filled(fields, &["password"]) {
        Ok(()) if is_at_once => account::remove(&app, client, &person.key, &password).await,
        Ok(()) => account::leave(&app, client, &person.key, &password).await,
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(()) => gone(&app, visitor, if is_at_once { "deleted" } else { "deletion-scheduled" }),
        Err(problem) if person::is_gone(&problem) => person::to_sign_in(visitor),
        Err(problem) => refused(&app, (visitor, &person), TEMPLATE, (fields, &problem)),
    }
}

/// `POST /account/keep`: she thought again.
pub(in crate::pages) async fn keep(State(app): State<App>, mut posted: Posted) -> Response {
    let person = match Person::of(&app, &mut posted.visitor).await {
        Ok(person) => person,
        Err(elsewhere) => return *elsewhere,
    };
    if posted.of_session(&app, &person).is_err() {
        // A page that is too old is shown afresh.
        return render::see_other("/account");
    }
    let visitor = &posted.visitor;
    match account::keep(&app, &visitor.client, &person.key).await {
        Ok(()) => render::see_other("/account?said=kept"),
        Err(problem) if person::is_gone(&problem) => person::to_sign_in(visitor),
        Err(problem) => problem.into_response(),
    }
}
