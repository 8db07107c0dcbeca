//! What everybody's rows have in common.

use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use tokenhouse_rules::session::{Expiry, Lifetime};
use tokenhouse_rules::time::Timestamp;
use tokenhouse_server::hashing::{Cost, Hashing};

use super::PASSWORD;
use crate::chance::Chance;

/// The server's defaults, so that no session is due to be renewed while it is measured.
pub(super) const LIFETIME: Lifetime = Lifetime {
    idle: Duration::from_secs(14 * 24 * 3600),
    absolute: Duration::from_secs(90 * 24 * 3600),
};

/// What everybody's rows have in common.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    /// PHC string of the hash of [`PASSWORD`].
    pub(crate) hash: String,
    /// When everybody registered and signed in.
    pub(crate) now: Timestamp,
    /// Bytes of everybody's document.
    pub(crate) document: usize,
}

impl Content {
    /// With the hash that the server makes at `cost`, and an empty document.
    #[expect(clippy::disallowed_methods, reason = "the rows begin their life now")]
    pub(crate) async fn at(cost: Cost) -> Result<Self> {
        let hashing = Hashing::start(cost, 1, Duration::from_secs(60))?;
        let hash = hashing.hash(PASSWORD).await.context("the password was not hashed")?;
        Ok(Self { hash, now: Timestamp::from(SystemTime::now()), document: 2 })
    }

    /// The same with documents of about so many bytes.
    pub(crate) fn with_document(self, bytes: usize) -> Self {
        Self { document: bytes, ..self }
    }

    pub(crate) fn expiry(&self) -> Expiry {
        LIFETIME.open(self.now)
    }

    /// A JSON object of exactly the wanted length, `{}` at the least; text that hardly compresses, as
    /// PostgreSQL compresses what is long.
    pub(crate) fn body(&self, number: u32) -> String {
        const EMPTY: usize = r#"{"text":""}"#.len();
        if self.document < EMPTY {
            return "{}".to_owned();
        }
        const LETTERS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut chance = Chance::seeded(u64::from(number));
        let letter = |_| char::from(LETTERS[chance.below(LETTERS.len())]);
        let text: String = (0..self.document - EMPTY).map(letter).collect();
        format!(r#"{{"text":"{text}"}}"#)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_have_the_length_that_was_asked_for() {
        for bytes in [2, 11, 12, 1024, 65_536] {
            let now = Timestamp::from_micros(0);
            let content = Content { hash: String::new(), now, document: bytes };
            assert_eq!(content.body(7).len(), bytes);
            assert!(serde_json::from_str::<serde_json::Value>(&content.body(7)).is_ok());
        }
    }
}
