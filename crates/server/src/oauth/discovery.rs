//! What an application needs to know to begin with: OpenID Connect Discovery 1.0 §3, RFC 8414 §2. Made of the
//! configuration alone, so it is there when the database is not.

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Value, json};
use tokenhouse_rules::oauth::client::GrantType;
use tokenhouse_rules::oauth::jws::{MAC_ALGORITHM, Typ};
use tokenhouse_rules::oauth::scope;
use tokenhouse_rules::registration::DynamicRegistration;
use utoipa::ToSchema;

use super::{cors, jwks};
use crate::app::App;

/// The metadata; some of it.
#[derive(Serialize, ToSchema)]
pub(super) struct Metadata {
    /// What tokens name, and what every address here begins with.
    issuer: String,
    /// Where browsers are sent.
    authorization_endpoint: String,
    /// Where codes are redeemed.
    token_endpoint: String,
    /// Where the keys are.
    jwks_uri: String,
}

/// Read the metadata (OpenID Connect Discovery).
#[utoipa::path(get, path = "/.well-known/openid-configuration", tag = "oauth",
    responses((status = 200, description = "The metadata", body = Metadata)))]
pub(super) async fn openid_configuration(State(app): State<App>) -> Response {
    cors::public(jwks::kept(&app, metadata(&app)))
}

/// Read the metadata (RFC 8414).
#[utoipa::path(get, path = "/.well-known/oauth-authorization-server", tag = "oauth",
    responses((status = 200, description = "The metadata", body = Metadata)))]
pub(super) async fn authorization_server(State(app): State<App>) -> Response {
    cors::public(jwks::kept(&app, metadata(&app)))
}

fn metadata(app: &App) -> Value {
    let mut said = document(app);
    if app.settings.dynamic_registration != DynamicRegistration::Off {
        let at = format!("{}/oauth2/register", super::issuer(app));
        said["registration_endpoint"] = Value::from(at);
    }
    said
}

fn document(app: &App) -> Value {
    let issuer = super::issuer(app);
    let at = |path: &str| format!("{issuer}{path}");
    let grants: Vec<_> = GrantType::ALL.iter().map(|grant| grant.name()).collect();
    let algorithms: Vec<_> =
        app.settings.signing_algorithms.iter().map(|algorithm| algorithm.name()).collect();
    let mut any =
        vec!["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt"];
    let shown = any.clone();
    any.push("none");
    let signed = |typ: Typ| typ.algorithms().iter().map(|one| one.name()).collect::<Vec<_>>();
    let mut proved = signed(Typ::ClientAssertion);
    proved.push(MAC_ALGORITHM);
    let scopes = [
        scope::OPENID,
        scope::PROFILE,
        scope::EMAIL,
        scope::ADDRESS,
        scope::PHONE,
        scope::GROUPS,
        scope::OFFLINE_ACCESS,
    ];
    json!({
        "issuer": issuer,
        "authorization_endpoint": at("/oauth2/authorize"),
        "token_endpoint": at("/oauth2/token"),
        "pushed_authorization_request_endpoint": at("/oauth2/par"),
        "require_pushed_authorization_requests": false,
        "device_authorization_endpoint": at("/oauth2/device"),
        "userinfo_endpoint": at("/oauth2/userinfo"),
        "jwks_uri": at("/oauth2/jwks"),
        "introspection_endpoint": at("/oauth2/introspect"),
        "revocation_endpoint": at("/oauth2/revoke"),
        "end_session_endpoint": at("/oauth2/logout"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "form_post"],
        "grant_types_supported": grants,
        "prompt_values_supported": ["none", "login", "consent", "select_account", "create"],
        "acr_values_supported": ["1"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": algorithms,
        "userinfo_signing_alg_values_supported": algorithms,
        "introspection_signing_alg_values_supported": algorithms,
        "token_endpoint_auth_methods_supported": any,
        "token_endpoint_auth_signing_alg_values_supported": proved,
        "introspection_endpoint_auth_methods_supported": shown,
        "introspection_endpoint_auth_signing_alg_values_supported": proved,
        "revocation_endpoint_auth_methods_supported": any,
        "revocation_endpoint_auth_signing_alg_values_supported": proved,
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": signed(Typ::DpopProof),
        "authorization_response_iss_parameter_supported": true,
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
        "claims_supported": claims(),
        "claim_types_supported": ["normal"],
        "claims_parameter_supported": true,
        "request_parameter_supported": true,
        "request_object_signing_alg_values_supported": signed(Typ::RequestObject),
        "request_uri_parameter_supported": false,
        "ui_locales_supported": app.pages.languages(),
    })
}

/// Of ID tokens and of the userinfo endpoint (OpenID Connect Core §2, §5.1).
fn claims() -> [&'static str; 31] {
    [
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "auth_time",
        "nonce",
        "acr",
        "amr",
        "at_hash",
        "sid",
        "name",
        "given_name",
        "family_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
        "website",
        "gender",
        "birthdate",
        "zoneinfo",
        "locale",
        "email",
        "email_verified",
        "phone_number",
        "phone_number_verified",
        "address",
        "groups",
        "roles",
    ]
}
