//! `POST /oauth2/introspect` (RFC 7662): a service asks what a token is worth, as JSON or signed (RFC 9701). One
//! question. Whatever is wrong with the token is the same answer: it is not active.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokenhouse_rules::oauth::access_token::Claims;
use tokenhouse_rules::oauth::jws::Typ;
use tokenhouse_store::{GrantFacts, Introspected};
use utoipa::ToSchema;

use super::client_authentication::{Claimed, Known, UNKNOWN};
use super::error::{OAuthFailure, Refused};
use super::form::PostedForm;
use super::presented::{self, Presented};
use super::{dpop, issue, redeem};
use crate::app::App;

const SIGNED: &str = "application/token-introspection+jwt";

/// What is asked.
#[derive(Serialize, ToSchema)]
pub(super) struct IntrospectionRequest {
    /// An access or refresh token.
    token: String,
    /// Not needed: tokens tell what they are.
    token_type_hint: Option<String>,
    /// Unless the `Authorization` header says it.
    client_id: Option<String>,
    /// Likewise.
    client_secret: Option<String>,
    /// A JWT that the client signed, in the place of a secret (RFC 7523 §2.2).
    client_assertion: Option<String>,
    /// `urn:ietf:params:oauth:client-assertion-type:jwt-bearer`.
    client_assertion_type: Option<String>,
}

/// What is answered; with `active` false, nothing else.
#[derive(Serialize, ToSchema)]
pub(super) struct TokenWorth {
    /// Whether the token is worth something.
    active: bool,
    /// What it is good for.
    scope: Option<String>,
    /// The client that it was issued to.
    client_id: Option<String>,
    /// Name of the person.
    username: Option<String>,
    /// The person, or the client itself.
    sub: Option<String>,
    /// When it ends, in seconds since 1970.
    exp: Option<u64>,
}

/// Ask what a token is worth.
#[utoipa::path(post, path = "/oauth2/introspect", tag = "oauth",
    security(("client" = [])),
    request_body(content = IntrospectionRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "What it is worth", body = TokenWorth),
              (status = 400, description = "`invalid_request`", body = Refused),
              (status = 401, description = "`invalid_client`", body = Refused)))]
pub(super) async fn introspect(
    State(app): State<App>,
    form: PostedForm,
) -> Result<Response, OAuthFailure> {
    let claimed = Claimed::of(&app, &form).await?;
    let text = form.needed("token", "The token is missing")?;
    let presented = presented::open(&app, text).await?;
    let mut found = presented::find(&app, claimed.id.to_string(), &presented).await?;
    let known = claimed.judge(found.asking.take())?;
    // Whoever shows nothing could be anybody (RFC 7662 §2.1).
    if !known.settings.is_confidential() {
        return Err(UNKNOWN);
    }
    let issuer = super::issuer(&app);
    let worth = worth(&presented, &found, &known, issuer)?;
    let worth =
        worth.unwrap_or_else(|| Map::from_iter([("active".to_owned(), Value::Bool(false))]));
    if !wants_signed(&form.headers) {
        return Ok(Json(worth).into_response());
    }
    let keys = app.keyring.keys(&app).await?;
    let key = issue::signer(&known.settings, &keys, found.now)?;
    let claims = json!({ "iss": issuer, "aud": known.client.id, "iat": found.now.seconds(),
                         "token_introspection": worth });
    let text = key.sign(Typ::Introspection, &claims)?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(SIGNED))], text).into_response())
}

/// What the token is worth, if the one that asks may know.
fn worth(
    presented: &Presented,
    found: &Introspected,
    known: &Known,
    issuer: &str,
) -> Result<Option<Map<String, Value>>, OAuthFailure> {
    match presented {
        Presented::Nothing => Ok(None),
        Presented::Access(claims) if claims.has_expired(found.now) => Ok(None),
        Presented::Access(claims) if !is_for(claims, known, issuer) => Ok(None),
        Presented::Access(claims) => Ok(access(claims, found)),
        Presented::Refresh(token) => match &found.grant {
            Some(grant) if grant.client.id == known.client.id => {
                let mut said = refresh(grant, issuer)?;
                said.extend(token.key.map(|jkt| ("cnf".to_owned(), json!({ "jkt": jkt }))));
                Ok(Some(said))
            }
            _ => Ok(None),
        },
    }
}

/// Whether a service may know of an access token: it was issued to it, or is for it, or is for the issuer, whose
/// tokens every service here may be shown (RFC 7662 §4: a token must tell nothing to whom it is not for).
fn is_for(claims: &Claims, known: &Known, issuer: &str) -> bool {
    let own = known.settings.audience.as_deref();
    claims.client_id == known.client.id
        || claims.aud.contains(issuer)
        || claims.aud.contains(&known.client.id)
        || own.is_some_and(|own| claims.aud.contains(own))
}

fn access(claims: &Claims, found: &Introspected) -> Option<Map<String, Value>> {
    let lives = match (claims.gid, &found.grant) {
        (None, _) => found.client_lives,
        (Some(_), None) => false,
        (Some(_), Some(grant)) => {
            grant.client.id == claims.client_id && grant.owner.user.id.to_string() == claims.sub
        }
    };
    // Everything the token says, but for what only this server understands.
    let Value::Object(mut said) = serde_json::to_value(claims).ok().filter(|_| lives)? else {
        return None;
    };
    said.remove("gid");
    said.remove("bond");
    said.insert("active".to_owned(), Value::Bool(true));
    said.insert("token_type".to_owned(), Value::from(dpop::scheme(claims.cnf.is_some())));
    if let Some(grant) = &found.grant {
        said.insert("username".to_owned(), Value::from(grant.owner.user.username.clone()));
    }
    Some(said)
}

fn refresh(grant: &GrantFacts, issuer: &str) -> Result<Map<String, Value>, OAuthFailure> {
    let authorized = redeem::read(&grant.authorized)?;
    let said = [
        ("active", Value::Bool(true)),
        ("iss", Value::from(issuer)),
        ("client_id", Value::from(grant.client.id.clone())),
        ("sub", Value::from(grant.owner.user.id.to_string())),
        ("username", Value::from(grant.owner.user.username.clone())),
        ("scope", Value::from(authorized.scope.to_string())),
        ("exp", Value::from(grant.live_until.seconds())),
    ];
    Ok(said.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Whether the answer is asked for as a JWT (RFC 9701 §4).
fn wants_signed(headers: &HeaderMap) -> bool {
    let named = |value: &HeaderValue| {
        let mut members = value.to_str().unwrap_or_default().split(',');
        members.any(|member| {
            let kind = member.split_once(';').map_or(member, |(kind, _)| kind);
            kind.trim().eq_ignore_ascii_case(SIGNED)
        })
    };
    headers.get_all(header::ACCEPT).iter().any(named)
}
