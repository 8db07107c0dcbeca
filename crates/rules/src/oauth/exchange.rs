//! Token exchange (RFC 8693): a service has the token of somebody, and needs one for the next service.
//!
//! What it gets is never worth more than what it shows: the audiences that its client is registered for, scopes
//! that are in the token already, and no longer life. Who acted for somebody stays in the token for ever
//! (`act`, §4.1). Whether session, grant and clients live is a fact, judged before.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access_token::Audience;
use super::client::{ClientId, Settings};
use super::scope::{OFFLINE_ACCESS, OPENID, Scopes};
use crate::id::{GrantId, SessionId};

/// The most who may have acted for somebody, one after the other.
pub const MOST_ACTORS: usize = 4;

/// What a token is called (§3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType {
    /// An access token of either form.
    AccessToken,
    /// An access token that is a JWT.
    Jwt,
    /// The token of a session; no standard has a name for it.
    Session,
}

impl TokenType {
    /// All of them.
    pub const ALL: &[Self] = &[Self::AccessToken, Self::Jwt, Self::Session];

    /// As `subject_token_type` says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccessToken => "urn:ietf:params:oauth:token-type:access_token",
            Self::Jwt => "urn:ietf:params:oauth:token-type:jwt",
            Self::Session => "urn:tokenhouse:token-type:session",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// With what an exchanged token ends: what the very first token was given for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bond {
    /// A session.
    Session(SessionId),
    /// A grant.
    Grant(GrantId),
    /// A client that acts for itself.
    Client(String),
}

/// Who acts, and who acted before (§4.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// The person, or the client that acts for itself.
    pub sub: String,
    /// The client that a person acts through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Who acted before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Box<Self>>,
}

impl Act {
    fn length(&self) -> usize {
        1 + self.act.as_deref().map_or(0, Self::length)
    }
}

/// What a service asks for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// For whom, by `audience` and `resource` alike.
    pub audience: Vec<String>,
    /// What for; all that can be had where nothing is named.
    pub scope: Option<Scopes>,
}

/// A living token that is shown.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Whom it speaks for.
    pub sub: String,
    /// Whose it is and whom it is for; none for the token of a session, which knows of no client.
    pub issued: Option<(String, Audience)>,
    /// What it is good for; that of a session is good for anything.
    pub scope: Option<Scopes>,
    /// When it ends, in seconds since 1970.
    pub ends: u64,
    /// Who acts in it.
    pub act: Option<Act>,
    /// Who alone may act for its subject, where it says so (§4.4).
    pub may_act: Option<Value>,
}

impl Shown {
    /// Whether a client may show it: it is the one it was given to, or one that it is for. A token that slipped
    /// into other hands is not laundered here.
    fn may_be_shown_by(&self, (id, settings): (&ClientId, &Settings)) -> bool {
        let Some((client, audience)) = &self.issued else { return true };
        let own = settings.audience.as_deref();
        client == id.as_str()
            || audience.contains(id.as_str())
            || own.is_some_and(|own| audience.contains(own))
    }

    /// Whether it lets this one act. What is said in a way that is not understood here lets nobody.
    fn lets_act(&self, sub: &str) -> bool {
        self.may_act.as_ref().is_none_or(|may_act| *may_act == json!({ "sub": sub }))
    }
}

/// Why there is no token (§2.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// `invalid_request`.
    Subject,
    /// `invalid_request`.
    Actor,
    /// `invalid_request`: who acts must act for himself.
    ActorOfAnother,
    /// `invalid_request`.
    NotToAct,
    /// `invalid_request`.
    TooManyActors,
    /// `invalid_target`.
    Target,
    /// `invalid_scope`.
    Scope,
}

impl Refusal {
    /// For developers, in the characters of RFC 6749 §5.2.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Subject => "The subject_token is neither of this client nor for it",
            Self::Actor => "The actor_token is neither of this client nor for it",
            Self::ActorOfAnother => "The actor_token is one by which somebody acts for another",
            Self::NotToAct => "The subject_token says that another may act",
            Self::TooManyActors => "Too many have acted for the subject already",
            Self::Target => "The audience is missing, or none that the client may ask for",
            Self::Scope => "More is asked for than the subject_token or the client may do",
        }
    }
}

/// What the new token says beside whom it speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchanged {
    /// For whom.
    pub audience: Vec<String>,
    /// What for.
    pub scope: Scopes,
    /// When it ends at the latest, in seconds since 1970.
    pub ends: u64,
    /// Who acts.
    pub act: Option<Act>,
}

/// Judges an exchange by a client with its settings; its tokens name `issuer`.
///
/// # Errors
/// [`Refusal`].
pub fn judge(
    (id, settings): (&ClientId, &Settings),
    issuer: &str,
    wanted: &Wanted,
    subject: &Shown,
    actor: Option<&Shown>,
) -> Result<Exchanged, Refusal> {
    if !subject.may_be_shown_by((id, settings)) {
        return Err(Refusal::Subject);
    }
    if actor.is_some_and(|actor| !actor.may_be_shown_by((id, settings))) {
        return Err(Refusal::Actor);
    }
    // Without an actor it is the client itself that acts, in the name of the subject.
    if !subject.lets_act(actor.map_or(id.as_str(), |actor| &actor.sub)) {
        return Err(Refusal::NotToAct);
    }
    // This server's own endpoints are not among what others are given tokens for.
    let may_ask = |one: &String| one != issuer && settings.token_exchange.contains(one);
    if wanted.audience.is_empty() || !wanted.audience.iter().all(may_ask) {
        return Err(Refusal::Target);
    }
    Ok(Exchanged {
        audience: wanted.audience.clone(),
        scope: scope(settings, wanted.scope.as_ref(), subject)?,
        ends: actor.map_or(subject.ends, |actor| actor.ends.min(subject.ends)),
        act: chain(subject, actor)?,
    })
}

/// Signing in and lasting access are between a person and the application that she signed in to.
fn scope(settings: &Settings, wanted: Option<&Scopes>, subject: &Shown) -> Result<Scopes, Refusal> {
    let own = settings.scopes.difference(&Scopes::of(&[OPENID, OFFLINE_ACCESS]));
    let most = subject.scope.as_ref().map_or_else(|| own.clone(), |held| own.intersection(held));
    match wanted {
        None => Ok(most),
        Some(wanted) if wanted.is_subset(&most) => Ok(wanted.clone()),
        Some(_) => Err(Refusal::Scope),
    }
}

/// Who acts now before who acted; without an actor it stays as it is.
fn chain(subject: &Shown, actor: Option<&Shown>) -> Result<Option<Act>, Refusal> {
    let before = subject.act.clone();
    let Some(actor) = actor else { return Ok(before) };
    if actor.act.is_some() {
        return Err(Refusal::ActorOfAnother);
    }
    let through = actor.issued.as_ref().map(|(client, _)| client.clone());
    let act = Act {
        sub: actor.sub.clone(),
        client_id: through.filter(|client| *client != actor.sub),
        act: before.map(Box::new),
    };
    if act.length() > MOST_ACTORS { Err(Refusal::TooManyActors) } else { Ok(Some(act)) }
}

#[cfg(test)]
mod tests;
