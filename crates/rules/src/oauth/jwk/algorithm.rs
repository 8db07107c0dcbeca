//! The algorithms by which tokens are signed (RFC 7518 §3.1, RFC 8037 §3.1).

use serde::{Deserialize, Serialize};

/// The algorithms that sign with a private key. There is no other, and `none` least of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    /// ECDSA over P-256 with SHA-256.
    ES256,
    /// Ed25519.
    EdDSA,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// RSASSA-PSS with SHA-256, as FAPI 2.0 has it: taken from applications, and never one of ours, so no setting
    /// can name it.
    #[serde(skip)]
    PS256,
}

impl Algorithm {
    /// Those that this server signs by, the default first.
    pub const ALL: [Self; 3] = [Self::ES256, Self::EdDSA, Self::RS256];

    /// Those that applications may sign by.
    pub const ACCEPTED: [Self; 4] = [Self::ES256, Self::EdDSA, Self::RS256, Self::PS256];

    /// The name in the registry of RFC 7518 §3.1.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
            Self::RS256 => "RS256",
            Self::PS256 => "PS256",
        }
    }

    /// The one of exactly that name that this server signs by.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// The one of exactly that name that applications may sign by.
    pub fn accepted(name: &str) -> Option<Self> {
        Self::ACCEPTED.into_iter().find(|algorithm| algorithm.name() == name)
    }
}
