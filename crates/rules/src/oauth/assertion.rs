//! How a client shows who it is by a token that it made itself, with a private key (`private_key_jwt`) or with its
//! secret (`client_secret_jwt`; OpenID Connect Core §9, RFC 7523 §2.2 and §3). Which of the two it is, its settings say
//! and never the token.
//!
//! An assertion names its client as issuer and as subject, this server and nobody else as audience, lives for ten
//! minutes at most, and is good once. An audience of several is taken only where all of them are this server: who
//! is shown an assertion that is also for somebody else could show it there (RFC 7523bis §4).

use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::client::ClientId;
use super::jwk::KeySet;
use super::jws::{self, BadJws, Typ};
use crate::time::Timestamp;

/// `client_assertion_type` (RFC 7523 §2.2).
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The longest life of an assertion.
const LONGEST: Duration = Duration::from_secs(600);
/// By how much the client's clock may be fast.
pub(super) const SKEW: Duration = Duration::from_secs(30);
/// How long beyond its end an assertion is remembered: time goes on between judging and noting it.
const REMEMBERED: Duration = Duration::from_secs(60);
/// The longest `jti`.
const MAX_JTI: usize = 255;

/// Why an assertion is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAssertion {
    /// No JWT that is made with one of the client's keys or secrets.
    #[error("the assertion is not signed by a key of the client: {0}")]
    Signature(BadJws),
    /// Not the client's own word about itself.
    #[error("iss and sub of the assertion must be the client_id")]
    Client,
    /// For somebody else, or for somebody else besides.
    #[error("aud of the assertion must be the issuer")]
    Audience,
    /// Without an end, or past it.
    #[error("the assertion has no exp, or has expired")]
    Expired,
    /// Made in the future, or good for longer than it may be.
    #[error("the assertion is not good yet, or for more than ten minutes")]
    TooLong,
    /// It cannot be told from others.
    #[error("jti of the assertion must be 1 to 255 characters")]
    NoName,
}

impl BadAssertion {
    /// What the client's developer is told. Of a signature that is wrong, nothing: it may be anybody's.
    pub const fn description(self) -> Option<&'static str> {
        match self {
            Self::Signature(_) => None,
            Self::Client => Some("iss and sub of the assertion must be the client_id"),
            Self::Audience => Some("aud of the assertion must be the issuer"),
            Self::Expired => Some("The assertion has no exp, or has expired"),
            Self::TooLong => Some("The assertion is not good yet, or for more than ten minutes"),
            Self::NoName => Some("jti of the assertion must be 1 to 255 characters"),
        }
    }
}

/// What is noted of an assertion, so that it is good once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    /// SHA-256 of what it is, whose it is, and its name.
    pub key: [u8; 32],
    /// Until when.
    pub until: Timestamp,
}

/// The client that an assertion says it is of. Nothing of it was checked.
pub fn named(text: &str) -> Option<ClientId> {
    let (_, rest) = text.split_once('.')?;
    let claims = jws::object(rest.split_once('.')?.0).ok()?;
    ClientId::parse(claims.get("sub")?.as_str()?).ok()
}

/// Judges an assertion of that client by its keys; `own` are the names of this server. Where it has one name alone, the
/// assertion has to be made out to that, and not to a list (FAPI 2.0 §5.3.2.1).
///
/// # Errors
/// [`BadAssertion`].
pub fn check(
    text: &str,
    client: &ClientId,
    keys: &KeySet,
    own: &[String],
    now: Timestamp,
) -> Result<Once, BadAssertion> {
    let verified =
        jws::verify(text, Typ::ClientAssertion, |kid, algorithm| keys.find(kid, algorithm))
            .map_err(BadAssertion::Signature)?;
    judge(&verified.claims, client, own, now)
}

/// The same of one that is made with one of the client's secrets.
///
/// # Errors
/// [`BadAssertion`].
pub fn check_mac(
    text: &str,
    client: &ClientId,
    secrets: &[Zeroizing<Vec<u8>>],
    own: &[String],
    now: Timestamp,
) -> Result<Once, BadAssertion> {
    let claims = jws::verify_mac(text, Typ::ClientAssertion, secrets);
    judge(&claims.map_err(BadAssertion::Signature)?, client, own, now)
}

fn judge(
    claims: &Map<String, Value>,
    client: &ClientId,
    own: &[String],
    now: Timestamp,
) -> Result<Once, BadAssertion> {
    if ["iss", "sub"].iter().any(|name| text_of(claims, name) != Some(client.as_str())) {
        return Err(BadAssertion::Client);
    }
    let audience = audience(claims).ok_or(BadAssertion::Audience)?;
    if audience.is_empty() || audience.iter().any(|name| !own.iter().any(|own| own == name)) {
        return Err(BadAssertion::Audience);
    }
    if own.len() == 1 && !claims.get("aud").is_some_and(Value::is_string) {
        return Err(BadAssertion::Audience);
    }
    let ends = life(claims, LONGEST, now).map_err(|bad| match bad {
        BadLife::Over => BadAssertion::Expired,
        BadLife::TooLong => BadAssertion::TooLong,
    })?;
    let name = text_of(claims, "jti").filter(|jti| (1..=MAX_JTI).contains(&jti.len()));
    let name = name.ok_or(BadAssertion::NoName)?;
    Ok(Once { key: once(client, name), until: ends.plus(REMEMBERED) })
}

fn once(client: &ClientId, name: &str) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for text in ["client-assertion", client.as_str(), name] {
        context.update(&(text.len() as u64).to_be_bytes());
        context.update(text.as_bytes());
    }
    let mut key = [0; 32];
    key.copy_from_slice(context.finish().as_ref());
    key
}

/// A member that is a text.
pub(super) fn text_of<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str()
}

/// For whom it is: one, or several (RFC 7519 §4.1.3).
pub(super) fn audience(claims: &Map<String, Value>) -> Option<Vec<&str>> {
    match claims.get("aud")? {
        Value::String(one) => Some(vec![one]),
        Value::Array(several) => several.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

/// What is wrong with the time of what a client signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadLife {
    /// It has ended, or would never.
    Over,
    /// It has not begun, or ends too late.
    TooLong,
}

/// When what a client signed ends, which has to be after `at`, but not longer after it than `most`.
pub(super) fn life(
    claims: &Map<String, Value>,
    most: Duration,
    at: Timestamp,
) -> Result<Timestamp, BadLife> {
    let ends = instant(claims, "exp").ok_or(BadLife::Over)?.filter(|ends| *ends > at);
    let ends = ends.ok_or(BadLife::Over)?;
    let soon = at.plus(SKEW);
    let begins_late = |name| match instant(claims, name) {
        None => true,
        Some(begins) => begins.is_some_and(|begins| begins > soon),
    };
    if ends > soon.plus(most) || begins_late("nbf") || begins_late("iat") {
        return Err(BadLife::TooLong);
    }
    Ok(ends)
}

/// A member that is an instant (RFC 7519 §2), if it is there; `None` when it is something else.
fn instant(claims: &Map<String, Value>, name: &str) -> Option<Option<Timestamp>> {
    let Some(value) = claims.get(name) else { return Some(None) };
    let seconds = value.as_f64()?;
    // Saturates: what lies outside of the range lies far in the past or the future.
    Some(Some(Timestamp::from_micros((seconds * 1e6) as i64)))
}

#[cfg(test)]
pub(super) mod tests;
