//! `/setup/{token}`: the first administrator, by the link that whoever runs this server has.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use tokenhouse_rules::link::Purpose;

use super::form::{self, Form};
use super::link::{self, Token};
use super::login;
use super::message;
use super::posted::Posted;
use super::render;
use super::visitor::Here;
use crate::app::App;
use crate::newcomer::Typed;
use crate::setup::{complete, is_open};

const TEMPLATE: &str = "setup.html";
const PURPOSE: Option<Purpose> = Some(Purpose::Setup);

/// The form, if setup is open and the link may be used.
pub(super) async fn show(
    State(app): State<App>,
    Here(visitor, _): Here,
    Token(token): Token,
) -> Response {
    if let Err(problem) = is_open(&app, &token).await {
        return message::instead(&app, &visitor, PURPOSE, problem);
    }
    let form = Form::fresh(&app, &visitor, visitor.token(&app));
    form::page(&app, &visitor, (StatusCode::OK, TEMPLATE), form, link::action("setup", &token))
}

/// Makes the administrator, closes setup, and signs in.
pub(super) async fn send(State(app): State<App>, Token(token): Token, posted: Posted) -> Response {
    let Posted { visitor, fields } = &posted;
    let again = || Form::fresh(&app, visitor, visitor.token(&app)).with(fields);
    if let Err(lost) = posted.of_visit(&app) {
        if let Err(problem) = is_open(&app, &token).await {
            return message::instead(&app, visitor, PURPOSE, problem);
        }
        let form = again().lost(&app, visitor, lost);
        let parts = link::action("setup", &token);
        return form::page(&app, visitor, (StatusCode::FORBIDDEN, TEMPLATE), form, parts);
    }
    let password = fields.secret("password");
    let email = fields.text("email");
    let typed =
        Typed { username: fields.text("username"), password: &password, email: Some(email) };
    let outcome = match form::filled(fields, &["username", "email", "password"]) {
        Ok(()) => complete(&app, &visitor.client, &typed, &token).await,
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(signed_in) => {
            login::end_former(&app, visitor).await;
            login::signed(&app, visitor, &signed_in, render::see_other("/account?said=set-up"))
        }
        Err(problem) if message::is_for(&problem) => {
            message::instead(&app, visitor, PURPOSE, problem)
        }
        // The token was not looked at when a field was empty, so it may be anything.
        Err(problem) => match is_open(&app, &token).await {
            Ok(()) => {
                let parts = link::action("setup", &token);
                form::refused(&app, visitor, TEMPLATE, (again(), &problem), parts)
            }
            Err(problem) => message::instead(&app, visitor, PURPOSE, problem),
        },
    }
}
