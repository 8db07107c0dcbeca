//! A request for authorization: what it asks for, whether it may, and what comes next (OpenID Connect Core §3.1.2,
//! RFC 6749 §4.1).
//!
//! The order is that of safety. First who asks and where the answer is to go ([`client_and_redirect`],
//! [`destination`]): until that is known to be registered, errors are shown to the person and sent nowhere. Then
//! the rest ([`read`]), whose errors go to the application. Then, for a good request, what has to happen before
//! it is answered ([`decide`]).

mod carried;
mod decision;
mod destination;
mod mark;
mod reading;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use carried::Carried;
pub use decision::{PATIENCE, Person, Step, came_at, decide};
pub use destination::{Asking, Destination, Shown, client, client_and_redirect, destination};
pub use mark::{ASKED_AT, request_mark, request_mark_time};
pub use reading::read;
pub(super) use reading::{granted, resources};

use super::claims::{Names, Requested};
use super::device;
use super::dpop::Thumbprint;
use super::pkce::Challenge;
use super::request_object::BadObject;
use super::scope::Scopes;
use crate::time::Timestamp;

/// `acr` of who signed in with a password: there is one level here, and this is its name.
pub const ACR: &str = "1";
/// `amr` of who signed in with a password (RFC 8176 §2).
pub const AMR_PASSWORD: &str = "pwd";

/// How an answer travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    #[default]
    Query,
    /// In a form that the browser posts to it (OAuth 2.0 Form Post Response Mode).
    FormPost,
}

impl ResponseMode {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Query, Self::FormPost];

    /// As `response_mode` says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|mode| mode.name() == name)
    }
}

/// Which pages a person is to be shown (§3.1.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prompts {
    /// None at all: an answer at once, or an error.
    pub none: bool,
    /// Sign-in, even when she is signed in.
    pub login: bool,
    /// Consent, even when she has given it.
    pub consent: bool,
    /// A choice of accounts.
    pub select_account: bool,
    /// Registration (Initiating User Registration via OpenID Connect).
    pub create: bool,
}

/// A good request. Its `response_type` is `code`; there is no other.
#[derive(Clone, Debug)]
pub struct Request {
    /// Whose it is, and where its answer goes.
    pub to: Destination,
    /// What is asked for, of what the application may ask for.
    pub scope: Scopes,
    /// To be repeated in the ID token.
    pub nonce: Option<String>,
    /// Of PKCE.
    pub challenge: Option<Challenge>,
    /// The key that who redeems the code has to prove (RFC 9449 §10).
    pub dpop_jkt: Option<Thumbprint>,
    /// Which pages are asked for.
    pub prompt: Prompts,
    /// How long ago she may have signed in.
    pub max_age: Option<Duration>,
    /// The name she may sign in with.
    pub login_hint: Option<String>,
    /// In which languages to speak to her.
    pub ui_locales: Option<String>,
    /// An ID token of whom the application expects. Nothing of it is checked here.
    pub id_token_hint: Option<String>,
    /// How strongly she should have signed in; a wish.
    pub acr_values: Option<String>,
    /// What it asks for one by one.
    pub claims: Requested,
    /// For which services the access token is to be (RFC 8707), each once.
    pub resource: Vec<String>,
}

/// The code of an error (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6, RFC 8707 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// A parameter is missing, repeated, or wrong.
    InvalidRequest,
    /// The application may not ask in this way.
    UnauthorizedClient,
    /// The person said no.
    AccessDenied,
    /// Not `code`.
    UnsupportedResponseType,
    /// A scope is wrong, or none is left.
    InvalidScope,
    /// A resource is none of the application's.
    InvalidTarget,
    /// She would have to sign in, and no page may be shown.
    LoginRequired,
    /// She would have to consent, and no page may be shown.
    ConsentRequired,
    /// Nobody can sign in here as strongly as the application insists on (OpenID Connect Core Error Code
    /// `unmet_authentication_requirements` 1.0).
    UnmetAuthenticationRequirements,
    /// The request is in a JWT, of a client without keys.
    RequestNotSupported,
    /// The request is in a JWT that does not count (RFC 9101 §7).
    InvalidRequestObject,
    /// The request is elsewhere.
    RequestUriNotSupported,
    /// The client registers itself.
    RegistrationNotSupported,
    /// Something is broken here.
    ServerError,
    /// Something is away for a while.
    TemporarilyUnavailable,
}

impl ErrorCode {
    /// As `error` says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::AccessDenied => "access_denied",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::LoginRequired => "login_required",
            Self::ConsentRequired => "consent_required",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::RequestNotSupported => "request_not_supported",
            Self::InvalidRequestObject => "invalid_request_object",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }
}

/// Why the application gets no code. It is told so where its answer would have gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {description}", .error.name())]
pub struct Refusal {
    /// `error`.
    pub error: ErrorCode,
    /// `error_description`, for its developer.
    pub description: &'static str,
}

impl Refusal {
    /// The person said no.
    pub const ACCESS_DENIED: Self = Self::new(ErrorCode::AccessDenied, "The person did not agree");
    /// She would have to sign in.
    pub const LOGIN_REQUIRED: Self =
        Self::new(ErrorCode::LoginRequired, "The person has to sign in");
    /// She would have to consent.
    pub const CONSENT_REQUIRED: Self =
        Self::new(ErrorCode::ConsentRequired, "The person has to agree");
    /// Something is broken here.
    pub const SERVER_ERROR: Self = Self::new(ErrorCode::ServerError, "The request failed");
    /// Something is away for a while.
    pub const TEMPORARILY_UNAVAILABLE: Self =
        Self::new(ErrorCode::TemporarilyUnavailable, "Try again in a moment");

    /// What a client signed counts for nothing.
    pub const fn object(bad: BadObject) -> Self {
        Self::new(ErrorCode::InvalidRequestObject, bad.description())
    }

    const fn new(error: ErrorCode, description: &'static str) -> Self {
        Self { error, description }
    }

    const fn invalid(description: &'static str) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }
}

/// What was authorized, as it is stored with the code and with the grant that it becomes. A member that the next
/// release adds is ignored here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorized {
    /// Where the code was sent: its redemption has to name the same.
    pub redirect_uri: String,
    /// What for.
    pub scope: Scopes,
    /// To be repeated in the ID token.
    #[serde(default)]
    pub nonce: Option<String>,
    /// Of PKCE.
    #[serde(default)]
    pub code_challenge: Option<Challenge>,
    /// The key that its redemption has to prove.
    #[serde(default)]
    pub dpop_jkt: Option<Thumbprint>,
    /// For which services.
    #[serde(default)]
    pub resource: Vec<String>,
    /// When she signed in, in seconds since the Unix epoch.
    pub auth_time: u64,
    /// By how strong a means.
    #[serde(default)]
    pub acr: Option<String>,
    /// By which means (RFC 8176).
    #[serde(default)]
    pub amr: Vec<String>,
    /// What was asked for one by one.
    #[serde(default, skip_serializing_if = "Names::is_empty")]
    pub claims: Names,
}

impl Request {
    /// All that she has to agree to: the scopes, and those of which a single claim is asked for.
    pub fn agreement(&self) -> Scopes {
        self.scope.union(&self.claims.names.scopes())
    }
}

impl Authorized {
    /// What a request asks for, of who signed in with a password at `auth_time`.
    pub fn of(request: &Request, auth_time: Timestamp) -> Self {
        Self {
            redirect_uri: request.to.redirect_uri().to_owned(),
            scope: request.scope.clone(),
            nonce: request.nonce.clone(),
            code_challenge: request.challenge.clone(),
            dpop_jkt: request.dpop_jkt,
            resource: request.resource.clone(),
            auth_time: auth_time.seconds(),
            acr: Some(ACR.to_owned()),
            amr: vec![AMR_PASSWORD.to_owned()],
            claims: request.claims.names.clone(),
        }
    }

    /// What a device asked for, and she allowed who signed in with a password at `auth_time`. Nobody is sent
    /// anywhere with it.
    pub fn of_device(asked: &device::Asked, auth_time: Timestamp) -> Self {
        Self {
            redirect_uri: String::new(),
            scope: asked.scope.clone(),
            nonce: None,
            code_challenge: None,
            dpop_jkt: None,
            resource: asked.resource.clone(),
            auth_time: auth_time.seconds(),
            acr: Some(ACR.to_owned()),
            amr: vec![AMR_PASSWORD.to_owned()],
            claims: Names::default(),
        }
    }
}

#[cfg(test)]
mod tests;
