//! A token that a service behind a proxy gets with a request, where its client says so: signed (RFC 9068), fresh,
//! and short-lived, so that the service need not believe a header. Made of what was judged; nothing is stored.

use axum::http::HeaderValue;
use tokenhouse_rules::oauth::access_token::{self, Claims};
use tokenhouse_rules::oauth::claims::{Mapping, Place};
use tokenhouse_rules::oauth::client::Settings;
use tokenhouse_store::{AccessFacts, Client as Application, Error};
use uuid::Builder;

use super::asked::Asked;
use crate::app::App;
use crate::entropy;
use crate::error::Problem;

/// What stands in `Authorization` for the service; nothing where nobody is signed in. The token is for the service
/// alone: its audience is that of the client's settings, or else the origin that was asked for, never this server.
///
/// # Errors
/// When there is no key to sign with.
pub(super) async fn bearer(
    app: &App,
    (client, settings): (&Application, &Settings),
    facts: &AccessFacts,
    asked: &Asked,
) -> Result<HeaderValue, Problem> {
    let Some(signed_in) = &facts.signed_in else { return Ok(HeaderValue::from_static("")) };
    let keys = app.keyring.keys(app).await?;
    let algorithm = settings.id_token_algorithm;
    let key = keys.signer(algorithm, facts.now).ok_or_else(|| {
        Error::Corrupt(format!("no key that can be opened signs {}", algorithm.name()))
    })?;
    let origin = || asked.address.origin().to_string();
    let (owner, iat) = (&signed_in.owner, facts.now.seconds());
    let mapping = Mapping::of(settings, &owner.groups, owner.document.as_deref());
    let claims = Claims {
        iss: app.settings.issuer().to_owned(),
        sub: owner.user.id.to_string(),
        aud: vec![settings.audience.clone().unwrap_or_else(origin)].into(),
        client_id: client.id.clone(),
        exp: iat + settings.access_token_lifetime,
        iat,
        jti: Builder::from_random_bytes(entropy::bytes()).into_uuid(),
        scope: settings.scopes.to_string(),
        auth_time: Some(signed_in.since.seconds()),
        acr: None,
        amr: None,
        gid: None,
        groups: Some(owner.groups.clone()),
        extra: mapping.told(Place::AccessToken),
        cnf: None,
        act: None,
        bond: None,
    };
    let text = access_token::sign(&claims, key).map_err(|error| {
        Error::Corrupt(format!("the token of {} for {}: {error}", owner.user.id, client.id))
    })?;
    let text = format!("Bearer {text}");
    let mut value = HeaderValue::try_from(text).expect("a compact JWS is ASCII");
    value.set_sensitive(true);
    Ok(value)
}
