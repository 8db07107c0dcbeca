//! `/register` at a browser, and what invitations share with it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;
use secrecy::SecretString;

use super::form::{self, Form};
use super::login;
use super::message;
use super::posted::{Fields, Posted};
use super::render;
use super::visitor::{Here, Visitor};
use crate::app::App;
use crate::register::{Made, Registration, admitted, make};

const TEMPLATE: &str = "register.html";

/// The form, or why there is none.
pub(super) async fn show(State(app): State<App>, Here(visitor, _): Here) -> Response {
    if visitor.said == Some("confirmation-sent") {
        return message::page(&app, &visitor, StatusCode::OK, &message::CONFIRMATION_SENT);
    }
    if let Err(problem) = admitted(&app, false) {
        return message::instead(&app, &visitor, None, problem);
    }
    let form = Form::of_visit(&app, &visitor).await;
    form::page(&app, &visitor, (StatusCode::OK, TEMPLATE), form, context! {})
}

/// Makes the account and signs in.
pub(super) async fn send(State(app): State<App>, posted: Posted) -> Response {
    let Posted { visitor, fields } = &posted;
    let again = async || Form::of_visit(&app, visitor).await.with(fields);
    if let Err(lost) = posted.of_visit(&app) {
        let form = again().await.lost(&app, visitor, lost);
        return form::page(&app, visitor, (StatusCode::FORBIDDEN, TEMPLATE), form, context! {});
    }
    let outcome = match form::filled(fields, &needed(&app)) {
        Ok(()) => make(&app, &visitor.client, &wanted(fields), None).await,
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(made) => done(&app, visitor, made).await,
        Err(problem) if message::is_for(&problem) => message::instead(&app, visitor, None, problem),
        Err(problem) => {
            form::refused(&app, visitor, TEMPLATE, (again().await, &problem), context! {})
        }
    }
}

/// The fields that have to be filled in.
pub(super) fn needed(app: &App) -> Vec<&'static str> {
    let needs_email = app.settings.address != tokenhouse_rules::registration::Address::Optional;
    let email = needs_email.then_some("email");
    ["username"].into_iter().chain(email).chain(["password"]).collect()
}

/// What was typed; an invitation is in the address of its page.
pub(super) fn wanted(fields: &Fields) -> Registration {
    let email = fields.text("email");
    Registration {
        username: fields.text("username").to_owned(),
        password: fields.secret("password"),
        email: (!email.is_empty()).then(|| email.to_owned()),
        invitation: None::<SecretString>,
    }
}

/// To the account, or to wait for the mail.
pub(super) async fn done(app: &App, visitor: &Visitor, made: Made) -> Response {
    match made {
        Made::SignedIn(signed_in) => {
            login::end_former(app, visitor).await;
            let to = visitor.return_to.as_ref();
            let to = to.map_or("/account?said=welcome", |to| to.as_str());
            login::signed(app, visitor, &signed_in, render::see_other(to))
        }
        Made::Waiting => render::see_other(&visitor.keeping("/register?said=confirmation-sent")),
    }
}
