//! `/register` at a browser.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::value::Serde;
use minijinja::{Value, context};

use super::form::{self, Form};
use super::login;
use super::posted::Posted;
use super::render;
use super::visitor::{Here, Visitor};
use crate::app::App;
use crate::register::{Registration, make};

/// The form.
pub(super) async fn show(State(app): State<App>, Here(visitor, _): Here) -> Response {
    shown(&app, &visitor, StatusCode::OK, Form::fresh(&app, &visitor, visitor.token(&app)))
}

/// Makes the account and signs in.
pub(super) async fn send(State(app): State<App>, posted: Posted) -> Response {
    let Posted { visitor, fields } = &posted;
    let again = || Form::fresh(&app, visitor, visitor.token(&app)).with(fields);
    if let Err(lost) = posted.of_visit(&app) {
        return shown(&app, visitor, StatusCode::FORBIDDEN, again().lost(&app, visitor, lost));
    }
    let email = fields.text("email");
    let wanted = Registration {
        username: fields.text("username").to_owned(),
        password: fields.secret("password"),
        email: (!email.is_empty()).then(|| email.to_owned()),
    };
    let outcome = match form::filled(fields, &["username", "password"]) {
        Ok(()) => make(&app, &visitor.client, &wanted).await,
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(signed_in) => {
            login::end_former(&app, visitor).await;
            let to = visitor.return_to.as_ref();
            let to = to.map_or("/account?said=welcome", |to| to.as_str());
            login::signed(visitor, &signed_in, render::see_other(to))
        }
        Err(problem) => login::refused(&app, visitor, "register.html", (again(), &problem)),
    }
}

fn shown(app: &App, visitor: &Visitor, status: StatusCode, form: Form) -> Response {
    let parts = context! { form => Value::from(Serde(form)) };
    render::page(app, visitor, status, "register.html", parts)
}
