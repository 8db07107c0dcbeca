//! What clients of the API are told when something is wrong: problem documents (RFC 9457).
//!
//! A [`Problem`] travels as a response extension; the outermost layer writes its body, because only it
//! knows the request id, and logs its cause, which no client ever sees.

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokenhouse_rules::limit::{Limit, Scope};
use utoipa::ToSchema;

use crate::hashing::Busy;
use crate::settings::Settings;
use crate::told::Told;

/// One thing that is wrong with the request.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Fault {
    /// JSON pointer (RFC 6901) to the member.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
    /// The same as a message of the pages, where a person may read it.
    #[serde(skip)]
    #[schema(ignore)]
    pub told: Option<Told>,
}

/// A problem document. Its `code` is stable.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Document {
    /// A URN made of the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// What kind of problem it is, for people.
    pub title: String,
    /// The status code, again.
    pub status: u16,
    /// What kind of problem it is, for programs.
    pub code: &'static str,
    /// What happened in this case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Members of the request that are at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Fault>,
    /// Names the request in the log.
    pub request_id: String,
}

/// A request that could not be answered as asked.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub status: StatusCode,
    pub code: &'static str,
    pub title: &'static str,
    pub detail: Option<String>,
    pub errors: Vec<Fault>,
    pub retry_after: Option<Duration>,
    /// Boxed: an error that is large makes every result large.
    pub limit: Option<Box<(Scope, Limit)>>,
    pub challenge: Option<&'static str>,
    pub cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Problem {
    pub(crate) const fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self {
            status,
            code,
            title,
            detail: None,
            errors: Vec::new(),
            retry_after: None,
            limit: None,
            challenge: None,
            cause: None,
        }
    }

    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub(crate) fn fault(mut self, pointer: &str, detail: impl Into<String>) -> Self {
        self.errors.push(Fault { pointer: pointer.to_owned(), detail: detail.into(), told: None });
        self
    }

    /// The same for what a person typed into a form.
    pub(crate) fn refuse(mut self, pointer: &str, wrong: impl Display + Into<Told>) -> Self {
        let (pointer, detail) = (pointer.to_owned(), wrong.to_string());
        self.errors.push(Fault { pointer, detail, told: Some(wrong.into()) });
        self
    }

    pub(crate) const fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Unusable members: 422.
    pub(crate) const fn invalid() -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_request", "The request is not valid")
    }

    /// No token at all: 401 without an error code (RFC 6750 §3.1).
    pub(crate) const fn missing_token() -> Self {
        let mut problem =
            Self::new(StatusCode::UNAUTHORIZED, "missing_token", "A session token is needed");
        problem.challenge = Some("Bearer");
        problem
    }

    /// A token that is forged, altered, expired or revoked: one answer for all.
    pub(crate) const fn invalid_token() -> Self {
        let mut problem =
            Self::new(StatusCode::UNAUTHORIZED, "invalid_token", "The session token is not valid");
        problem.challenge = Some("Bearer error=\"invalid_token\"");
        problem
    }

    /// The account is not what it was judged by any more.
    pub(crate) const fn conflict() -> Self {
        let title = "The account changed meanwhile; sign in and try again";
        Self::new(StatusCode::CONFLICT, "conflict", title)
    }

    /// Something that cannot be done without mail.
    pub(crate) const fn no_mail() -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, "mail_not_configured", "This server sends no mail")
    }

    /// Unknown user or wrong password: one answer for both.
    pub(crate) const fn invalid_credentials() -> Self {
        let title = "User name or password is wrong";
        Self::new(StatusCode::UNAUTHORIZED, "invalid_credentials", title)
    }

    /// Too many attempts, by whichever limit it was.
    pub(crate) fn limited(settings: &Settings, by: Scope, wait: Duration) -> Self {
        let limit = match by {
            Scope::Account => settings.limit_account,
            Scope::Address => settings.limit_address,
        };
        Self::beyond((by, limit), wait)
    }

    /// The same for a limit of something else than signing in.
    pub(crate) fn beyond((by, limit): (Scope, Option<Limit>), wait: Duration) -> Self {
        let mut problem =
            Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "Too many attempts")
                .retry_after(wait);
        problem.limit = limit.map(|limit| Box::new((by, limit)));
        problem
    }

    /// The request took longer than it may.
    pub(crate) const fn too_slow() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "deadline_exceeded", "The request took too long")
            .retry_after(Duration::from_secs(1))
    }

    /// For how many seconds to wait, if at all.
    pub(crate) fn wait(&self) -> Option<u64> {
        self.retry_after.map(|wait| wait.as_millis().div_ceil(1000).max(1) as u64)
    }

    /// The headers that go with it, in whichever form it is told.
    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(seconds) = self.wait() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            if let Some(met) = &self.limit {
                headers.extend(rate_limit(met.0, met.1, seconds));
            }
        }
        if let Some(challenge) = self.challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        headers
    }

    /// Nobody else is to blame: 500.
    fn internal() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "Something went wrong here")
    }

    /// The document as it is sent; `title` in the language of who asks.
    pub(crate) fn document(&self, title: String, request_id: &str) -> Document {
        Document {
            kind: format!("urn:tokenhouse:problem:{}", self.code),
            title,
            status: self.status.as_u16(),
            code: self.code,
            detail: self.detail.clone(),
            errors: self.errors.clone(),
            request_id: request_id.to_owned(),
        }
    }
}

/// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10): the limit that was met, and
/// that it has nothing left for so many seconds. Windows have whole seconds there; any other is left out.
fn rate_limit(by: Scope, limit: Limit, wait: u64) -> [(HeaderName, HeaderValue); 2] {
    let (name, count, period) = (by.name(), limit.count(), limit.period());
    let window = match period.subsec_nanos() {
        0 => format!(";w={}", period.as_secs()),
        _ => String::new(),
    };
    [
        ("ratelimit-policy", format!("\"{name}\";q={count}{window}")),
        ("ratelimit", format!("\"{name}\";r=0;t={wait}")),
    ]
    .map(|(name, value)| {
        let value = HeaderValue::try_from(value).expect("digits and names are visible ASCII");
        (HeaderName::from_static(name), value)
    })
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.headers_mut().extend(self.headers());
        response.extensions_mut().insert(self);
        response
    }
}

impl From<tokenhouse_store::Error> for Problem {
    fn from(error: tokenhouse_store::Error) -> Self {
        #[cfg(feature = "planted-bugs")]
        if tokenhouse_store::planted::is("trouble_is_401") {
            return Self::invalid_token();
        }
        let mut problem = match error {
            tokenhouse_store::Error::Unavailable(_) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "database_unavailable",
                "The database cannot be reached at the moment",
            )
            .retry_after(Duration::from_secs(1)),
            _ => Self::internal(),
        };
        problem.cause = Some(Arc::new(error));
        problem
    }
}

/// Without a cause for the log: the queue is doing what it is for. It is counted, and a flood that is
/// refused must not become a flood of lines.
impl From<Busy> for Problem {
    fn from(Busy: Busy) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "overloaded",
            "Too many people are signing in at the moment",
        )
        .retry_after(Duration::from_secs(2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_was_met_is_named_with_its_window_if_that_has_whole_seconds() {
        let fields = |by, limit: &str| {
            let limit = Limit::parse(limit).expect("a limit").expect("not off");
            rate_limit(by, limit, 37).map(|(name, value)| format!("{name}: {value:?}"))
        };
        assert_eq!(
            fields(Scope::Account, "10/15m"),
            [
                r#"ratelimit-policy: "\"account\";q=10;w=900""#,
                r#"ratelimit: "\"account\";r=0;t=37""#
            ]
        );
        assert!(fields(Scope::Address, "10/1500ms")[0].ends_with(r#""\"address\";q=10""#));
    }
}
