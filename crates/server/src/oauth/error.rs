//! What an application is told that is refused: JSON with `error` and `error_description` (RFC 6749 §5.2,
//! RFC 6750 §3.1, RFC 8707 §2). Trouble with the database is 503, never `invalid_grant` or `invalid_token`: those
//! make applications throw good tokens away.

use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Problem;

/// The stable names of what can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Code {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnauthorizedClient,
    UnsupportedGrantType,
    InvalidScope,
    InvalidTarget,
    InvalidToken,
    InsufficientScope,
    /// RFC 6749 has it for redirects only; a client that does not know it sees the status.
    TemporarilyUnavailable,
    ServerError,
}

impl Code {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::InvalidClient | Self::InvalidToken => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope => StatusCode::FORBIDDEN,
            Self::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// Why something failed, for the log; the outermost layer writes it down (`front.rs`).
#[derive(Clone)]
pub(crate) struct Trouble {
    pub code: &'static str,
    pub cause: Arc<dyn std::error::Error + Send + Sync>,
}

/// A request of an application that is refused.
#[derive(Clone, Debug)]
pub(crate) struct OAuthFailure {
    pub code: Code,
    /// For developers. Characters of RFC 6749 §5.2 only, and nothing that was sent.
    pub description: &'static str,
    /// Whether the refused request was one for a protected resource (RFC 6750), and had a token.
    bearer: Option<bool>,
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

/// Its body.
#[derive(Serialize, ToSchema)]
pub(crate) struct Refused {
    /// What is wrong, for programs.
    error: &'static str,
    /// What is wrong, for developers.
    error_description: &'static str,
}

impl OAuthFailure {
    pub(crate) const fn new(code: Code, description: &'static str) -> Self {
        Self { code, description, bearer: None, cause: None }
    }

    pub(crate) const fn invalid_request(description: &'static str) -> Self {
        Self::new(Code::InvalidRequest, description)
    }

    pub(crate) const fn invalid_client(description: &'static str) -> Self {
        Self::new(Code::InvalidClient, description)
    }

    pub(crate) const fn invalid_grant(description: &'static str) -> Self {
        Self::new(Code::InvalidGrant, description)
    }

    /// No token at all: a challenge without an error (RFC 6750 §3.1).
    pub(crate) const fn missing_token() -> Self {
        let mut failure = Self::new(Code::InvalidToken, "An access token is needed");
        failure.bearer = Some(false);
        failure
    }

    /// A token that is forged, expired, revoked or for something else: one answer for all.
    pub(crate) const fn invalid_token() -> Self {
        Self::new(Code::InvalidToken, "The access token is not valid").at_resource()
    }

    /// The same failure of a request for a protected resource.
    pub(crate) const fn at_resource(mut self) -> Self {
        self.bearer = Some(true);
        self
    }

    /// Nobody else is to blame: 500.
    pub(crate) fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        let mut failure = Self::new(Code::ServerError, "Something went wrong here");
        failure.cause = Some(Arc::new(cause));
        failure
    }

    /// A 401 has to have one (RFC 9110 §15.5.2), and so has every refusal of a bearer token (RFC 6750 §3).
    fn challenge(&self) -> Option<String> {
        let Self { code, description, bearer, .. } = self;
        let error =
            || format!("Bearer error=\"{}\", error_description=\"{description}\"", code.name());
        match (bearer, code) {
            (Some(false), _) => Some("Bearer".to_owned()),
            (Some(true), Code::InsufficientScope) => Some(format!("{}, scope=\"openid\"", error())),
            (Some(true), Code::InvalidToken | Code::InvalidRequest) => Some(error()),
            (None, Code::InvalidClient) => Some("Basic realm=\"tokenhouse\"".to_owned()),
            _ => None,
        }
    }
}

impl IntoResponse for OAuthFailure {
    fn into_response(self) -> Response {
        let body = Refused { error: self.code.name(), error_description: self.description };
        let mut response = (self.code.status(), Json(body)).into_response();
        let challenge = self.challenge().and_then(|text| HeaderValue::try_from(text).ok());
        let headers = response.headers_mut();
        headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
        headers.extend(challenge.map(|challenge| (header::WWW_AUTHENTICATE, challenge)));
        if self.code == Code::TemporarilyUnavailable {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(Trouble { code: self.code.name(), cause });
        }
        response
    }
}

impl From<tokenhouse_store::Error> for OAuthFailure {
    fn from(error: tokenhouse_store::Error) -> Self {
        let tokenhouse_store::Error::Unavailable(_) = error else { return Self::internal(error) };
        let description = "The database cannot be reached at the moment";
        let mut failure = Self::new(Code::TemporarilyUnavailable, description);
        failure.cause = Some(Arc::new(error));
        failure
    }
}

/// A body that cannot be read.
impl From<Problem> for OAuthFailure {
    fn from(problem: Problem) -> Self {
        Self::invalid_request(problem.title)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(failure: OAuthFailure) -> (u16, Option<String>) {
        let response = failure.into_response();
        let challenge = response.headers().get(header::WWW_AUTHENTICATE);
        let challenge = challenge.map(|value| value.to_str().expect("text").to_owned());
        (response.status().as_u16(), challenge)
    }

    #[test]
    fn every_refusal_has_its_status_and_its_challenge() {
        let (status, challenge) = told(OAuthFailure::invalid_client("Unknown"));
        assert_eq!((status, challenge.as_deref()), (401, Some("Basic realm=\"tokenhouse\"")));
        assert_eq!(told(OAuthFailure::invalid_grant("Used")), (400, None));
        assert_eq!(told(OAuthFailure::invalid_request("Twice")), (400, None));
        assert_eq!(told(OAuthFailure::missing_token()), (401, Some("Bearer".to_owned())));
        let (status, challenge) = told(OAuthFailure::invalid_token());
        assert_eq!(status, 401);
        assert!(challenge.is_some_and(|text| text.starts_with("Bearer error=\"invalid_token\"")));
        let scope = OAuthFailure::new(Code::InsufficientScope, "More is needed").at_resource();
        let (status, challenge) = told(scope);
        assert_eq!(status, 403);
        assert!(challenge.is_some_and(|text| text.ends_with("scope=\"openid\"")));
        let trouble = tokenhouse_store::Error::Unavailable("away".to_owned());
        assert_eq!(told(OAuthFailure::from(trouble).at_resource()), (503, None));
    }

    #[test]
    fn trouble_with_the_database_is_nobodys_fault_and_worth_another_try() {
        let trouble = tokenhouse_store::Error::Unavailable("away".to_owned());
        let response = OAuthFailure::from(trouble).into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "1");
        assert!(response.extensions().get::<Trouble>().is_some_and(|trouble| {
            trouble.code == "temporarily_unavailable" && trouble.cause.to_string().contains("away")
        }));
    }
}
