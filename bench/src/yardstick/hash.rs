//! Seconds per hash: the product's own hashing, and the RustCrypto crate as one would first call it.

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use argon2::{Algorithm, Argon2, Params, Version};
use tokenhouse_server::hashing::{Cost, Hashing};

use crate::fill::PASSWORD;

/// Longer than any turn.
const BUDGET: Duration = Duration::from_secs(600);

/// The product's hashing at its default cost.
pub(crate) struct Ours {
    hashing: Hashing,
    permits: usize,
}

impl Ours {
    pub(crate) fn start(permits: usize) -> Result<Self> {
        Ok(Self { hashing: Hashing::start(Cost::default(), permits, BUDGET)?, permits })
    }

    /// Hashes a second with every permit busy.
    pub(crate) async fn per_second(&self, turn: Duration) -> Result<f64> {
        let began = Instant::now();
        let tasks = (0..self.permits).map(|_| {
            let hashing = self.hashing.clone();
            tokio::spawn(async move {
                let mut count = 0u32;
                while began.elapsed() < turn && hashing.hash(PASSWORD).await.is_ok() {
                    count += 1;
                }
                count
            })
        });
        let mut total = 0;
        for task in tasks.collect::<Vec<_>>() {
            total += task.await?;
        }
        Ok(f64::from(total) / began.elapsed().as_secs_f64())
    }
}

/// Seconds per hash of RustCrypto's `argon2`, which takes new memory for each.
pub(crate) fn allocating(turn: Duration) -> Result<f64> {
    let Cost { memory, iterations, parallelism } = Cost::default();
    let params = Params::new(memory, iterations, parallelism, Some(32))
        .map_err(|error| anyhow!("the default cost: {error}"))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let began = Instant::now();
    let mut count = 0u32;
    while began.elapsed() < turn {
        let mut output = [0; 32];
        argon2
            .hash_password_into(PASSWORD.as_bytes(), b"sixteen bytes of", &mut output)
            .map_err(|error| anyhow!("hashing: {error}"))?;
        std::hint::black_box(output);
        count += 1;
    }
    Ok(began.elapsed().as_secs_f64() / f64::from(count))
}
