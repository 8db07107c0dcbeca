//! `/api/authz/…`: a proxy in front of a service asks whether a request may pass, and who sends it.
//!
//! The session is named by the cookie that reaches other hosts (`rules/forward_token.rs`); one statement brings the
//! client that answers for the host and the session, if it lives. Nothing is kept here, so any process answers for
//! any service. Only a proxy that is trusted is listened to, because it says what is asked for (`asked`). An answer
//! is in the form that each proxy understands (`answer`), and everything in it comes from rows (`identity`).

mod answer;
mod asked;
mod identity;
mod token;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::routing::{any, get};
use tokenhouse_rules::oauth::access::{self, Verdict};
use tokenhouse_rules::oauth::client::{Kind, Settings};
use tokenhouse_store::{AccessFacts, Client as Application, Error};

use self::asked::{Asked, Dialect};
use crate::app::App;
use crate::error::Problem;
use crate::extract::client::Client;
use crate::pages;
use crate::presence::renew;

const FORWARD_AUTH: &str = "/api/authz/forward-auth";
const AUTH_REQUEST: &str = "/api/authz/auth-request";
const EXT_AUTHZ: &str = "/api/authz/ext-authz";

/// Their paths; each is in the router's list of all.
#[cfg(test)]
pub(crate) const PATHS: [&str; 5] = [
    FORWARD_AUTH,
    AUTH_REQUEST,
    EXT_AUTHZ,
    "/api/authz/ext-authz/",
    "/api/authz/ext-authz/{*path}",
];

/// The endpoints. They are no part of the API that clients are told of: only proxies ask.
pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route(FORWARD_AUTH, get(forward_auth))
        .route(AUTH_REQUEST, get(auth_request))
        .route(EXT_AUTHZ, any(ext_authz))
        .route("/api/authz/ext-authz/", any(ext_authz))
        .route("/api/authz/ext-authz/{*path}", any(ext_authz))
}

/// What becomes of a request.
enum Judged {
    /// It may pass, with these headers.
    Allowed(HeaderMap),
    /// It may not before its sender has signed in.
    SignInFirst(Asked),
}

/// For Traefik, Caddy and HAProxy: an answer that is not 200 is what the browser gets.
async fn forward_auth(State(app): State<App>, client: Client, request: Request) -> Response {
    let parts = request.into_parts().0;
    let judged = judge(&app, &parts, Dialect::Forwarded).await;
    answer::relayed(&app, &client, &parts.headers, judged)
}

/// For nginx, which knows 200, 401 and 403.
async fn auth_request(State(app): State<App>, client: Client, request: Request) -> Response {
    let parts = request.into_parts().0;
    let judged = judge(&app, &parts, Dialect::Original).await;
    answer::coded(&app, &client, &parts.headers, judged)
}

/// For Envoy, which asks by the request itself, behind this prefix.
async fn ext_authz(State(app): State<App>, client: Client, request: Request) -> Response {
    let parts = request.into_parts().0;
    let judged = judge(&app, &parts, Dialect::Same(EXT_AUTHZ)).await;
    answer::relayed(&app, &client, &parts.headers, judged)
}

/// One statement, and at most once in a while one more that notes that the session is in use.
async fn judge(app: &App, parts: &Parts, dialect: Dialect) -> Result<Judged, Problem> {
    let asked = Asked::read(app, parts, dialect)?;
    let (host, path) = (asked.address.host(), asked.address.path());
    let session = pages::shown(app, &parts.headers, asked.address.origin().is_secure());
    let facts = app.store.access_facts(host, session.as_ref()).await?;
    if let (Some(key), Some(expiry)) = (&session, facts.expiry) {
        renew(app, key, expiry, facts.now).await;
    }
    let (client, settings) = answering(&facts)?;
    let owner = facts.signed_in.as_ref().map(|signed_in| &signed_in.owner);
    let groups = owner.map(|owner| owner.groups.as_slice());
    match access::judge(&settings.access, host, path, &asked.method, groups) {
        Verdict::Allowed => {
            let mut headers = identity::headers(&settings.forward, owner, &parts.headers);
            if settings.forward.access_token {
                let bearer = token::bearer(app, (client, &settings), &facts, &asked).await?;
                headers.insert(AUTHORIZATION, bearer);
            }
            Ok(Judged::Allowed(headers))
        }
        Verdict::SignInFirst => Ok(Judged::SignInFirst(asked)),
        Verdict::Forbidden => Err(denied()),
    }
}

/// The client that answers for the host, if there is one.
///
/// # Errors
/// When there is none, or it is disabled or no client of a proxy.
pub(crate) fn answering(facts: &AccessFacts) -> Result<(&Application, Settings), Problem> {
    let client = facts.client.as_ref().filter(|client| client.disabled_at.is_none());
    let client = client.ok_or_else(unknown_service)?;
    let settings = Settings::stored(&client.settings)
        .map_err(|bad| Error::Corrupt(format!("settings of client {}: {bad}", client.id)))?;
    if settings.kind == Kind::Proxy { Ok((client, settings)) } else { Err(unknown_service()) }
}

fn denied() -> Problem {
    let title = "You have no access to this page";
    Problem::new(StatusCode::FORBIDDEN, "access_denied", title)
}

/// The same for a service that is none of ours, as for an address that nobody is sent back to.
pub(crate) fn unknown_service() -> Problem {
    let title = "This server signs nobody in for that address";
    Problem::new(StatusCode::FORBIDDEN, "unknown_service", title)
}
