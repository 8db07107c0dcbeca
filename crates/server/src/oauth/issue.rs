//! What an application is given: access token (opaque, or a JWT of RFC 9068), ID token (OpenID Connect Core §2) and
//! refresh token, made of what was granted. Nothing here asks anybody anything.

use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;
use tokenhouse_rules::id::{GrantId, SessionId};
use tokenhouse_rules::oauth::access_token::{self, Claims};
use tokenhouse_rules::oauth::authorize::Authorized;
use tokenhouse_rules::oauth::claims::{self, IdToken, Mapping, Place};
use tokenhouse_rules::oauth::client::{Settings, TokenForm};
use tokenhouse_rules::oauth::jwk::Algorithm;
use tokenhouse_rules::oauth::jws::{self, SigningKey, Typ};
use tokenhouse_rules::oauth::refresh_token::{self, Turn};
use tokenhouse_rules::oauth::scope::{GROUPS, OPENID, Scopes};
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{Error, Owner};
use utoipa::ToSchema;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::client_authentication::Known;
use super::dpop::{self, Binding};
use super::error::OAuthFailure;
use super::keyring::Keys;
use super::userinfo;
use crate::app::App;
use crate::entropy;

/// How long an ID token may be shown to somebody else, in seconds. The application itself reads it at once.
const ID_TOKEN_LIFETIME: u64 = 3600;

/// The answer to a request for tokens (RFC 6749 §5.1).
#[derive(Serialize, ToSchema)]
pub(super) struct Tokens {
    /// For protected resources.
    #[schema(value_type = String)]
    pub access_token: Zeroizing<String>,
    /// `Bearer`, or `DPoP` where who shows it has to prove a key (RFC 9449).
    pub token_type: &'static str,
    /// Seconds until the access token ends.
    pub expires_in: u64,
    /// What it is good for.
    pub scope: String,
    /// What it is called, where one token was exchanged for it (RFC 8693 §2.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<&'static str>,
    /// For the next tokens, where the client may have such.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub refresh_token: Option<Zeroizing<String>>,
    /// Who signed in, with scope `openid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// For the next proof of the key, in a header.
    #[serde(skip)]
    pub dpop_nonce: Option<String>,
}

impl IntoResponse for Tokens {
    fn into_response(self) -> Response {
        let mut response = ([(header::PRAGMA, "no-cache")], Json(&self)).into_response();
        dpop::give(response.headers_mut(), self.dpop_nonce.as_ref());
        response
    }
}

/// What a person granted to an application, as far as tokens are made of it.
pub(super) struct Granted<'a> {
    pub known: &'a Known,
    /// The database's time.
    pub now: Timestamp,
    pub grant: GrantId,
    /// The grant's end in any case: no token outlives it.
    pub ends: Timestamp,
    pub session: Option<SessionId>,
    pub authorized: &'a Authorized,
    pub owner: &'a Owner,
    /// All that was authorized, or less.
    pub scope: Scopes,
    pub audience: Vec<String>,
    /// Of the request, for the first ID token only (OpenID Connect Core §12.2).
    pub nonce: Option<&'a str>,
    /// The refresh token to give, if one is.
    pub turn: Option<Turn>,
    /// The key that they are bound to, if one was proved.
    pub dpop: Option<Binding>,
}

impl Granted<'_> {
    /// Makes them.
    ///
    /// # Errors
    /// When there is no key to sign with, or one of them would be longer than anybody reads.
    pub(super) fn tokens(self, app: &App, keys: &Keys) -> Result<Tokens, OAuthFailure> {
        let settings = &self.known.settings;
        let owner = self.owner;
        let mapping = Mapping::of(settings, &owner.groups, owner.document.as_deref());
        let claims = self.claims(app, &mapping);
        let access_token = seal(app, settings, keys, (&claims, self.now))?;
        let id_token = match self.scope.contains(OPENID) {
            true => Some(self.id_token(app, keys, (&access_token, &mapping))?),
            false => None,
        };
        // Who has to show who it is proves enough by that (RFC 9449 §5).
        let key = self.dpop.as_ref().map(|dpop| &dpop.key).filter(|_| !settings.is_confidential());
        let refresh = |turn| refresh_token::seal(self.grant, turn, key, &app.root);
        Ok(Tokens {
            access_token,
            token_type: dpop::token_type(self.dpop.as_ref()),
            expires_in: claims.exp.saturating_sub(claims.iat),
            scope: claims.scope,
            issued_token_type: None,
            refresh_token: self.turn.map(refresh),
            id_token,
            dpop_nonce: self.dpop.map(|dpop| dpop.nonce),
        })
    }

    fn claims(&self, app: &App, mapping: &Mapping<'_>) -> Claims {
        let Self { authorized, owner, .. } = self;
        let iat = self.now.seconds();
        let lifetime = self.known.settings.access_token_lifetime;
        Claims {
            iss: super::issuer(app).to_owned(),
            sub: owner.user.id.to_string(),
            aud: self.audience.clone().into(),
            client_id: self.known.client.id.clone(),
            exp: (iat + lifetime).min(self.ends.seconds()),
            iat,
            jti: unique(),
            scope: self.scope.to_string(),
            auth_time: Some(authorized.auth_time),
            acr: authorized.acr.clone(),
            amr: Some(authorized.amr.clone()),
            gid: Some(self.grant),
            groups: self.scope.contains(GROUPS).then(|| owner.groups.clone()),
            extra: mapping.told(Place::AccessToken),
            cnf: dpop::confirmed(self.dpop.as_ref()),
            act: None,
            bond: None,
        }
    }

    /// Claims that scopes stand for are the userinfo endpoint's (OpenID Connect Core §5.4), unless they are asked for
    /// here (§5.5); groups, which are no standard, are for services that see nothing but this token.
    fn id_token(
        &self,
        app: &App,
        keys: &Keys,
        (access, mapping): (&str, &Mapping<'_>),
    ) -> Result<String, OAuthFailure> {
        let Self { authorized, owner, .. } = self;
        let key = signer(&self.known.settings, keys, self.now)?;
        let mut extra = mapping.told(Place::IdToken);
        let asked = &authorized.claims.id_token;
        extra.extend(claims::userinfo(&Scopes::default(), asked, &userinfo::subject(owner)));
        if self.scope.contains(GROUPS) {
            extra.insert("groups".to_owned(), Value::from(owner.groups.clone()));
        }
        let iat = self.now.seconds();
        let at_hash = jws::at_hash(key.algorithm(), access);
        let claims = claims::id_token(IdToken {
            issuer: super::issuer(app),
            client: &self.known.client.id,
            subject: owner.user.id,
            nonce: self.nonce,
            auth_time: Some(authorized.auth_time),
            acr: authorized.acr.as_deref(),
            amr: &authorized.amr,
            sid: self.session,
            at_hash: Some(&at_hash),
            iat,
            exp: iat + ID_TOKEN_LIFETIME,
            extra,
        });
        Ok(key.sign(Typ::IdToken, &claims)?)
    }
}

/// An access token in the form that the client gets.
///
/// # Errors
/// When there is no key to sign with, or it would be longer than anybody reads.
pub(super) fn seal(
    app: &App,
    settings: &Settings,
    keys: &Keys,
    (claims, now): (&Claims, Timestamp),
) -> Result<Zeroizing<String>, OAuthFailure> {
    Ok(match settings.access_token {
        TokenForm::Opaque => access_token::seal(claims, &app.root, entropy::bytes())?,
        TokenForm::Jwt => access_token::sign(claims, signer(settings, keys, now)?)?.into(),
    })
}

/// The key that signs for this client.
///
/// # Errors
/// When the root secret opens none.
pub(super) fn signer<'a>(
    settings: &Settings,
    keys: &'a Keys,
    now: Timestamp,
) -> Result<&'a SigningKey, OAuthFailure> {
    signer_by(settings.id_token_algorithm, keys, now)
}

/// The key that signs by this algorithm.
///
/// # Errors
/// When the root secret opens none.
pub(super) fn signer_by(
    algorithm: Algorithm,
    keys: &Keys,
    now: Timestamp,
) -> Result<&SigningKey, OAuthFailure> {
    keys.signer(algorithm, now).ok_or_else(|| {
        let name = algorithm.name();
        OAuthFailure::internal(Error::Corrupt(format!("no key that can be opened signs {name}")))
    })
}

/// What nothing else is called.
pub(super) fn unique() -> Uuid {
    uuid::Builder::from_random_bytes(entropy::bytes()).into_uuid()
}
