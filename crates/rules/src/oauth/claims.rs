//! What an application learns of a person (OpenID Connect Core §5): by scope from the userinfo endpoint, and of her
//! sign-in from the ID token.
//!
//! Name and address come from her account; what no column holds, from a JSON object of standard claims that an
//! operator sets. What the account says wins.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

pub use super::Fault;
use super::scope::{self, Scopes};
use crate::id::{SessionId, UserId};
use crate::time::Timestamp;

pub mod mapping;
mod requested;
mod standard;

pub use mapping::{MAY_ACT, Mapping, Place};
pub use requested::{BadClaims, Names, Requested};
pub use standard::check_claims;

/// A person, as far as applications may learn of her.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// `sub`: for ever hers, and the same for every application.
    pub id: UserId,
    /// `preferred_username`.
    pub username: &'a str,
    /// `email`.
    pub email: Option<&'a str>,
    /// Whether mail to it is known to reach her.
    pub email_verified: bool,
    /// The language she chose.
    pub language: Option<&'a str>,
    /// When any of this was last changed, if known.
    pub updated_at: Option<Timestamp>,
    /// Her other standard claims, a JSON object.
    pub claims: Option<&'a str>,
    /// Her groups, by name.
    pub groups: &'a [String],
}

/// The scope that stands for a claim of a person among others (§5.4).
fn scope_of(name: &str) -> Option<&'static str> {
    match name {
        "preferred_username" | "updated_at" => Some(scope::PROFILE),
        "email" | "email_verified" => Some(scope::EMAIL),
        "groups" => Some(scope::GROUPS),
        _ => standard::scope_of(name),
    }
}

/// What the userinfo endpoint answers (§5.3): the claims that scopes stand for (§5.4), and those that were asked
/// for one by one (§5.5).
pub fn userinfo(
    scopes: &Scopes,
    asked: &BTreeSet<String>,
    subject: &Subject<'_>,
) -> Map<String, Value> {
    let tells = |name: &str| {
        asked.contains(name) || scope_of(name).is_some_and(|scope| scopes.contains(scope))
    };
    let mut told = Map::new();
    told.insert("sub".to_owned(), subject.id.to_string().into());
    let set: Map<String, Value> =
        subject.claims.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    for (name, value) in set {
        if standard::scope_of(&name).is_some() && tells(&name) {
            told.insert(name, value);
        }
    }
    if let Some(language) = subject.language.filter(|_| tells("locale")) {
        told.entry("locale").or_insert_with(|| language.into());
    }
    let of_account = [
        ("preferred_username", Some(subject.username.into())),
        ("updated_at", subject.updated_at.map(|at| at.seconds().into())),
        ("email", subject.email.map(Value::from)),
        ("email_verified", subject.email.map(|_| subject.email_verified.into())),
        ("groups", Some(subject.groups.into())),
    ];
    for (name, value) in of_account {
        if let Some(value) = value.filter(|_| tells(name)) {
            told.insert(name.to_owned(), value);
        }
    }
    told
}

/// What an ID token says (§2). Instants are seconds since the Unix epoch.
#[derive(Clone, Debug)]
pub struct IdToken<'a> {
    /// `iss`.
    pub issuer: &'a str,
    /// `aud`.
    pub client: &'a str,
    /// `sub`.
    pub subject: UserId,
    /// As it was sent with the request.
    pub nonce: Option<&'a str>,
    /// When she signed in.
    pub auth_time: Option<u64>,
    /// By how strong a means.
    pub acr: Option<&'a str>,
    /// By which means (RFC 8176).
    pub amr: &'a [String],
    /// The session in which she did.
    pub sid: Option<SessionId>,
    /// Ties the access token to it (§3.1.3.6).
    pub at_hash: Option<&'a str>,
    /// When it is made.
    pub iat: u64,
    /// When it expires.
    pub exp: u64,
    /// Claims of the person beside; none of them is taken for one of those above.
    pub extra: Map<String, Value>,
}

/// The names that no claim of a person may take in an ID token.
const OF_THE_TOKEN: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "nonce",
    "auth_time",
    "acr",
    "amr",
    "azp",
    "sid",
    "at_hash",
    "c_hash",
    "s_hash",
    "cnf",
    "events",
];

/// The claims of an ID token.
pub fn id_token(token: IdToken<'_>) -> Map<String, Value> {
    let mut claims = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            claims.insert(name.to_owned(), value);
        }
    };
    put("iss", Some(token.issuer.into()));
    put("sub", Some(token.subject.to_string().into()));
    put("aud", Some(token.client.into()));
    put("exp", Some(token.exp.into()));
    put("iat", Some(token.iat.into()));
    put("auth_time", token.auth_time.map(Value::from));
    put("nonce", token.nonce.map(Value::from));
    put("acr", token.acr.map(Value::from));
    put("amr", Some(token.amr).filter(|means| !means.is_empty()).map(Value::from));
    put("sid", token.sid.map(|session| session.to_string().into()));
    put("at_hash", token.at_hash.map(Value::from));
    for (name, value) in token.extra {
        if !OF_THE_TOKEN.contains(&name.as_str()) {
            put(&name, Some(value));
        }
    }
    claims
}

#[cfg(test)]
mod tests;
