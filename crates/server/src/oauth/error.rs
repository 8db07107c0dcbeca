//! What an application is told that is refused: JSON with `error` and `error_description` (RFC 6749 §5.2,
//! RFC 6750 §3.1, RFC 8707 §2). Trouble with the database is 503, never `invalid_grant` or `invalid_token`: those
//! make applications throw good tokens away.

use std::sync::Arc;

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tokenhouse_rules::oauth::authorize::ErrorCode;
use tokenhouse_rules::oauth::jws::TooLarge;
use utoipa::ToSchema;

use super::dpop;
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
    /// RFC 9449 §5, §7.1.
    InvalidDpopProof,
    /// RFC 9449 §8, §9: the same again, with the nonce that comes along.
    UseDpopNonce,
    /// What an answer to a browser would say (RFC 9126 §2.3).
    Authorize(ErrorCode),
    /// RFC 8628 §3.5: ask again later.
    AuthorizationPending,
    /// Likewise, and less often.
    SlowDown,
    /// The person refused.
    AccessDenied,
    /// Nobody decided in time.
    ExpiredToken,
    /// Too many requests of one address.
    RateLimited,
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
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::UseDpopNonce => "use_dpop_nonce",
            Self::Authorize(error) => error.name(),
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::AccessDenied => "access_denied",
            Self::ExpiredToken => "expired_token",
            Self::RateLimited | Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::InvalidClient | Self::InvalidToken => StatusCode::UNAUTHORIZED,
            Self::InsufficientScope => StatusCode::FORBIDDEN,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
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
    /// Whether that token came with a proof of its key (RFC 9449 §7.1).
    by_dpop: bool,
    /// What the next proof has to hold (RFC 9449 §8).
    nonce: Option<String>,
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
        Self { code, description, bearer: None, by_dpop: false, nonce: None, cause: None }
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

    /// The same failure of a request whose token came with a proof.
    pub(crate) const fn by_dpop(mut self) -> Self {
        self.by_dpop = true;
        self
    }

    /// The same failure with what the next proof has to hold.
    pub(crate) fn with_nonce(mut self, nonce: String) -> Self {
        self.nonce = Some(nonce);
        self
    }

    /// The time that a request may take is over.
    pub(crate) const fn too_slow() -> Self {
        Self::new(Code::TemporarilyUnavailable, "The request took too long")
    }

    /// Nobody else is to blame: 500.
    pub(crate) fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        let mut failure = Self::new(Code::ServerError, "Something went wrong here");
        failure.cause = Some(Arc::new(cause));
        failure
    }

    /// At a protected resource a bad proof is a bad token (RFC 9449 §7.1, §9).
    const fn status(&self) -> StatusCode {
        match (self.bearer, self.code) {
            (Some(_), Code::InvalidDpopProof | Code::UseDpopNonce) => StatusCode::UNAUTHORIZED,
            (_, code) => code.status(),
        }
    }

    /// A 401 has to have one (RFC 9110 §15.5.2), and so has every refusal of a token (RFC 6750 §3), by the scheme
    /// that it was shown by. Who shows none, or the wrong one, is told of both schemes (RFC 9449 §7.2).
    fn challenges(&self) -> Vec<String> {
        let Self { code, description, bearer, by_dpop, .. } = self;
        let error = format!("error=\"{}\", error_description=\"{description}\"", code.name());
        let scope = if *code == Code::InsufficientScope { ", scope=\"openid\"" } else { "" };
        let proofs = format!("algs=\"{}\"", dpop::algorithms());
        match (bearer, code) {
            (Some(false), _) => vec!["Bearer".to_owned(), format!("DPoP {proofs}")],
            (Some(true), _) if *by_dpop && self.status().is_client_error() => {
                vec![format!("DPoP {error}{scope}, {proofs}")]
            }
            (Some(true), Code::InvalidToken) => {
                vec![format!("Bearer {error}"), format!("DPoP {proofs}")]
            }
            (Some(true), Code::InsufficientScope | Code::InvalidRequest) => {
                vec![format!("Bearer {error}{scope}")]
            }
            (None, Code::InvalidClient) => vec!["Basic realm=\"tokenhouse\"".to_owned()],
            _ => Vec::new(),
        }
    }
}

impl IntoResponse for OAuthFailure {
    fn into_response(self) -> Response {
        let body = Refused { error: self.code.name(), error_description: self.description };
        let mut response = (self.status(), Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
        for challenge in self.challenges() {
            let value = HeaderValue::try_from(challenge).ok();
            headers.extend(value.map(|value| (header::WWW_AUTHENTICATE, value)));
        }
        dpop::give(headers, self.nonce.as_ref());
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

/// A token that nobody could read is not made of some of its claims: who finds her in no group may take that for
/// the truth. Less is asked for by fewer scopes.
impl From<TooLarge> for OAuthFailure {
    fn from(error: TooLarge) -> Self {
        let why = "A token would be longer than 8 KiB: too many groups, or too much is mapped";
        let mut failure = Self::new(Code::InvalidScope, why);
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
mod tests;
