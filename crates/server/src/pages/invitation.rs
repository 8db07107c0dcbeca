//! `/invitation/{token}`: an account for who was invited, with the address filled in that was.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::{Value, context};
use tokenhouse_rules::link::Purpose;

use super::form::{self, Form};
use super::link::{self, Token};
use super::message;
use super::posted::Posted;
use super::register::{done, needed, wanted};
use super::visitor::Here;
use crate::app::App;
use crate::register::{Invitation, admitted, invited, make};

const TEMPLATE: &str = "invitation.html";
const PURPOSE: Option<Purpose> = Some(Purpose::Invite);

/// The form, if the invitation may be used.
pub(super) async fn show(
    State(app): State<App>,
    Here(visitor, _): Here,
    Token(token): Token,
) -> Response {
    let invitation = match held(&app, &token).await {
        Ok(invitation) => invitation,
        Err(problem) => return message::instead(&app, &visitor, PURPOSE, problem),
    };
    let email = invitation.email.as_deref().unwrap_or_default();
    let form = Form::fresh(&app, &visitor, visitor.token(&app)).addressed(email);
    let parts = parts(&token, &invitation);
    form::page(&app, &visitor, (StatusCode::OK, TEMPLATE), form, parts)
}

/// Makes the account, uses the invitation up, and signs in.
pub(super) async fn send(State(app): State<App>, Token(token): Token, posted: Posted) -> Response {
    let Posted { visitor, fields } = &posted;
    let invitation = match held(&app, &token).await {
        Ok(invitation) => invitation,
        Err(problem) => return message::instead(&app, visitor, PURPOSE, problem),
    };
    let again = || Form::fresh(&app, visitor, visitor.token(&app)).with(fields);
    if let Err(lost) = posted.of_visit(&app) {
        let form = again().lost(&app, visitor, lost);
        let parts = parts(&token, &invitation);
        return form::page(&app, visitor, (StatusCode::FORBIDDEN, TEMPLATE), form, parts);
    }
    let outcome = match form::filled(fields, &needed(&app)) {
        Ok(()) => make(&app, &visitor.client, &wanted(fields), Some(&invitation)).await,
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(made) => done(&app, visitor, made).await,
        Err(problem) if message::is_for(&problem) => {
            message::instead(&app, visitor, PURPOSE, problem)
        }
        Err(problem) => {
            let parts = parts(&token, &invitation);
            form::refused(&app, visitor, TEMPLATE, (again(), &problem), parts)
        }
    }
}

async fn held(app: &App, token: &str) -> Result<Invitation, crate::error::Problem> {
    admitted(app, true)?;
    invited(app, token).await
}

/// An address that is invited is the only one that will be taken.
fn parts(token: &str, invitation: &Invitation) -> Value {
    context! { is_addressed => invitation.email.is_some(), ..link::action("invitation", token) }
}
