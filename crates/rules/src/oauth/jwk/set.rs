//! The keys of an application, and which of them is meant.

use serde_json::Value;

use super::{Algorithm, BadKey, PublicKey, read};

/// The keys that a client signs with.
#[derive(Clone, Debug, Default)]
pub struct KeySet(Vec<PublicKey>);

impl KeySet {
    /// Reads a set of keys; those that cannot be used here are left out (RFC 7517 §5).
    ///
    /// # Errors
    /// [`BadKey::Malformed`] for what is no set; [`BadKey::Private`] when one of them is not public.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        Self::from_value(&read(text)?)
    }

    /// The same from JSON that was read before.
    ///
    /// # Errors
    /// As of [`KeySet::parse`].
    pub fn from_value(value: &Value) -> Result<Self, BadKey> {
        let keys = value.get("keys").and_then(Value::as_array).ok_or(BadKey::Malformed)?;
        let mut set = Vec::new();
        for key in keys {
            // One of RSA that says nothing of its padding may be used with either.
            let is_both =
                key.get("kty").is_some_and(|kty| kty == "RSA") && key.get("alg").is_none();
            let other = is_both.then(|| PublicKey::for_algorithm(key, Algorithm::PS256));
            for read in [Some(PublicKey::from_value(key)), other].into_iter().flatten() {
                match read {
                    Ok(key) => set.push(key),
                    Err(BadKey::Private) => return Err(BadKey::Private),
                    Err(_) => {}
                }
            }
        }
        Ok(Self(set))
    }

    /// The set without its keys of that algorithm.
    #[must_use]
    pub fn without(mut self, algorithm: Algorithm) -> Self {
        self.0.retain(|key| key.algorithm != algorithm);
        self
    }

    /// Whether none of them can be used.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The only key of that name and algorithm; without a name, the only one of that algorithm.
    pub fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<&PublicKey> {
        let is_named = |key: &PublicKey| kid.is_none_or(|kid| key.kid == kid);
        let mut fitting = self.0.iter().filter(|key| key.algorithm == algorithm && is_named(key));
        let found = fitting.next()?;
        fitting.next().is_none().then_some(found)
    }
}
