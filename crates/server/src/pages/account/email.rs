//! `/account/email`: another address, with the password once more (OWASP ASVS 7.5.1); the mail to confirm it sent
//! again; and the wish for it withdrawn.

use axum::extract::State;
use axum::response::Response;
use tokenhouse_store::Asking;

use super::{asked, refused, sender};
use crate::app::App;
use crate::email::{Wanted, again, ask, withdraw};
use crate::error::Problem;
use crate::pages::form;
use crate::pages::message;
use crate::pages::person::{self, Person};
use crate::pages::posted::Posted;
use crate::pages::render;
use crate::pages::visitor::Here;

const TEMPLATE: &str = "account-email.html";

/// The form, where a mail can confirm what is typed.
pub(in crate::pages) async fn show(State(app): State<App>, Here(visitor, _): Here) -> Response {
    if !app.settings.mailing.is_on() {
        return message::instead(&app, &visitor, None, Problem::no_mail());
    }
    asked(&app, visitor, TEMPLATE).await
}

/// Does what the button says.
pub(in crate::pages) async fn send(State(app): State<App>, mut posted: Posted) -> Response {
    let person = match sender(&app, &mut posted, TEMPLATE).await {
        Ok(person) => person,
        Err(instead) => return *instead,
    };
    let Posted { visitor, fields } = &posted;
    let said = match fields.text("step") {
        "withdraw" => "email-withdrawn",
        _ => "confirmation-sent",
    };
    match step(&app, &posted, &person).await {
        Ok(()) => render::see_other(&format!("/account?said={said}")),
        Err(problem) if person::is_gone(&problem) => person::to_sign_in(visitor),
        Err(problem) if message::is_for(&problem) => message::instead(&app, visitor, None, problem),
        Err(problem) => refused(&app, (visitor, &person), TEMPLATE, (fields, &problem)),
    }
}

async fn step(app: &App, posted: &Posted, person: &Person) -> Result<(), Problem> {
    let Posted { visitor, fields } = posted;
    let client = &visitor.client;
    match fields.text("step") {
        "again" => {
            let username = person.profile.user.username.as_str();
            again(app, client, (Asking::Session(person.key), username)).await
        }
        "withdraw" => withdraw(app, client, &person.key).await,
        _ => {
            form::filled(fields, &["email", "password"])?;
            let wanted = Wanted {
                email: fields.text("email").to_owned(),
                password: fields.secret("password"),
            };
            ask(app, client, &person.key, &wanted).await
        }
    }
}
