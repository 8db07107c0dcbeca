//! What an application that registers itself is told: what is registered, or why not.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokenhouse_rules::oauth::client::{ClientId, Settings};
use tokenhouse_rules::oauth::client_metadata::{self, Refusal};
use tokenhouse_rules::time::Timestamp;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::app::App;
use crate::front;
use crate::oauth::error::OAuthFailure;

/// What is registered (RFC 7591 §3.2.1, RFC 7592 §3); the same members, but for those of the server, register it.
#[derive(Serialize, ToSchema)]
pub(in crate::oauth) struct RegisteredClient {
    /// Its name.
    client_id: String,
    /// When it was registered, in seconds since 1970.
    client_id_issued_at: u64,
    /// Its secret, if it has one; told this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    client_secret: Option<Zeroizing<String>>,
    /// Beside a secret: 0, it does not end by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<u64>,
    /// For this registration.
    #[schema(value_type = String)]
    registration_access_token: Zeroizing<String>,
    /// Where it is.
    registration_client_uri: String,
    /// All else that is registered, by the names of RFC 7591 §2.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    metadata: Map<String, Value>,
}

impl RegisteredClient {
    /// The client with its settings, since when it is registered, and the token for that.
    pub(super) fn of(
        app: &App,
        (client, settings): (&ClientId, &Settings),
        since: Timestamp,
        token: &Zeroizing<String>,
    ) -> Self {
        let mut metadata = client_metadata::document(client, settings);
        metadata.remove("client_id");
        Self {
            client_id: client.to_string(),
            client_id_issued_at: since.seconds(),
            client_secret: None,
            client_secret_expires_at: None,
            registration_access_token: token.clone(),
            registration_client_uri: format!(
                "{}/oauth2/register/{client}",
                crate::oauth::issuer(app)
            ),
            metadata,
        }
    }

    /// The same with a secret that was made just now.
    pub(super) fn with(mut self, secret: Option<Zeroizing<String>>) -> Self {
        self.client_secret_expires_at = secret.as_ref().map(|_| 0);
        self.client_secret = secret;
        self
    }
}

impl IntoResponse for RegisteredClient {
    fn into_response(self) -> Response {
        ([(header::PRAGMA, "no-cache")], Json(self)).into_response()
    }
}

/// Why nothing is registered, read or changed.
pub(in crate::oauth) enum Failure {
    /// Nobody registers itself here: as if the address were none.
    Off,
    /// Metadata that cannot be registered (RFC 7591 §3.2.2).
    Metadata(Refusal),
    /// Everything else.
    Other(OAuthFailure),
}

impl From<OAuthFailure> for Failure {
    fn from(failure: OAuthFailure) -> Self {
        Self::Other(failure)
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Metadata(refusal)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Off => front::nothing_here().into_response(),
            Self::Metadata(Refusal { error, text }) => {
                let body = json!({ "error": error, "error_description": text });
                let mut response = (StatusCode::BAD_REQUEST, Json(body)).into_response();
                let value = HeaderValue::from_static("no-cache");
                response.headers_mut().insert(header::PRAGMA, value);
                response
            }
            Self::Other(failure) => failure.into_response(),
        }
    }
}
