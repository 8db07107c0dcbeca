//! `GET|POST /oauth2/userinfo` (OpenID Connect Core §5.3): what an access token lets an application know of a person.
//! One question: grant, session, person and client are judged in the statement that brings her claims.

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde::Serialize;
use serde_json::{Map, Value};
use tokenhouse_rules::oauth::access_token::Claims;
use tokenhouse_rules::oauth::claims::{self, Subject};
use tokenhouse_rules::oauth::client::Settings;
use tokenhouse_rules::oauth::scope::{OPENID, Scopes};
use tokenhouse_store::{Error, GrantFacts, Owner};
use utoipa::ToSchema;

use super::cors;
use super::error::{Code, OAuthFailure, Refused};
use super::form::PostedForm;
use super::presented::{self, Presented};
use crate::app::App;
use crate::extract::body;

/// Claims of a person: `sub`, and what the scopes of the token stand for.
#[derive(Serialize, ToSchema)]
pub(super) struct UserInfo {
    /// Identifier, for ever.
    sub: String,
}

/// Read the claims of the person.
#[utoipa::path(get, path = "/oauth2/userinfo", tag = "oauth", security(("access" = [])),
    responses((status = 200, description = "Her claims", body = UserInfo),
              (status = 401, description = "`invalid_token`", body = Refused),
              (status = 403, description = "`insufficient_scope`", body = Refused)))]
pub(super) async fn get(State(app): State<App>, headers: HeaderMap) -> Response {
    let token = in_header(&headers).and_then(|token| token.ok_or_else(OAuthFailure::missing_token));
    answer(&app, &headers, token).await
}

/// The same, with the token in the header or in a form.
#[utoipa::path(post, path = "/oauth2/userinfo", tag = "oauth", security(("access" = [])),
    responses((status = 200, description = "Her claims", body = UserInfo),
              (status = 401, description = "`invalid_token`", body = Refused),
              (status = 403, description = "`insufficient_scope`", body = Refused)))]
pub(super) async fn post(State(app): State<App>, request: Request) -> Response {
    let headers = request.headers().clone();
    let token = in_either(&app, request).await;
    answer(&app, &headers, token.as_deref().map_err(Clone::clone)).await
}

async fn answer(app: &App, headers: &HeaderMap, token: Result<&str, OAuthFailure>) -> Response {
    let token = match token {
        Ok(token) => token,
        Err(failure) => return cors::allow(failure, headers, None),
    };
    match claims_of(app, token).await {
        Ok((claims, facts)) => {
            let client = Settings::stored(&facts.client.settings).ok();
            let told = told(&claims, &facts).map(Json).map_err(OAuthFailure::at_resource);
            cors::allow(told, headers, client.as_ref())
        }
        Err((failure, client)) => {
            let settings = match client {
                Some(client) => cors::settings_of(app, &client, headers).await,
                None => None,
            };
            cors::allow(failure.at_resource(), headers, settings.as_ref())
        }
    }
}

/// The claims of a genuine token and its living grant; or why not, and whose token it is.
async fn claims_of(
    app: &App,
    token: &str,
) -> Result<(Box<Claims>, GrantFacts), (OAuthFailure, Option<String>)> {
    let nobodys = |error: Error| (OAuthFailure::from(error), None);
    let Presented::Access(claims) = presented::open(app, token).await.map_err(nobodys)? else {
        return Err((OAuthFailure::invalid_token(), None));
    };
    let refused = |failure| (failure, Some(claims.client_id.clone()));
    let issuer = super::issuer(app);
    if !claims.aud.contains(issuer) {
        return Err(refused(OAuthFailure::invalid_token()));
    }
    // A token of a client by itself is about nobody.
    let Some(key) = presented::grant(&claims) else { return Err(refused(too_little())) };
    match app.store.grant(&key).await {
        Ok(Some(facts)) => Ok((claims, facts)),
        Ok(None) => Err(refused(OAuthFailure::invalid_token())),
        Err(error) => Err(nobodys(error)),
    }
}

/// What is told, by the database's time.
fn told(claims: &Claims, facts: &GrantFacts) -> Result<Map<String, Value>, OAuthFailure> {
    let sub = facts.owner.user.id.to_string();
    if claims.has_expired(facts.now) || claims.client_id != facts.client.id || claims.sub != sub {
        return Err(OAuthFailure::invalid_token());
    }
    let scopes = Scopes::parse(&claims.scope).map_err(|_| OAuthFailure::invalid_token())?;
    if !scopes.contains(OPENID) {
        return Err(too_little());
    }
    Ok(claims::userinfo(&scopes, &subject(&facts.owner)))
}

fn too_little() -> OAuthFailure {
    OAuthFailure::new(Code::InsufficientScope, "The access token is not for signing in")
}

fn subject(owner: &Owner) -> Subject<'_> {
    Subject {
        id: owner.user.id,
        username: &owner.user.username,
        email: owner.user.email.as_deref(),
        email_verified: owner.email_confirmed,
        language: owner.language.as_deref(),
        updated_at: None,
        claims: owner.claims.as_deref(),
        groups: &owner.groups,
    }
}

/// The token in the `Authorization` header (RFC 6750 §2.1). One in the address is not looked at (§2.3): it would be
/// in logs and histories.
fn in_header(headers: &HeaderMap) -> Result<Option<&str>, OAuthFailure> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        let why = "There is more than one Authorization header";
        return Err(OAuthFailure::invalid_request(why).at_resource());
    }
    let text = value.to_str().map_err(|_| OAuthFailure::invalid_token())?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    Ok(scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(' ')))
}

/// The token in the header or in a form (RFC 6750 §2.2), not in both.
async fn in_either(app: &App, request: Request) -> Result<String, OAuthFailure> {
    let named = in_header(request.headers())?.map(str::to_owned);
    let kind = "application/x-www-form-urlencoded";
    let in_form = match body::expect_type(request.headers(), &[kind]) {
        Ok(_) => {
            let form = PostedForm::from_request(request, app).await;
            form.map_err(OAuthFailure::at_resource)?
                .parameters
                .text("access_token")
                .map(str::to_owned)
        }
        Err(_) => None,
    };
    match (named, in_form) {
        (Some(_), Some(_)) => {
            let why = "There is a token in the header and another one in the form";
            Err(OAuthFailure::invalid_request(why).at_resource())
        }
        (named, in_form) => named.or(in_form).ok_or_else(OAuthFailure::missing_token),
    }
}
