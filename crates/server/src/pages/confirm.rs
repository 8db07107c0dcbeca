//! `/confirm/{token}`: one button that makes an address its reader's, signed in or not.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::context;
use tokenhouse_rules::link::Purpose;

use super::form::{self, Form};
use super::link::{self, Token};
use super::message;
use super::person::Person;
use super::posted::Posted;
use super::render;
use super::visitor::{Here, Visitor};
use crate::app::App;
use crate::confirm::claim;
use crate::links;

const TEMPLATE: &str = "confirm.html";

/// Asks, if the link may be used.
pub(super) async fn show(
    State(app): State<App>,
    Here(visitor, _): Here,
    Token(token): Token,
) -> Response {
    let form = Form::fresh(&app, &visitor, visitor.token(&app));
    filled(&app, &visitor, &token, (StatusCode::OK, form)).await
}

/// Confirms the address, and goes to the account of who is signed in and whose it is.
pub(super) async fn send(
    State(app): State<App>,
    Token(token): Token,
    mut posted: Posted,
) -> Response {
    if let Err(lost) = posted.of_visit(&app) {
        let visitor = &posted.visitor;
        let form = Form::fresh(&app, visitor, visitor.token(&app)).lost(&app, visitor, lost);
        return filled(&app, visitor, &token, (StatusCode::FORBIDDEN, form)).await;
    }
    let visitor = &mut posted.visitor;
    let user = match claim(&app, &visitor.client, &token).await {
        Ok(user) => user,
        Err(problem) => return message::instead(&app, visitor, Some(Purpose::Confirm), problem),
    };
    // Trouble here changes nothing of what was done.
    let person = Person::find(&app, visitor).await.ok().flatten();
    let is_hers = person.is_some_and(|person| person.profile.user.id == user.id);
    let page = if is_hers { "/account" } else { "/login" };
    render::see_other(&format!("{page}?said=email-confirmed"))
}

async fn filled(
    app: &App,
    visitor: &Visitor,
    token: &str,
    (status, form): (StatusCode, Form),
) -> Response {
    let found = match links::find(app, Purpose::Confirm, token).await {
        Ok(found) => found,
        Err(problem) => return message::instead(app, visitor, Some(Purpose::Confirm), problem),
    };
    let username = found.facts.user.map(|user| user.username).unwrap_or_default();
    let email = found.facts.email.unwrap_or_default();
    let parts = context! { username, email, ..link::action("confirm", token) };
    form::page(app, visitor, (status, TEMPLATE), form, parts)
}
