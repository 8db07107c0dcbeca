//! `/oauth2/register` (RFC 7591) and what is below it (RFC 7592): applications register themselves by a token that an
//! operator handed out, and look after their registration by another one that they got for it.
//!
//! All of it is as if it were not there unless the operator wants it (OWASP ASVS 10.4.7). Metadata are judged before the
//! database is asked, so that a mistake uses nothing up; the rest is one write.

mod answer;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::SecretId;
use tokenhouse_rules::oauth::client::{ClientId, Settings};
use tokenhouse_rules::oauth::client_metadata::{Metadata, Refusal};
use tokenhouse_rules::oauth::{client_secret, registration_token};
use tokenhouse_rules::registration::DynamicRegistration;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_rules::token::{is_same_hash, secret_hash};
use tokenhouse_store::{
    ChangeRegistration, Client as Application, Error, NewSecret, RegisterClient, RegistrationKey,
};
use uuid::Uuid;
use zeroize::Zeroizing;

pub(super) use self::answer::{Failure, RegisteredClient};
use super::error::{Code, OAuthFailure, Refused};
use crate::app::App;
use crate::entropy;
use crate::extract::body;
use crate::extract::client::Client;
use crate::log::Level;

/// The most bytes of metadata: addresses and keys.
const MOST: usize = 64 * 1024;

/// How often a change may be overtaken by another one before it is given up.
const ROUNDS: usize = 3;

/// Register an application. There is no such endpoint unless `TOKENHOUSE_DYNAMIC_REGISTRATION` says so.
#[utoipa::path(post, path = "/oauth2/register", tag = "oauth", security(("registration" = [])),
    request_body(content = RegisteredClient, content_type = "application/json"),
    responses((status = 201, description = "It is registered", body = RegisteredClient),
              (status = 400, description = "`error` of RFC 7591 §3.2.2", body = Refused),
              (status = 401, description = "`invalid_token`", body = Refused),
              (status = 404, description = "Nobody registers itself here")))]
pub(super) async fn register(
    State(app): State<App>,
    peer: Client,
    request: Request,
) -> Result<Response, Failure> {
    let token = bearer(&app, request.headers())?;
    let invitation = registration_token::open_invitation(&token, &app.root);
    let invitation = invitation.ok_or_else(OAuthFailure::invalid_token)?;
    let metadata = Metadata::read(read(request).await?)?;
    let id = Uuid::from_bytes(entropy::bytes()).simple().to_string();
    let client = ClientId::parse(&id).map_err(OAuthFailure::internal)?;
    let settings = signable(&app, metadata.settings(&client, None)?)?;
    let now = app.ordering_time();
    let (secret, kept) =
        settings.has_secret().then(|| made(&app, (&client, &settings), now)).unzip();
    let mine = Zeroizing::new(entropy::bytes::<16>());
    let registration = RegisterClient {
        invitation: invitation.id,
        invitation_hash: invitation.secret_hash,
        client: id,
        settings: text(&settings)?,
        secret: kept,
        secret_hash: secret_hash(&mine),
        trail: peer.trail(Event::ClientRegistered, now),
    };
    let since = app.store.register_client(registration).await.map_err(OAuthFailure::from)?;
    let since = since.ok_or_else(OAuthFailure::invalid_token)?;
    note(&app, &peer, &client, "tokenhouse.client.registered");
    let token = registration_token::registration(&client, &mine, &app.root);
    let answer = RegisteredClient::of(&app, (&client, &settings), since, &token).with(secret);
    Ok((StatusCode::CREATED, answer).into_response())
}

/// Read one's own registration.
#[utoipa::path(get, path = "/oauth2/register/{client_id}", tag = "oauth",
    security(("registration" = [])), params(("client_id" = String, Path, description = "Its own")),
    responses((status = 200, description = "What is registered", body = RegisteredClient),
              (status = 401, description = "`invalid_token`", body = Refused),
              (status = 404, description = "Nobody registers itself here")))]
pub(super) async fn read_own(
    State(app): State<App>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<RegisteredClient, Failure> {
    let own = Own::of(&app, &id, &headers)?;
    let (client, settings) = own.find(&app).await?;
    Ok(own.answer(&app, &client, &settings))
}

/// Replace one's own registration.
#[utoipa::path(put, path = "/oauth2/register/{client_id}", tag = "oauth",
    security(("registration" = [])), params(("client_id" = String, Path, description = "Its own")),
    request_body(content = RegisteredClient, content_type = "application/json"),
    responses((status = 200, description = "What is registered now", body = RegisteredClient),
              (status = 400, description = "`error` of RFC 7591 §3.2.2", body = Refused),
              (status = 401, description = "`invalid_token`", body = Refused),
              (status = 404, description = "Nobody registers itself here")))]
pub(super) async fn replace_own(
    State(app): State<App>,
    Path(id): Path<String>,
    peer: Client,
    request: Request,
) -> Result<RegisteredClient, Failure> {
    let own = Own::of(&app, &id, request.headers())?;
    let metadata = Metadata::read(read(request).await?)?;
    for _ in 0..ROUNDS {
        let (client, former) = own.find(&app).await?;
        is_meant(&metadata, &client)?;
        let settings = signable(&app, metadata.settings(&own.client, Some(&former))?)?;
        if settings == former {
            return Ok(own.answer(&app, &client, &settings));
        }
        let change = ChangeRegistration {
            key: own.key.clone(),
            version: client.version,
            settings: text(&settings)?,
            trail: peer.trail(Event::ClientChanged, app.ordering_time()),
        };
        if app.store.change_registration(change).await.map_err(OAuthFailure::from)? {
            return Ok(own.answer(&app, &client, &settings));
        }
    }
    let why = "Somebody else changes the registration at the same time";
    Err(OAuthFailure::new(Code::TemporarilyUnavailable, why).into())
}

/// Delete one's own registration, with all that the application was given.
#[utoipa::path(delete, path = "/oauth2/register/{client_id}", tag = "oauth",
    security(("registration" = [])), params(("client_id" = String, Path, description = "Its own")),
    responses((status = 204, description = "It is gone"),
              (status = 401, description = "`invalid_token`", body = Refused),
              (status = 404, description = "Nobody registers itself here")))]
pub(super) async fn delete_own(
    State(app): State<App>,
    Path(id): Path<String>,
    peer: Client,
    headers: HeaderMap,
) -> Result<StatusCode, Failure> {
    let own = Own::of(&app, &id, &headers)?;
    let trail = peer.trail(Event::ClientDeleted, app.ordering_time());
    if !app.store.delete_registration(&own.key, trail).await.map_err(OAuthFailure::from)? {
        return Err(OAuthFailure::invalid_token().into());
    }
    note(&app, &peer, &own.client, "tokenhouse.client.deleted");
    Ok(StatusCode::NO_CONTENT)
}

/// A client that shows the registration access token of the registration that it asks for. Whether it is worth
/// something the row decides.
struct Own {
    client: ClientId,
    key: RegistrationKey,
    token: Zeroizing<String>,
}

impl Own {
    fn of(app: &App, id: &str, headers: &HeaderMap) -> Result<Self, Failure> {
        let token = bearer(app, headers)?;
        let client = ClientId::parse(id).map_err(|_| OAuthFailure::invalid_token())?;
        let secret_hash = registration_token::open_registration(&token, &client, &app.root)
            .ok_or_else(OAuthFailure::invalid_token)?;
        let key = RegistrationKey { client: id.to_owned(), secret_hash };
        Ok(Self { client, key, token })
    }

    async fn find(&self, app: &App) -> Result<(Application, Settings), Failure> {
        let found = app.store.registered_client(&self.key).await.map_err(OAuthFailure::from)?;
        let client = found.ok_or_else(OAuthFailure::invalid_token)?;
        let settings = Settings::stored(&client.settings).map_err(|bad| {
            OAuthFailure::internal(Error::Corrupt(format!("settings of {}: {bad}", client.id)))
        })?;
        Ok((client, settings))
    }

    fn answer(&self, app: &App, client: &Application, settings: &Settings) -> RegisteredClient {
        RegisteredClient::of(app, (&self.client, settings), client.created_at, &self.token)
    }
}

/// The token that is shown, where applications may register themselves at all.
fn bearer(app: &App, headers: &HeaderMap) -> Result<Zeroizing<String>, Failure> {
    if app.settings.dynamic_registration == DynamicRegistration::Off {
        return Err(Failure::Off);
    }
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, more) = (values.next(), values.next());
    if more.is_some() {
        return Err(OAuthFailure::invalid_token().into());
    }
    let text = value.map(|value| value.to_str()).transpose();
    let text = text.map_err(|_| OAuthFailure::invalid_token())?;
    match text.and_then(|text| text.split_once(' ')) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            Ok(Zeroizing::new(token.trim_matches(' ').to_owned()))
        }
        _ => Err(OAuthFailure::missing_token().into()),
    }
}

/// The members of a JSON object.
async fn read(request: Request) -> Result<Map<String, Value>, Failure> {
    let plain = |problem| Failure::from(OAuthFailure::from(problem));
    body::expect_type(request.headers(), &["application/json"]).map_err(plain)?;
    let bytes = body::read(request, MOST).await.map_err(plain)?;
    let text = str::from_utf8(&bytes).ok();
    let text = text.and_then(|text| tokenhouse_rules::document::check(text, MOST).ok());
    text.and_then(|text| serde_json::from_str(text).ok()).ok_or_else(|| {
        let text = "The metadata are no JSON object without repeated members".to_owned();
        Failure::Metadata(Refusal { error: "invalid_client_metadata", text })
    })
}

/// Settings by whose algorithms this server signs.
fn signable(app: &App, settings: Settings) -> Result<Settings, Refusal> {
    let signs = |algorithm| app.settings.signing_algorithms.contains(algorithm);
    let all = [Some(settings.id_token_algorithm), settings.userinfo_signed_response_alg];
    if all.iter().flatten().all(signs) {
        return Ok(settings);
    }
    let text = "id_token_signed_response_alg or userinfo_signed_response_alg is not signed by here";
    Err(Refusal { error: "invalid_client_metadata", text: text.to_owned() })
}

/// Whether an update is meant for this client: it names it, and its secret if any (RFC 7592 §2.2).
fn is_meant(metadata: &Metadata, client: &Application) -> Result<(), OAuthFailure> {
    if metadata.client_id.as_deref() != Some(client.id.as_str()) {
        return Err(OAuthFailure::invalid_request("The client_id is not that of the registration"));
    }
    let Some(secret) = &metadata.client_secret else { return Ok(()) };
    let shown = client_secret::hash(secret);
    if client.secrets.iter().any(|secret| is_same_hash(&secret.hash, &shown)) {
        return Ok(());
    }
    Err(OAuthFailure::invalid_request("The client_secret is not one of the client"))
}

/// A new secret: its text, and what is kept of it.
fn made(
    app: &App,
    (client, settings): (&ClientId, &Settings),
    now: Timestamp,
) -> (Zeroizing<String>, NewSecret) {
    let text = client_secret::make(entropy::bytes());
    let (id, hash) = (SecretId::new(now, entropy::bytes()), client_secret::hash(&text));
    let seal =
        || client_secret::seal(&app.root, (client.as_str(), id), text.as_bytes(), entropy::bytes());
    let sealed = settings.makes_macs().then(seal);
    (text, NewSecret { id, hash, sealed })
}

fn text(settings: &Settings) -> Result<String, OAuthFailure> {
    serde_json::to_string(settings).map_err(OAuthFailure::internal)
}

fn note(app: &App, peer: &Client, client: &ClientId, name: &str) {
    let attributes = serde_json::json!({
        "tokenhouse.client.id": client.as_str(),
        "client.address": peer.address_text(),
        "tokenhouse.request.id": peer.request_id,
    });
    app.log.event(Level::Info, name, attributes);
}
