//! `/account/password`: asks for the old one, however long ago she signed in (OWASP ASVS 6.2.3, 7.5.1).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{page, refused};
use crate::app::App;
use crate::pages::form::{self, Form};
use crate::pages::person::{self, Person};
use crate::pages::posted::Posted;
use crate::pages::render;
use crate::pages::visitor::Here;
use crate::password::{Change, replace};

const TEMPLATE: &str = "account-password.html";

/// The form.
pub(in crate::pages) async fn show(State(app): State<App>, Here(visitor, _): Here) -> Response {
    match Person::of(&app, &visitor).await {
        Ok(person) => {
            let form = Form::fresh(&app, &visitor, person.token(&app));
            page(&app, (&visitor, &person), (StatusCode::OK, TEMPLATE), form)
        }
        Err(elsewhere) => *elsewhere,
    }
}

/// Changes the password.
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
        Err(problem) => refused(&app, who, TEMPLATE, &problem),
    }
}
