//! A form as its template sees it: what was typed, what is wrong with it, and what proves that it is ours.

use axum::http::StatusCode;
use axum::response::Response;
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;
use tokenhouse_rules::registration::{Address, Registration};

use super::destination;
use super::posted::{Fields, Lost};
use super::render;
use super::visitor::Visitor;
use crate::app::App;
use crate::error::Problem;

/// What is wrong with one field.
#[derive(Serialize)]
pub(super) struct FaultShown {
    field: String,
    label: String,
    text: String,
}

/// What is written into the fields again. Never a password.
#[derive(Default, Serialize)]
pub(super) struct Values {
    username: String,
    email: String,
}

/// A form.
#[derive(Default, Serialize)]
pub(super) struct Form {
    token: String,
    return_to: Option<String>,
    /// The query that keeps `return_to` on the way to another page.
    onward: String,
    /// The application that she goes on to.
    application: Option<String>,
    /// What is wrong as a whole.
    alert: Option<String>,
    /// How long to wait.
    wait: Option<String>,
    faults: Vec<FaultShown>,
    values: Values,
    /// What was done just before.
    notice: Option<String>,
    is_fresh: bool,
    password_min: usize,
    /// Whether an address has to be given.
    needs_email: bool,
    /// Whether there is a way to a new password, and to an account.
    can_recover: bool,
    can_register: bool,
    /// Whether a mail to confirm her address can be asked for once more.
    is_unconfirmed: bool,
}

impl Form {
    /// An empty one.
    pub(super) fn fresh(app: &App, visitor: &Visitor, token: String) -> Self {
        Self {
            token,
            onward: visitor.keeping(""),
            return_to: visitor.return_to.as_ref().map(|to| to.as_str().to_owned()),
            notice: visitor.said.map(|said| visitor.say(app, &format!("said-{said}"))),
            is_fresh: true,
            password_min: app.settings.password_min,
            needs_email: app.settings.address != Address::Optional,
            can_recover: app.settings.mailing.is_on(),
            can_register: app.settings.registration == Registration::Open,
            ..Self::default()
        }
    }

    /// An empty one of who is on the way to being signed in, maybe for an application.
    pub(super) async fn of_visit(app: &App, visitor: &Visitor) -> Self {
        let application = destination::application(app, visitor).await;
        Self { application, ..Self::fresh(app, visitor, visitor.token(app)) }
    }

    /// What was typed, but for passwords.
    pub(super) fn with(mut self, fields: &Fields) -> Self {
        self.values = Values {
            username: fields.text("username").to_owned(),
            email: fields.text("email").to_owned(),
        };
        self.is_fresh = false;
        self
    }

    /// With the name filled in of who will probably sign in.
    pub(super) fn named(mut self, username: Option<&str>) -> Self {
        self.values.username = username.unwrap_or_default().to_owned();
        self
    }

    /// With an address filled in.
    pub(super) fn addressed(mut self, email: &str) -> Self {
        self.values.email = email.to_owned();
        self
    }

    /// Names what was refused.
    pub(super) fn refused(mut self, app: &App, visitor: &Visitor, problem: &Problem) -> Self {
        self.is_fresh = false;
        let messages = &app.pages.messages;
        let language = visitor.taste.language;
        for fault in &problem.errors {
            let Some(told) = fault.told else { continue };
            let key = format!("fault-{}", told.key);
            let text = match told.count {
                Some(count) => messages.count(language, &key, count),
                None => messages.say(language, &key),
            };
            let field = fault.pointer.trim_start_matches('/').to_owned();
            let label = messages.say(language, label(&field));
            self.faults.push(FaultShown { field, label, text });
        }
        if self.faults.is_empty() {
            self.alert = Some(super::title(app, visitor.taste, problem));
        }
        self.is_unconfirmed = problem.code == "email_not_verified";
        self.wait = problem.wait().map(|seconds| wait(app, visitor, seconds));
        self
    }

    /// A form that was not taken, to be sent again.
    pub(super) fn lost(mut self, app: &App, visitor: &Visitor, lost: Lost) -> Self {
        self.is_fresh = false;
        let mut words = fluent_bundle::FluentArgs::new();
        words.set("host", visitor.host.clone());
        let (key, language) = (lost.key(), visitor.taste.language);
        self.alert = app.pages.messages.find(language, key, Some(&words));
        self
    }
}

impl Form {
    /// One of each kind, to check templates with.
    pub(super) fn samples() -> [Self; 2] {
        let fault = |field: &str| FaultShown {
            field: field.to_owned(),
            label: "Label".to_owned(),
            text: "Text".to_owned(),
        };
        let fields = ["username", "email", "password", "old_password", "new_password"];
        let full = Self {
            return_to: Some("/account".to_owned()),
            application: Some("Calendar".to_owned()),
            alert: Some("Alert".to_owned()),
            wait: Some("Wait".to_owned()),
            faults: fields.map(fault).into(),
            notice: Some("Notice".to_owned()),
            needs_email: true,
            can_recover: true,
            can_register: true,
            is_unconfirmed: true,
            ..Self::default()
        };
        [Self { is_fresh: true, ..Self::default() }, full]
    }
}

/// A page with one form, and what else its template is filled with.
pub(super) fn page(
    app: &App,
    visitor: &Visitor,
    (status, template): (StatusCode, &str),
    form: Form,
    more: Value,
) -> Response {
    let parts = context! { form => Value::from(Serde(form)), ..more };
    render::page(app, visitor, status, template, parts)
}

/// The same page again, because of a problem.
pub(super) fn refused(
    app: &App,
    visitor: &Visitor,
    template: &str,
    (form, problem): (Form, &Problem),
    more: Value,
) -> Response {
    if let Some(cause) = &problem.cause {
        app.log.failure(problem.code, cause.as_ref(), visitor.client.request_id.as_str());
    }
    let form = form.refused(app, visitor, problem);
    let mut response = page(app, visitor, (problem.status, template), form, more);
    response.headers_mut().extend(problem.headers());
    response
}

/// Fields that must not be empty, judged before anything is counted or asked.
pub(super) fn filled(fields: &Fields, names: &[&str]) -> Result<(), Problem> {
    let mut problem = Problem::invalid();
    for name in names.iter().filter(|name| fields.text(name).is_empty()) {
        problem = problem.refuse(&format!("/{name}"), tokenhouse_rules::user::BadName::Empty);
    }
    if problem.errors.is_empty() { Ok(()) } else { Err(problem) }
}

fn label(field: &str) -> &'static str {
    match field {
        "username" => "field-username",
        "email" => "field-email",
        "old_password" => "field-current-password",
        "new_password" => "field-new-password",
        _ => "field-password",
    }
}

fn wait(app: &App, visitor: &Visitor, seconds: u64) -> String {
    let (key, count) = match seconds {
        0..=90 => ("wait-seconds", seconds),
        _ => ("wait-minutes", seconds.div_ceil(60)),
    };
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    app.pages.messages.count(visitor.taste.language, key, count)
}
