//! `GET|POST /oauth2/userinfo` (OpenID Connect Core §5.3): what an access token lets an application know of a person.
//! One question: grant, session, person and client are judged in the statement that brings her claims.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use tokenhouse_rules::oauth::access_token::Claims;
use tokenhouse_rules::oauth::claims::{self, Mapping, Place, Subject};
use tokenhouse_rules::oauth::client::Settings;
use tokenhouse_rules::oauth::jws::Typ;
use tokenhouse_rules::oauth::scope::{OPENID, Scopes};
use tokenhouse_store::{Error, GrantFacts, Owner};
use utoipa::ToSchema;

use super::authorize::settings_of;
use super::credential::Credential;
use super::error::{Code, OAuthFailure, Refused};
use super::presented::{self, Presented};
use super::{cors, dpop, issue, redeem};
use crate::app::App;

const SIGNED: &str = "application/jwt";

/// Claims of a person: `sub`, what the scopes of the token stand for, what was asked for one by one, and what is mapped
/// for the client; in a JWT where the client is registered so.
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
pub(super) async fn get(State(app): State<App>, method: Method, headers: HeaderMap) -> Response {
    let shown = Credential::in_header(&headers, &method, &address(&app));
    let shown = shown.and_then(|shown| shown.ok_or_else(OAuthFailure::missing_token));
    answer(&app, &headers, shown).await
}

/// The same, with the token in the header or in a form.
#[utoipa::path(post, path = "/oauth2/userinfo", tag = "oauth", security(("access" = [])),
    responses((status = 200, description = "Her claims", body = UserInfo),
              (status = 401, description = "`invalid_token`", body = Refused),
              (status = 403, description = "`insufficient_scope`", body = Refused)))]
pub(super) async fn post(State(app): State<App>, request: Request) -> Response {
    let headers = request.headers().clone();
    let shown = Credential::in_either(&app, request, &address(&app)).await;
    answer(&app, &headers, shown).await
}

/// Where proofs have to be made for.
fn address(app: &App) -> String {
    format!("{}/oauth2/userinfo", super::issuer(app))
}

async fn answer(
    app: &App,
    headers: &HeaderMap,
    shown: Result<Credential, OAuthFailure>,
) -> Response {
    let shown = match shown {
        Ok(shown) => shown,
        Err(failure) => return cors::allow(failure, headers, None),
    };
    match claims_of(app, &shown).await {
        Ok((claims, facts)) => match settings_of(&facts.client) {
            Ok(settings) => {
                let said = response(app, &shown, (&claims, &facts), &settings).await;
                let said = said.map_err(|failure| shown.refused(failure));
                cors::allow(said, headers, Some(&settings))
            }
            Err(error) => cors::allow(OAuthFailure::from(error), headers, None),
        },
        Err((failure, client)) => {
            let settings = match client {
                Some(client) => cors::settings_of(app, &client, headers).await,
                None => None,
            };
            cors::allow(shown.refused(failure), headers, settings.as_ref())
        }
    }
}

/// The claims of a genuine token and its living grant; or why not, and whose token it is.
async fn claims_of(
    app: &App,
    shown: &Credential,
) -> Result<(Box<Claims>, GrantFacts), (OAuthFailure, Option<String>)> {
    let nobodys = |error: Error| (OAuthFailure::from(error), None);
    let opened = presented::open(app, &shown.token).await.map_err(nobodys)?;
    let Presented::Access(claims) = opened else {
        return Err((OAuthFailure::invalid_token(), None));
    };
    let refused = |failure| (failure, Some(claims.client_id.clone()));
    let issuer = super::issuer(app);
    if !claims.aud.contains(issuer) {
        return Err(refused(OAuthFailure::invalid_token()));
    }
    shown.fits(&claims).map_err(refused)?;
    // A token of a client by itself is about nobody.
    let Some(key) = presented::grant(&claims) else { return Err(refused(too_little())) };
    match app.store.grant(&key).await {
        Ok(Some(facts)) => Ok((claims, facts)),
        Ok(None) => Err(refused(OAuthFailure::invalid_token())),
        Err(error) => Err(nobodys(error)),
    }
}

/// What is told, as JSON or signed, as the client is registered (OpenID Connect Core §5.3.2).
async fn response(
    app: &App,
    shown: &Credential,
    (claims, facts): (&Claims, &GrantFacts),
    settings: &Settings,
) -> Result<Response, OAuthFailure> {
    let told = told(claims, facts, settings)?;
    let nonce = shown.accept(app, facts.now).await?;
    let mut response = written(app, told, facts, settings).await?;
    dpop::give(response.headers_mut(), nonce.as_ref());
    Ok(response)
}

async fn written(
    app: &App,
    mut told: Map<String, Value>,
    facts: &GrantFacts,
    settings: &Settings,
) -> Result<Response, OAuthFailure> {
    let Some(algorithm) = settings.userinfo_signed_response_alg else {
        return Ok(Json(told).into_response());
    };
    told.insert("iss".to_owned(), super::issuer(app).into());
    told.insert("aud".to_owned(), facts.client.id.as_str().into());
    told.insert("iat".to_owned(), facts.now.seconds().into());
    let keys = app.keyring.keys(app).await?;
    let text = issue::signer_by(algorithm, &keys, facts.now)?.sign(Typ::UserInfo, &told)?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(SIGNED))], text).into_response())
}

/// What is told, by the database's time.
fn told(
    claims: &Claims,
    facts: &GrantFacts,
    settings: &Settings,
) -> Result<Map<String, Value>, OAuthFailure> {
    let sub = facts.owner.user.id.to_string();
    if claims.has_expired(facts.now) || claims.client_id != facts.client.id || claims.sub != sub {
        return Err(OAuthFailure::invalid_token());
    }
    let scopes = Scopes::parse(&claims.scope).map_err(|_| OAuthFailure::invalid_token())?;
    if !scopes.contains(OPENID) {
        return Err(too_little());
    }
    let (owner, authorized) = (&facts.owner, redeem::read(&facts.authorized)?);
    let mapping = Mapping::of(settings, &owner.groups, owner.document.as_deref());
    let mut told = mapping.told(Place::Userinfo);
    told.extend(claims::userinfo(&scopes, &authorized.claims.userinfo, &subject(owner)));
    Ok(told)
}

fn too_little() -> OAuthFailure {
    OAuthFailure::new(Code::InsufficientScope, "The access token is not for signing in")
}

/// A person as claims are made of her.
pub(super) fn subject(owner: &Owner) -> Subject<'_> {
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
