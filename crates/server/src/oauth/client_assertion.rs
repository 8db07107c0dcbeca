//! A client that shows who it is by a signature (`private_key_jwt`; RFC 7523 §2.2, OpenID Connect Core §9): at every
//! endpoint where others show a secret. Its keys are in its settings; none are fetched.

use axum::http::header;
use tokenhouse_rules::oauth::assertion;
use tokenhouse_rules::oauth::client::{Authentication, ClientId};
use tokenhouse_store::{Introspection, Subject};

use super::authorize::settings_of;
use super::client_authentication::UNKNOWN;
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

/// Judges the assertion by the client's keys, and uses it up.
///
/// # Errors
/// `invalid_client`. More than that is told only to who holds one of the keys.
pub(super) async fn prove(
    app: &App,
    client: &ClientId,
    form: &PostedForm,
) -> Result<(), OAuthFailure> {
    let question = Introspection { asking: client.to_string(), subject: Subject::Nothing };
    let found = app.store.introspect(question).await?;
    let known = found.asking.filter(|known| known.disabled_at.is_none()).ok_or(UNKNOWN)?;
    let settings = settings_of(&known)?;
    if settings.authentication != Authentication::PrivateKeyJwt {
        return Err(UNKNOWN);
    }
    let text = form.needed("client_assertion", "The client_assertion is missing")?;
    let issuer = super::issuer(app);
    let mut own: Vec<_> = ENDPOINTS.iter().map(|path| format!("{issuer}{path}")).collect();
    own.push(issuer.to_owned());
    let once = assertion::check(text, client, &settings.keys(), &own, found.now)
        .map_err(|bad| bad.description().map_or(UNKNOWN, OAuthFailure::invalid_client))?;
    if !app.store.use_once(&once.key, once.until).await? {
        return Err(OAuthFailure::invalid_client("The assertion was used before"));
    }
    Ok(())
}
