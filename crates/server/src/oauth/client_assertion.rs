//! A client that shows who it is by what it made with a key (`private_key_jwt`) or with its secret
//! (`client_secret_jwt`; RFC 7523 §2.2, OpenID Connect Core §9): at every endpoint where others show a secret. Which of
//! the two it is, its settings say: a MAC by a key that everybody knows is none, nor is a signature by a secret.

use axum::http::header;
use tokenhouse_rules::oauth::assertion;
use tokenhouse_rules::oauth::client::{Authentication, ClientId, Settings};
use tokenhouse_rules::oauth::client_secret;
use tokenhouse_rules::oauth::jws::Typ;
use tokenhouse_store::{Error, Introspection, Subject};
use zeroize::Zeroizing;

use super::authorize::settings_of;
use super::client_authentication::UNKNOWN;
use super::client_keys;
use super::error::OAuthFailure;
use super::form::PostedForm;
use crate::app::App;

/// What an assertion may be made out to beside the issuer: the endpoint that it is shown to, whichever that is, and
/// the token endpoint at each (RFC 7523 §3, RFC 9126 §2).
const ENDPOINTS: [&str; 5] =
    ["/oauth2/token", "/oauth2/par", "/oauth2/introspect", "/oauth2/revoke", "/oauth2/device"];

/// The client that an assertion is of by its own word or by that of the form; none where there is no assertion.
///
/// # Errors
/// `invalid_client` for something else than a JWT, `invalid_request` beside a secret.
pub(super) fn named(form: &PostedForm) -> Result<Option<ClientId>, OAuthFailure> {
    let PostedForm { parameters, headers } = form;
    let text = match (parameters.text("client_assertion_type"), parameters.text("client_assertion"))
    {
        (None, None) => return Ok(None),
        (Some(assertion::TYPE), Some(text)) => text,
        _ => return Err(OAuthFailure::invalid_client("Only JWTs are taken as assertions")),
    };
    if parameters.has("client_secret") || headers.contains_key(header::AUTHORIZATION) {
        return Err(OAuthFailure::invalid_request("The client says in two ways who it is"));
    }
    let named = match parameters.text("client_id") {
        Some(id) => ClientId::parse(id).ok(),
        None => assertion::named(text),
    };
    named.map(Some).ok_or(UNKNOWN)
}

/// Judges the assertion by the client's keys or secrets, and uses it up; in which way the client showed who it is.
///
/// # Errors
/// `invalid_client`. More than that is told only to who holds one of the keys or secrets.
pub(super) async fn prove(
    app: &App,
    client: &ClientId,
    form: &PostedForm,
) -> Result<Authentication, OAuthFailure> {
    let question = Introspection { asking: client.to_string(), subject: Subject::Nothing };
    let found = app.store.introspect(question).await?;
    let known = found.asking.filter(|known| known.disabled_at.is_none()).ok_or(UNKNOWN)?;
    let settings = settings_of(&known)?;
    let text = form.needed("client_assertion", "The client_assertion is missing")?;
    let own = names(super::issuer(app), &settings);
    let judged = match settings.authentication {
        Authentication::PrivateKeyJwt => {
            let signed = (text, Typ::ClientAssertion);
            let keys = client_keys::find(app, (client, &settings), signed).await?;
            assertion::check(text, client, &keys, &own, found.now)
        }
        Authentication::ClientSecretJwt => {
            let secrets = secrets(app, client).await?;
            assertion::check_mac(text, client, &secrets, &own, found.now)
        }
        _ => return Err(UNKNOWN),
    };
    let once =
        judged.map_err(|bad| bad.description().map_or(UNKNOWN, OAuthFailure::invalid_client))?;
    if !app.store.use_once(&once.key, once.until).await? {
        return Err(OAuthFailure::invalid_client("The assertion was used before"));
    }
    Ok(settings.authentication)
}

/// What its assertions may be made out to: in the profile fapi2 the issuer alone (FAPI 2.0 §5.3.2.1).
fn names(issuer: &str, settings: &Settings) -> Vec<String> {
    let endpoints = ENDPOINTS.iter().filter(|_| !settings.is_fapi2());
    endpoints.chain([&""]).map(|path| format!("{issuer}{path}")).collect()
}

/// The client's secrets, opened. That none can be is not its fault: it is no answer to who may well be the client.
async fn secrets(app: &App, client: &ClientId) -> Result<Vec<Zeroizing<Vec<u8>>>, OAuthFailure> {
    let sealed = app.store.sealed_secrets(Some(client.as_str())).await?;
    let open = |bytes, id| client_secret::open(&app.root, (client.as_str(), id), bytes);
    let opened: Vec<_> = sealed.iter().filter_map(|one| open(&one.sealed, one.id)).collect();
    if opened.is_empty() && !sealed.is_empty() {
        let what = format!("no key of the root secret opens the secrets of client {client}");
        return Err(OAuthFailure::internal(Error::Corrupt(what)));
    }
    Ok(opened)
}
