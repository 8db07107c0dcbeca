//! What is registered of an application, in the words of metadata.

use serde_json::{Map, Value, json};

use super::super::client::{Authentication, ClientId, GrantType, Kind, Settings};
use super::super::jwk::Algorithm;

/// What is registered, as it is answered (RFC 7591 §3.2.1); without what tells who asks.
pub fn document(client: &ClientId, settings: &Settings) -> Map<String, Value> {
    let method = match settings.authentication {
        Authentication::None => "none",
        Authentication::Basic => "client_secret_basic",
        Authentication::Post => "client_secret_post",
        Authentication::PrivateKeyJwt => "private_key_jwt",
        Authentication::ClientSecretJwt => "client_secret_jwt",
    };
    let grants: Vec<_> = settings.grants.iter().map(|grant| grant.name()).collect();
    let code = settings.allows(GrantType::AuthorizationCode);
    let types: &[&str] = if code { &["code"] } else { &[] };
    let native = matches!(settings.kind, Kind::Native | Kind::Device);
    let said = json!({
        "client_id": client.as_str(),
        "client_name": settings.name,
        "policy_uri": settings.policy_uri,
        "tos_uri": settings.tos_uri,
        "redirect_uris": settings.redirect_uris,
        "post_logout_redirect_uris": settings.post_logout_redirect_uris,
        "token_endpoint_auth_method": method,
        "grant_types": grants,
        "response_types": types,
        "application_type": if native { "native" } else { "web" },
        "scope": settings.scopes,
        "jwks": settings.jwks,
        "jwks_uri": settings.jwks_uri,
        "subject_type": "public",
        "id_token_signed_response_alg": settings.id_token_algorithm.name(),
        "userinfo_signed_response_alg":
            settings.userinfo_signed_response_alg.map(Algorithm::name),
        "require_pushed_authorization_requests": settings.require_pushed_authorization_requests,
        "require_signed_request_object": settings.require_signed_request_object,
        "dpop_bound_access_tokens": settings.dpop_bound_access_tokens,
    });
    let Value::Object(mut said) = said else { return Map::new() };
    said.retain(|_, value| !value.is_null());
    said
}
