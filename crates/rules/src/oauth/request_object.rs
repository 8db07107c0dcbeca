//! A request for authorization that its client signed (RFC 9101, OpenID Connect Core §6.1).
//!
//! What counts is what it holds; the parameters beside it say whose it is and no more (RFC 9101 §6.3). It is for this
//! server, ends within an hour, and has the type of its kind, so that nothing else that a client signs is taken for
//! a request (§10.8). It may come again: what makes an answer good once is in the request itself.

use std::time::Duration;

use serde_json::{Map, Value};

use super::assertion::{self, BadLife, audience, text_of};
use super::client::ClientId;
use super::form::{self, Parameters};
use super::jwk::KeySet;
use super::jws::{self, BadJws, Typ};
use crate::time::Timestamp;

/// The longest time to come in which it is good.
const LONGEST: Duration = Duration::from_secs(3600);

/// What is said of the object itself and is no parameter (RFC 7519 §4.1).
const OF_THE_OBJECT: &[&str] = &["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
/// What may not be inside of one (RFC 9101 §4).
const NESTED: &[&str] = &["request", "request_uri"];

/// Why a request object is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadObject {
    /// No JWT that one of the client's keys signed.
    #[error("it is not signed by a key of the client: {0}")]
    Signature(BadJws),
    /// Of another client than the one that sends it.
    #[error("iss and client_id in it must be the client_id beside it")]
    Client,
    /// For somebody else.
    #[error("aud in it must be the issuer")]
    Audience,
    /// Without an end, or past it.
    #[error("it has no exp, or has expired")]
    Expired,
    /// Made in the future, or good for longer than it may be.
    #[error("it is not good yet, or for more than an hour")]
    TooLong,
    /// It points to another one.
    #[error("it holds another request")]
    Nested,
    /// A parameter is no text, number or object.
    #[error("a parameter in it cannot be read")]
    Parameter,
}

impl BadObject {
    /// What the client's developer is told.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Signature(_) => "The request object is not signed by a key of the client",
            Self::Client => "iss and client_id of the request object must be the client_id",
            Self::Audience => "aud of the request object must be the issuer",
            Self::Expired => "The request object has no exp, or has expired",
            Self::TooLong => "The request object is not good yet, or for more than an hour",
            Self::Nested => "The request object holds another request",
            Self::Parameter => "A parameter of the request object cannot be read",
        }
    }
}

/// The parameters in a request object of that client; `at` is when it first came.
///
/// # Errors
/// [`BadObject`].
pub fn read(
    text: &str,
    client: &ClientId,
    keys: &KeySet,
    issuer: &str,
    at: Timestamp,
) -> Result<Parameters, BadObject> {
    let verified =
        jws::verify(text, Typ::RequestObject, |kid, algorithm| keys.find(kid, algorithm))
            .map_err(BadObject::Signature)?;
    let claims = &verified.claims;
    if ["iss", "client_id"].iter().any(|name| text_of(claims, name) != Some(client.as_str())) {
        return Err(BadObject::Client);
    }
    if !audience(claims).is_some_and(|all| all.contains(&issuer)) {
        return Err(BadObject::Audience);
    }
    assertion::life(claims, LONGEST, at).map_err(|bad| match bad {
        BadLife::Over => BadObject::Expired,
        BadLife::TooLong => BadObject::TooLong,
    })?;
    if NESTED.iter().any(|name| claims.contains_key(*name)) {
        return Err(BadObject::Nested);
    }
    parameters(claims)
}

/// A text as it is; a number, a truth and an object as JSON; a list as a parameter that repeats.
fn parameters(claims: &Map<String, Value>) -> Result<Parameters, BadObject> {
    let mut pairs: Vec<(&str, String)> = Vec::new();
    for (name, value) in claims.iter().filter(|(name, _)| !OF_THE_OBJECT.contains(&name.as_str())) {
        match value {
            Value::Null => {}
            Value::String(text) => pairs.push((name, text.clone())),
            Value::Number(_) | Value::Bool(_) | Value::Object(_) => {
                pairs.push((name, value.to_string()));
            }
            Value::Array(several) => {
                for one in several {
                    pairs.push((name, one.as_str().ok_or(BadObject::Parameter)?.to_owned()));
                }
            }
        }
    }
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Parameters::gather(form::encode(&pairs).as_bytes()).map_err(|_| BadObject::Parameter)
}

#[cfg(test)]
mod tests;
