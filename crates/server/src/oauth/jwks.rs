//! `GET /oauth2/jwks`: the public keys (RFC 7517 §5), those included that do not sign yet, so that whoever keeps
//! this answer for as long as it says knows every key before it meets it.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::cors;
use super::error::{OAuthFailure, Refused};
use crate::app::App;

/// The keys.
#[derive(Serialize, ToSchema)]
pub(super) struct JsonWebKeys {
    /// JSON Web Keys, each with `kid`, `alg` and `use`.
    #[schema(value_type = Vec<Object>)]
    keys: Vec<Value>,
}

/// Read the keys that tokens are signed with.
#[utoipa::path(get, path = "/oauth2/jwks", tag = "oauth",
    responses((status = 200, description = "The keys", body = JsonWebKeys),
              (status = 503, description = "Try again; see `Retry-After`", body = Refused)))]
pub(super) async fn show(State(app): State<App>) -> Response {
    let keys = app.keyring.keys(&app).await;
    let keys = keys.map(|keys| kept(&app, keys.document())).map_err(OAuthFailure::from);
    cors::public(keys.into_response())
}

/// JSON that may be kept as long as the keys are made for.
pub(super) fn kept(app: &App, document: Value) -> Response {
    let mut response = Json(document).into_response();
    let seconds = app.settings.jwks_max_age.as_secs();
    if let Ok(kept) = HeaderValue::try_from(format!("public, max-age={seconds}")) {
        response.headers_mut().insert(header::CACHE_CONTROL, kept);
    }
    response
}
