//! Argon2id (RFC 9106) behind one small interface, by one of two implementations.
//!
//! Decides which computes, and keeps the memory it computes in. Both give the same output: a property
//! test says so over random parameters, and every start compares them on this machine's processor
//! before the fast one is used (`docs/decisions/0011-argon2-by-wide-registers.md`).

use argon2::{Block, Params, Version};
use argon2_rust::params::{Memory, TagLen};

use super::cost::Cost;

/// Who computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Implementation {
    /// The crate `argon2-rust`: by the widest registers this processor has.
    #[default]
    Fast,
    /// The crate `argon2` of the RustCrypto project: AVX2 where there is, plain code elsewhere.
    Portable,
}

impl Implementation {
    /// The wanted one, or the portable one if the two do not agree on this machine.
    pub(super) fn checked(self) -> Self {
        match self {
            Self::Portable => Self::Portable,
            Self::Fast => choose(sample(Self::Fast), sample(Self::Portable)),
        }
    }
}

/// Fast, if both gave an output and it is the same.
fn choose(fast: Option<[u8; 32]>, portable: Option<[u8; 32]>) -> Implementation {
    if fast.is_some() && fast == portable { Implementation::Fast } else { Implementation::Portable }
}

/// A tiny hash that passes through every kind of step: several lanes, a second pass, a last block of
/// addresses that is only partly used.
fn sample(implementation: Implementation) -> Option<[u8; 32]> {
    let cost = Cost { memory: 96, iterations: 2, parallelism: 2 };
    let mut output = [0; 32];
    let mut argon2 = Argon2::new(implementation);
    argon2.digest(cost, b"self-check", b"of both of them", &mut output).ok()?;
    Some(output)
}

/// Why there is no output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// Argon2 does not know these parameters or lengths.
    Impossible,
    /// The machine did not give the memory.
    NoMemory,
}

/// One thread's means to hash: memory is taken at the first hash, kept, and wiped after each.
pub(super) enum Argon2 {
    Fast(Box<argon2_rust::Hasher>),
    Portable(Vec<Block>),
}

impl Argon2 {
    /// Takes no memory yet.
    pub(super) fn new(implementation: Implementation) -> Self {
        match implementation {
            Implementation::Fast => {
                let params = argon2_rust::Params::DEFAULT;
                Self::Fast(Box::new(fast(params).hasher()))
            }
            Implementation::Portable => Self::Portable(Vec::new()),
        }
    }

    /// Fills `output`, which may be of any length that Argon2 knows.
    pub(super) fn digest(
        &mut self,
        cost: Cost,
        password: &[u8],
        salt: &[u8],
        output: &mut [u8],
    ) -> Result<(), Failure> {
        match self {
            Self::Fast(hasher) => by_fast(hasher, cost, (password, salt), output),
            Self::Portable(blocks) => by_portable(blocks, cost, (password, salt), output),
        }
    }
}

const fn fast(params: argon2_rust::Params) -> argon2_rust::Argon2 {
    let (algorithm, version) = (argon2_rust::Algorithm::Argon2id, argon2_rust::Version::V0x13);
    argon2_rust::Argon2::new(algorithm, version, params)
}

fn by_fast(
    hasher: &mut argon2_rust::Hasher,
    cost: Cost,
    (password, salt): (&[u8], &[u8]),
    output: &mut [u8],
) -> Result<(), Failure> {
    // One thread, however many lanes: a permit is one core.
    let params = argon2_rust::Params::builder()
        .memory(Memory::kib(u64::from(cost.memory)))
        .passes(cost.iterations)
        .lanes(cost.parallelism)
        .threads(1)
        .tag_len(TagLen::bytes(output.len() as u64))
        .build()
        .map_err(|_| Failure::Impossible)?;
    hasher.set_argon2(fast(params));
    hasher.hash_into(password, salt, output).map_err(|error| match error {
        argon2_rust::Error::MemoryAllocationError => Failure::NoMemory,
        _ => Failure::Impossible,
    })
}

fn by_portable(
    blocks: &mut Vec<Block>,
    cost: Cost,
    (password, salt): (&[u8], &[u8]),
    output: &mut [u8],
) -> Result<(), Failure> {
    let Cost { memory, iterations, parallelism } = cost;
    let params = Params::new(memory, iterations, parallelism, Some(output.len()))
        .map_err(|_| Failure::Impossible)?;
    let needed = params.block_count();
    if needed > blocks.len() {
        blocks.try_reserve_exact(needed - blocks.len()).map_err(|_| Failure::NoMemory)?;
        blocks.resize(needed, Block::new());
    }
    let outcome = argon2::Argon2::new(argon2::Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password, salt, output, &mut blocks[..needed]);
    // The next hash lives in the same memory, so the compiler cannot leave this out.
    blocks[..needed].fill(Block::new());
    outcome.map_err(|_| Failure::Impossible)
}

#[cfg(test)]
mod tests;
