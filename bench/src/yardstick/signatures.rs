//! Tokens signed a second by the product's own signing, with nothing else to do: the limit of whatever signs.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};
use tokenhouse_rules::oauth::jwk::Algorithm;
use tokenhouse_rules::oauth::jws::{SigningKey, Typ};

/// A key, and claims like those of a token for an application by itself.
pub(crate) struct Signatures {
    key: SigningKey,
    claims: Value,
}

impl Signatures {
    pub(crate) fn by(algorithm: Algorithm) -> Result<Self> {
        let (key, _) = SigningKey::generate(algorithm)?;
        let claims = json!({
            "iss": "http://localhost", "sub": "bench-signed", "aud": "http://localhost",
            "client_id": "bench-signed", "exp": 1_800_000_300, "iat": 1_800_000_000,
            "jti": "00000000-0000-0000-0000-000000000007", "scope": "read",
        });
        Ok(Self { key, claims })
    }

    /// By all processors together.
    pub(crate) fn per_second(&self, turn: Duration) -> Result<f64> {
        let threads = std::thread::available_parallelism()?.get();
        let began = Instant::now();
        let sign = || {
            let mut count = 0u32;
            while began.elapsed() < turn {
                drop(std::hint::black_box(self.key.sign(Typ::AccessToken, &self.claims)));
                count += 1;
            }
            f64::from(count)
        };
        let total: f64 = std::thread::scope(|scope| {
            let all: Vec<_> = (0..threads).map(|_| scope.spawn(sign)).collect();
            all.into_iter().map(|one| one.join().unwrap_or_default()).sum()
        });
        Ok(total / began.elapsed().as_secs_f64())
    }
}

/// How many sign at once in [`Signatures::per_second`].
pub(crate) fn threads() -> Result<f64> {
    Ok(u32::try_from(std::thread::available_parallelism()?.get())?.into())
}
