//! `grant_type=urn:ietf:params:oauth:grant-type:token-exchange` (RFC 8693): a service that was shown a token gets
//! another one for the next service, always a JWT (RFC 9068).
//!
//! One question judges client, subject and actor; nothing is written but, now and then, that a session is in use.
//! What the token names ends it: the session or grant at the beginning, and the client that got it.

mod shown;

use serde_json::json;
use tokenhouse_rules::oauth::access_token::{self, Claims};
use tokenhouse_rules::oauth::authorize::{ACR, AMR_PASSWORD};
use tokenhouse_rules::oauth::claims::{Mapping, Place};
use tokenhouse_rules::oauth::client::{GrantType, Settings};
use tokenhouse_rules::oauth::dpop::Thumbprint;
use tokenhouse_rules::oauth::exchange::{self, Exchanged, Refusal, TokenType, Wanted};
use tokenhouse_rules::oauth::scope::GROUPS;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{Alive, Error, ExchangeQuestion, Introspected, Owner};

use self::shown::Token;
use super::client_authentication::Known;
use super::error::{Code, OAuthFailure};
use super::issue::{self, Tokens};
use super::token::Asked;
use super::{dpop, narrow};
use crate::app::App;
use crate::log::Level;
use crate::presence;

const SUBJECT: OAuthFailure =
    OAuthFailure::invalid_request("The subject_token is not valid (any more)");
const ACTOR: OAuthFailure =
    OAuthFailure::invalid_request("The actor_token is not valid (any more)");

/// What an exchange is judged by.
pub(super) struct Facts {
    now: Timestamp,
    wanted: Wanted,
    issued: TokenType,
    /// None where it is garbage, or is over.
    subject: Option<(Token, Alive)>,
    actor: Actor,
}

/// Who is to act.
enum Actor {
    Nobody,
    /// What is shown of him is worth nothing.
    Dead,
    Alive(Box<Token>),
}

/// The client, and what lives of the tokens that it shows. Garbage is not looked up.
pub(super) async fn facts(asked: &Asked<'_>) -> Result<(Known, Facts), OAuthFailure> {
    let (app, form) = (asked.app, asked.form);
    let wanted = wanted(asked)?;
    let issued = issued(asked)?;
    let subject = shown::subject(app, form).await?;
    let actor = shown::actor(app, form).await?;
    let question = ExchangeQuestion {
        client: asked.claimed.id.to_string(),
        subject: subject.as_ref().map(|token| token.party.clone()),
        actor: actor.iter().flatten().next().map(|token| token.party.clone()),
    };
    let found = app.store.exchange_facts(question).await?;
    let known = asked.claimed.judge(found.client)?;
    let now = found.now;
    let lives = |token: &Token| token.shown.ends > now.seconds();
    let subject = subject.zip(found.subject).map(|(mut token, alive)| {
        token.ends_with(alive.expiry);
        (token, alive)
    });
    let actor = match actor {
        None => Actor::Nobody,
        Some(Some(token)) if found.actor_lives && lives(&token) => Actor::Alive(Box::new(token)),
        Some(_) => Actor::Dead,
    };
    let subject = subject.filter(|(token, _)| lives(token));
    Ok((known, Facts { now, wanted, issued, subject, actor }))
}

/// Judges, and makes the token.
pub(super) async fn tokens(
    asked: &Asked<'_>,
    known: &Known,
    Facts { now, wanted, issued, subject, actor }: Facts,
) -> Result<Tokens, OAuthFailure> {
    let (app, settings) = (asked.app, &known.settings);
    known.may(GrantType::TokenExchange)?;
    if !settings.is_confidential() {
        let why = "A client that cannot show who it is exchanges nothing";
        return Err(OAuthFailure::new(Code::UnauthorizedClient, why));
    }
    let (subject, alive) = subject.filter(|(token, alive)| token.is_of(alive)).ok_or(SUBJECT)?;
    let actor = match &actor {
        Actor::Nobody => None,
        Actor::Dead => return Err(ACTOR),
        Actor::Alive(token) => Some(token.as_ref()),
    };
    let client = (&asked.claimed.id, settings);
    let acts = actor.map(|token| &token.shown);
    let exchanged = exchange::judge(client, super::issuer(app), &wanted, &subject.shown, acts)
        .map_err(refused)?;
    let dpop = asked.proved(known, now, key(&subject, actor, known)?).await?;
    let keys = app.keyring.keys(app).await?;
    let cnf = dpop::confirmed(dpop.as_ref());
    let claims = Claims { cnf, ..claims(app, (known, now), (&subject, &alive), &exchanged) };
    let signed = access_token::sign(&claims, issue::signer(settings, &keys, now)?)?;
    if let (Some(session), Some(expiry)) = (&subject.session, alive.expiry) {
        presence::renew(app, session, expiry, now).await;
    }
    note(asked, &claims);
    Ok(Tokens {
        access_token: signed.into(),
        token_type: dpop::token_type(dpop.as_ref()),
        expires_in: claims.exp.saturating_sub(claims.iat),
        scope: claims.scope,
        issued_token_type: Some(issued.name()),
        refresh_token: None,
        id_token: None,
        dpop_nonce: dpop.map(|bound| bound.nonce),
    })
}

/// The key that the client has to prove: one proof is for all that it shows of its own.
fn key<'a>(
    subject: &'a Token,
    actor: Option<&'a Token>,
    known: &Known,
) -> Result<Option<&'a Thumbprint>, OAuthFailure> {
    let of = |token: &'a Token| token.key_of(&known.client.id);
    match (of(subject), actor.and_then(of)) {
        (Some(one), Some(other)) if one != other => Err(ACTOR),
        (one, other) => Ok(one.or(other)),
    }
}

/// What is known of an exchanged token that somebody asks about, and of who asks.
pub(super) async fn worth(
    app: &App,
    asking: String,
    claims: &Claims,
) -> Result<Introspected, Error> {
    let subject = shown::party(claims);
    let question = ExchangeQuestion { client: asking, subject, actor: None };
    let found = app.store.exchange_facts(question).await?;
    Ok(Introspected {
        now: found.now,
        asking: found.client,
        grant: None,
        client_lives: found.subject.is_some(),
    })
}

/// For whom and what for: `audience` and `resource` alike, as many as are named (RFC 8693 §2.1).
fn wanted(asked: &Asked<'_>) -> Result<Wanted, OAuthFailure> {
    let parameters = &asked.form.parameters;
    let mut audience: Vec<String> = Vec::new();
    for name in parameters.all("audience").chain(parameters.all("resource")) {
        if !audience.iter().any(|known| known == name) {
            audience.push(name.to_owned());
        }
    }
    Ok(Wanted { audience, scope: narrow::asked_scope(asked.form)? })
}

/// What the new token is to be called; it is the same in either case.
fn issued(asked: &Asked<'_>) -> Result<TokenType, OAuthFailure> {
    let Some(name) = asked.form.parameters.text("requested_token_type") else {
        return Ok(TokenType::AccessToken);
    };
    let other = OAuthFailure::invalid_request("No token of the requested_token_type is given here");
    TokenType::named(name).filter(|kind| *kind != TokenType::Session).ok_or(other)
}

fn claims(
    app: &App,
    (known, now): (&Known, Timestamp),
    (subject, alive): (&Token, &Alive),
    exchanged: &Exchanged,
) -> Claims {
    let (iat, former) = (now.seconds(), subject.claims.as_deref());
    let of_session = alive.since.filter(|_| former.is_none());
    let owner = alive.owner.as_ref().filter(|_| exchanged.scope.contains(GROUPS));
    Claims {
        iss: super::issuer(app).to_owned(),
        sub: subject.shown.sub.clone(),
        aud: exchanged.audience.clone().into(),
        client_id: known.client.id.clone(),
        exp: exchanged.ends.min(iat + known.settings.access_token_lifetime),
        iat,
        jti: issue::unique(),
        scope: exchanged.scope.to_string(),
        auth_time: former.map_or_else(|| of_session.map(|since| since.seconds()), |c| c.auth_time),
        acr: former.map_or_else(|| Some(ACR.to_owned()), |claims| claims.acr.clone()),
        amr: former.map_or_else(|| Some(vec![AMR_PASSWORD.to_owned()]), |c| c.amr.clone()),
        gid: None,
        groups: owner.map(|owner| owner.groups.clone()),
        act: exchanged.act.clone(),
        bond: Some(subject.bond.clone()),
        cnf: None,
        extra: mapping(&known.settings, alive.owner.as_ref()).told(Place::AccessToken),
    }
}

/// What is mapped for the client that gets the token, as in all other tokens that name it (RFC 9068 §2.2): whom it is
/// for need not be a client.
fn mapping<'a>(settings: &'a Settings, owner: Option<&'a Owner>) -> Mapping<'a> {
    match owner {
        Some(owner) => Mapping::of(settings, &owner.groups, owner.document.as_deref()),
        None => Mapping::of_nobody(settings),
    }
}

fn refused(refusal: Refusal) -> OAuthFailure {
    let code = match refusal {
        Refusal::Target => Code::InvalidTarget,
        Refusal::Scope => Code::InvalidScope,
        // RFC 8693 §2.2.2 asks for this one, not for `invalid_grant`.
        Refusal::Subject
        | Refusal::Actor
        | Refusal::ActorOfAnother
        | Refusal::NotToAct
        | Refusal::TooManyActors => Code::InvalidRequest,
    };
    OAuthFailure::new(code, refusal.text())
}

/// Who got a token to act for whom is told to auditors by the log: there is no row of it.
fn note(asked: &Asked<'_>, claims: &Claims) {
    let attributes = json!({
        "tokenhouse.token.subject": claims.sub,
        "tokenhouse.token.audience": claims.aud,
        "tokenhouse.token.actor": claims.act.as_ref().map(|act| act.sub.as_str()),
        "tokenhouse.client.id": claims.client_id,
        "client.address": asked.peer.address_text(),
        "tokenhouse.request.id": asked.peer.request_id,
    });
    asked.app.log.event(Level::Info, "tokenhouse.token.exchanged", attributes);
}
