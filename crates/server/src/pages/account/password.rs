//! `/account/password`: asks for the old one, however long ago she signed in (OWASP ASVS 6.2.3, 7.5.1).

use axum::extract::State;
use axum::response::Response;

use super::{asked, refused, sender};
use crate::app::App;
use crate::pages::form;
use crate::pages::person;
use crate::pages::posted::Posted;
use crate::pages::render;
use crate::pages::visitor::Here;
use crate::password::{Change, replace};

const TEMPLATE: &str = "account-password.html";

/// The form.
pub(in crate::pages) async fn show(State(app): State<App>, Here(visitor, _): Here) -> Response {
    asked(&app, visitor, TEMPLATE).await
}

/// Changes the password.
pub(in crate::pages) async fn send(State(app): State<App>, mut posted: Posted) -> Response {
    let person = match sender(&app, &mut posted, TEMPLATE).await {
        Ok(person) => person,
        Err(instead) => return *instead,
    };
    let Posted { visitor, fields } = &posted;
    let who = (visitor, &person);
    let change = Change {
        old_password: fields.secret("old_password"),
        new_password: fields.secret("new_password"),
    };
    let outcome = match form::filled(fields, &["old_password", "new_password"]) {
        Ok(()) => replace(&app, &visitor.client, &person.key, &change).await,
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(()) => render::see_other("/account?said=password-changed"),
        Err(problem) if person::is_gone(&problem) => person::to_sign_in(visitor),
        Err(problem) => refused(&app, who, TEMPLATE, (fields, &problem)),
    }
}
