//! What is wrong with a request of an application when nobody may be sent back to it: told to the person, who can
//! do nothing about it, and to who runs the application, by a stable text and the request's id.

use axum::http::StatusCode;
use axum::response::Response;
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;
use tokenhouse_rules::oauth::authorize::Shown;
use tokenhouse_rules::oauth::form::BadForm;

use super::render;
use super::visitor::Visitor;
use crate::app::App;

/// Why.
pub(super) struct Failure {
    /// The name of the message.
    text: &'static str,
    /// For developers; the same in every language.
    code: &'static str,
    description: String,
}

impl Failure {
    /// It does not fit into an address.
    pub(super) fn too_long() -> Self {
        Self::invalid("application-request", "the request is too long")
    }

    /// The parameter of that name holds an address that the application has not registered.
    pub(super) fn unregistered(parameter: &str) -> Self {
        let description = format!("{parameter} is not one that the client has registered");
        Self::invalid("application-address", description)
    }

    fn invalid(text: &'static str, description: impl ToString) -> Self {
        Self { text, code: "invalid_request", description: description.to_string() }
    }
}

impl From<Shown> for Failure {
    fn from(shown: Shown) -> Self {
        match shown {
            Shown::UnknownClient => {
                Self { code: "invalid_client", ..Self::invalid("application-unknown", shown) }
            }
            Shown::DisabledClient => {
                Self { code: "unauthorized_client", ..Self::invalid("application-disabled", shown) }
            }
            Shown::UnknownRequest => {
                Self { code: "invalid_request_uri", ..Self::invalid("application-expired", shown) }
            }
            Shown::BadObject(_) => Self {
                code: "invalid_request_object",
                ..Self::invalid("application-request", shown)
            },
            Shown::NoClient => Self::invalid("application-unknown", shown),
            Shown::NoRedirect | Shown::UnknownRedirect => {
                Self::invalid("application-address", shown)
            }
        }
    }
}

impl From<BadForm> for Failure {
    fn from(bad: BadForm) -> Self {
        Self::invalid("application-request", bad)
    }
}

/// The page that says so. It leads nowhere.
pub(super) fn page(app: &App, visitor: &Visitor, failure: Failure) -> Response {
    #[derive(Serialize)]
    struct FailureShown<'a> {
        text: String,
        code: &'static str,
        description: String,
        request_id: &'a str,
    }
    let Failure { text, code, description } = failure;
    let text = visitor.say(app, text);
    let request_id = visitor.client.request_id.as_str();
    let shown = FailureShown { text, code, description, request_id };
    let parts = context! { failure => Value::from(Serde(shown)) };
    render::page(app, visitor, StatusCode::BAD_REQUEST, "application-error.html", parts)
}
