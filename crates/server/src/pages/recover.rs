//! `/recover` at a browser: a link to a new password, for who can read the account's mail.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;

use super::form::{self, Form};
use super::message;
use super::posted::Posted;
use super::render;
use super::visitor::Here;
use crate::app::App;
use crate::error::Problem;
use crate::recover::ask;

const TEMPLATE: &str = "recover.html";

/// The form; or what is said to everybody after it.
pub(super) async fn show(State(app): State<App>, Here(visitor, _): Here) -> Response {
    if visitor.said == Some("recovery-asked") {
        return message::page(&app, &visitor, StatusCode::OK, &message::RECOVERY_ASKED);
    }
    if !app.settings.mailing.is_on() {
        return message::instead(&app, &visitor, None, Problem::no_mail());
    }
    let form = Form::of_visit(&app, &visitor).await;
    form::page(&app, &visitor, (StatusCode::OK, TEMPLATE), form, context! {})
}

/// Asks for the mail.
pub(super) async fn send(State(app): State<App>, posted: Posted) -> Response {
    let Posted { visitor, fields } = &posted;
    let again = async || Form::of_visit(&app, visitor).await.with(fields);
    if let Err(lost) = posted.of_visit(&app) {
        let form = again().await.lost(&app, visitor, lost);
        return form::page(&app, visitor, (StatusCode::FORBIDDEN, TEMPLATE), form, context! {});
    }
    let outcome = match form::filled(fields, &["username"]) {
        Ok(()) => ask(&app, &visitor.client, fields.text("username")).await,
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(()) => render::see_other(&visitor.keeping("/recover?said=recovery-asked")),
        Err(problem) if message::is_for(&problem) => message::instead(&app, visitor, None, problem),
        Err(problem) => {
            form::refused(&app, visitor, TEMPLATE, (again().await, &problem), context! {})
        }
    }
}
