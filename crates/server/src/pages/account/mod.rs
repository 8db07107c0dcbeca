//! `/account` at a browser: what is known of a person, and what she can do about it.

pub(super) mod applications;
pub(super) mod delete;
pub(super) mod email;
pub(super) mod export;
pub(super) mod password;
pub(super) mod sessions;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;
use tokenhouse_rules::time::Timestamp;

use super::form::{self, Form};
use super::person::Person;
use super::posted::{Fields, Posted};
use super::visitor::{Here, Visitor};
use crate::app::App;
use crate::error::Problem;
use crate::signed_in::UserShown;

/// What a person sees of herself beside what everybody may be shown.
#[derive(Serialize)]
struct ProfileShown<'a> {
    email_confirmed: bool,
    pending_email: Option<&'a str>,
    delete_after: Option<String>,
    is_administrator: bool,
    /// Whether mails are sent, without which no address can be confirmed.
    has_mail: bool,
    /// How long she can think again after asking for deletion, in whole hours or, when it is two days or more, in
    /// whole days; nothing when deletion is at once.
    grace_hours: u64,
    grace_days: u64,
}

impl<'a> ProfileShown<'a> {
    fn new(app: &App, person: &'a Person) -> Self {
        let profile = &person.profile;
        let hours = app.settings.delete_grace.as_secs().div_ceil(3600);
        let days = if hours >= 48 { hours.div_ceil(24) } else { 0 };
        Self {
            email_confirmed: profile.email_confirmed_at.is_some(),
            pending_email: profile.pending_email.as_deref(),
            delete_after: profile.delete_after.map(Timestamp::rfc3339),
            is_administrator: profile.is_administrator,
            has_mail: app.settings.mailing.is_on(),
            grace_hours: if days > 0 { 0 } else { hours },
            grace_days: days,
        }
    }
}

/// The overview.
pub(in crate::pages) async fn show(State(app): State<App>, Here(visitor, _): Here) -> Response {
    asked(&app, visitor, "account.html").await
}

/// A page as it is asked for, or the way to sign in.
async fn asked(app: &App, mut visitor: Visitor, template: &str) -> Response {
    match Person::of(app, &mut visitor).await {
        Ok(person) => {
            let form = Form::fresh(app, &visitor, person.token(app));
            page(app, (&visitor, &person), (StatusCode::OK, template), form)
        }
        Err(elsewhere) => *elsewhere,
    }
}

/// Who sends a form of ours, or what is answered instead.
async fn sender(app: &App, posted: &mut Posted, template: &str) -> Result<Person, Box<Response>> {
    let person = Person::of(app, &mut posted.visitor).await?;
    let visitor = &posted.visitor;
    let Err(lost) = posted.of_session(app, &person) else { return Ok(person) };
    let form = Form::fresh(app, visitor, person.token(app)).lost(app, visitor, lost);
    Err(Box::new(page(app, (visitor, &person), (StatusCode::FORBIDDEN, template), form)))
}

/// A page with one form, for a person who is signed in.
fn page(
    app: &App,
    (visitor, person): (&Visitor, &Person),
    shown: (StatusCode, &str),
    form: Form,
) -> Response {
    form::page(app, visitor, shown, form, parts(app, person))
}

/// The same page again, because of a problem.
fn refused(
    app: &App,
    (visitor, person): (&Visitor, &Person),
    template: &str,
    (fields, problem): (&Fields, &Problem),
) -> Response {
    let form = Form::fresh(app, visitor, person.token(app)).with(fields);
    form::refused(app, visitor, template, (form, problem), parts(app, person))
}

fn parts(app: &App, person: &Person) -> Value {
    let user = UserShown::from(&person.profile.user);
    let profile = ProfileShown::new(app, person);
    context! { user => Value::from(Serde(user)), profile => Value::from(Serde(profile)) }
}
