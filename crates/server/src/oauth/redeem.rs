//! `grant_type=authorization_code` (RFC 6749 §4.1.3): a code becomes a grant, once, whoever tries at once.
//!
//! It has to be presented by the client it was issued to, with the address it was sent to and the verifier that its
//! challenge was made from; a verifier without a challenge is refused as well (RFC 9700 §4.8.2). A code that is
//! presented again ends what was given for it (RFC 6749 §4.1.2).

use std::time::Duration;

use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::{CodeId, GrantId};
use tokenhouse_rules::oauth::authorize::Authorized;
use tokenhouse_rules::oauth::client::{GrantType, Settings};
use tokenhouse_rules::oauth::code::{self, Presented};
use tokenhouse_rules::oauth::pkce;
use tokenhouse_rules::oauth::refresh_token::{Sealer, Turn};
use tokenhouse_rules::oauth::scope::OFFLINE_ACCESS;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_rules::token::is_same_hash;
use tokenhouse_store::{Code, Error, GrantLifetime, Redeem, Redeemed};
use uuid::Uuid;

use super::client_authentication::Known;
use super::error::OAuthFailure;
use super::form::PostedForm;
use super::issue::{Granted, Tokens};
use super::narrow;
use super::token::Asked;
use crate::entropy;
use crate::log::Level;

const NOT_VALID: OAuthFailure = OAuthFailure::invalid_grant("The code is not valid (any more)");

/// What redeeming is judged by.
pub(super) struct Facts {
    now: Timestamp,
    /// None where the code is no code of ours, or of nobody.
    code: Option<(Presented, Code)>,
}

/// The client, and the code that it presents. Garbage is not looked up.
pub(super) async fn facts(asked: &Asked<'_>) -> Result<(Known, Facts), OAuthFailure> {
    let text = asked.form.needed("code", "The code is missing")?;
    let Ok(presented) = code::open(text, &asked.app.root) else {
        let (known, now) = asked.known().await?;
        return Ok((known, Facts { now, code: None }));
    };
    let client = asked.claimed.id.to_string();
    let found = asked.app.store.code_facts(&client, presented.id).await?;
    let known = asked.claimed.judge(found.client)?;
    Ok((known, Facts { now: found.now, code: found.code.map(|code| (presented, code)) }))
}

/// Judges, commits, and makes the tokens.
pub(super) async fn tokens(
    asked: &Asked<'_>,
    known: &Known,
    Facts { now, code }: Facts,
) -> Result<Tokens, OAuthFailure> {
    known.may(GrantType::AuthorizationCode)?;
    let is_its_own = |(presented, code): &(Presented, Code)| {
        code.client == known.client.id && is_same_hash(&code.secret_hash, &presented.secret_hash)
    };
    let (Presented { id, .. }, code) = code.filter(is_its_own).ok_or(NOT_VALID)?;
    let authorized = read(&code.authorized)?;
    if !code.used {
        bound(asked.form, &authorized)?;
    }
    give(asked, known, (id, now), (&code, &authorized)).await
}

/// Uses up a code that is the client's own, and makes the tokens. Where the code came from does not matter here.
pub(super) async fn give(
    asked: &Asked<'_>,
    known: &Known,
    (id, now): (CodeId, Timestamp),
    (code, authorized): (&Code, &Authorized),
) -> Result<Tokens, OAuthFailure> {
    let redeem = write(asked, known, authorized, (id, now));
    if code.used {
        // Asked all the same: only that ends what was given for it.
        commit(asked, code, redeem).await?;
        return Err(NOT_VALID);
    }
    if !code.open {
        return Err(NOT_VALID);
    }
    let (app, issuer) = (asked.app, super::issuer(asked.app));
    let scope = authorized.scope.clone();
    let usual = narrow::usual_audience(&authorized.resource, (&known.settings, issuer), &scope);
    let audience = narrow::audience(asked.form, &authorized.resource, usual)?;
    let dpop = asked.proved(known, now, authorized.dpop_jkt.as_ref()).await?;
    let keys = app.keyring.keys(app).await?;
    let ends = now.plus(redeem.lifetime.absolute);
    let first = Turn { generation: 0, sealer: Sealer::first(&app.root) };
    let granted = Granted {
        known,
        now,
        grant: GrantId::from_uuid(id.uuid()),
        ends,
        session: Some(code.session),
        authorized,
        owner: &code.owner,
        scope,
        audience,
        nonce: authorized.nonce.as_deref(),
        turn: known.settings.allows(GrantType::RefreshToken).then_some(first),
        dpop,
    };
    // Before the write: nothing may fail after it.
    let given = granted.tokens(app, &keys)?;
    commit(asked, code, redeem).await?;
    Ok(given)
}

/// The one write: whoever comes second ends what the first was given.
async fn commit(asked: &Asked<'_>, code: &Code, redeem: Redeem) -> Result<(), OAuthFailure> {
    match asked.app.store.redeem_code(redeem).await? {
        Redeemed::Done => {
            note(asked, Level::Info, "tokenhouse.grant.created", code);
            Ok(())
        }
        Redeemed::Gone => Err(NOT_VALID),
        Redeemed::Replayed => {
            note(asked, Level::Warn, "tokenhouse.code.replayed", code);
            Err(NOT_VALID)
        }
    }
}

/// What was authorized, as a row holds it.
pub(super) fn read(text: &str) -> Result<Authorized, OAuthFailure> {
    serde_json::from_str(text).map_err(|error| {
        OAuthFailure::internal(Error::Corrupt(format!("what was authorized: {error}")))
    })
}

/// Whether who redeems is who asked: it knows where the code was sent to and what its challenge was made from.
fn bound(form: &PostedForm, authorized: &Authorized) -> Result<(), OAuthFailure> {
    let uri = form.needed("redirect_uri", "The redirect_uri is missing")?;
    if uri != authorized.redirect_uri {
        let why = "The redirect_uri is not the one that the code was sent to";
        return Err(OAuthFailure::invalid_grant(why));
    }
    let verifier = form.parameters.text("code_verifier");
    pkce::check(authorized.code_challenge.as_ref(), verifier).map_err(|bad| {
        OAuthFailure::invalid_grant(match bad {
            pkce::BadVerifier::Missing => "The code_verifier is missing",
            pkce::BadVerifier::Unasked => "There was no code_challenge",
            pkce::BadVerifier::Wrong => "The code_verifier is wrong",
        })
    })
}

fn write(
    asked: &Asked<'_>,
    known: &Known,
    authorized: &Authorized,
    (code, now): (CodeId, Timestamp),
) -> Redeem {
    let lasting = known.settings.allows(GrantType::RefreshToken);
    Redeem {
        code,
        client: known.client.id.clone(),
        operation: Uuid::from_bytes(entropy::bytes()),
        offline: lasting && authorized.scope.contains(OFFLINE_ACCESS),
        lifetime: lifetime(&known.settings),
        trail: asked.peer.trail(Event::GrantMade, now),
        replayed: asked.peer.trail(Event::CodeReplayed, now),
    }
}

/// A grant that cannot be renewed ends with its access token.
fn lifetime(settings: &Settings) -> GrantLifetime {
    if settings.allows(GrantType::RefreshToken) {
        let [idle, absolute] =
            [settings.refresh_idle, settings.refresh_absolute].map(Duration::from_secs);
        return GrantLifetime { idle, absolute };
    }
    let once = Duration::from_secs(settings.access_token_lifetime);
    GrantLifetime { idle: once, absolute: once }
}

fn note(asked: &Asked<'_>, level: Level, name: &str, code: &Code) {
    let attributes = json!({
        "user.id": code.owner.user.id.to_string(),
        "tokenhouse.client.id": code.client,
        "client.address": asked.peer.address_text(),
        "tokenhouse.request.id": asked.peer.request_id,
    });
    asked.app.log.event(level, name, attributes);
}
