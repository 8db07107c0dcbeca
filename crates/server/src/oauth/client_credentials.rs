//! `grant_type=client_credentials` (RFC 6749 §4.4): an access token for an application by itself, for nobody.
//!
//! Its subject is the client (RFC 9068 §5: a client's name cannot be a user's, which is a UUID of this server's
//! making). There is no row of it; it ends by its time, or by a note that it was revoked.

use tokenhouse_rules::oauth::access_token::Claims;
use tokenhouse_rules::oauth::claims::{Mapping, Place};
use tokenhouse_rules::oauth::client::{Authentication, GrantType};
use tokenhouse_rules::oauth::scope::{
    ADDRESS, EMAIL, GROUPS, OFFLINE_ACCESS, OPENID, PHONE, PROFILE, Scopes,
};
use tokenhouse_rules::time::Timestamp;

use super::client_authentication::Known;
use super::error::{Code, OAuthFailure};
use super::issue::{self, Tokens};
use super::token::Asked;
use super::{dpop, narrow};

/// What is about a person.
const PERSONAL: [&str; 7] = [OPENID, PROFILE, EMAIL, ADDRESS, PHONE, GROUPS, OFFLINE_ACCESS];

/// Makes the token; the client was judged.
pub(super) async fn tokens(
    asked: &Asked<'_>,
    known: &Known,
    now: Timestamp,
) -> Result<Tokens, OAuthFailure> {
    let (app, settings) = (asked.app, &known.settings);
    known.may(GrantType::ClientCredentials)?;
    if settings.authentication == Authentication::None {
        let why = "A client without a secret has no token of its own";
        return Err(OAuthFailure::new(Code::UnauthorizedClient, why));
    }
    let allowed = settings.scopes.difference(&Scopes::of(&PERSONAL));
    let scope = narrow::scope(narrow::asked_scope(asked.form)?.as_ref(), &allowed)?;
    let issuer = super::issuer(app);
    let usual = vec![settings.audience.clone().unwrap_or_else(|| issuer.to_owned())];
    let audience = narrow::audience(asked.form, &settings.resources, usual)?;
    let dpop = asked.proved(known, now, None).await?;
    let keys = app.keyring.keys(app).await?;
    let (iat, lifetime) = (now.seconds(), settings.access_token_lifetime);
    let claims = Claims {
        iss: issuer.to_owned(),
        sub: known.client.id.clone(),
        aud: audience.into(),
        client_id: known.client.id.clone(),
        exp: iat + lifetime,
        iat,
        jti: issue::unique(),
        scope: scope.to_string(),
        auth_time: None,
        acr: None,
        amr: None,
        gid: None,
        groups: None,
        extra: Mapping::of_nobody(settings).told(Place::AccessToken),
        cnf: dpop::confirmed(dpop.as_ref()),
        act: None,
        bond: None,
    };
    Ok(Tokens {
        access_token: issue::seal(app, settings, &keys, (&claims, now))?,
        token_type: dpop::token_type(dpop.as_ref()),
        expires_in: lifetime,
        scope: claims.scope,
        issued_token_type: None,
        refresh_token: None,
        id_token: None,
        dpop_nonce: dpop.map(|bound| bound.nonce),
    })
}
