//! Applications as they are registered, their secrets, and the keys that sign for them.

use std::time::Duration;

use tokenhouse_rules::id::SecretId;
use tokenhouse_rules::time::Timestamp;

use super::Trail;

/// A signing key as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// `kid`.
    pub id: String,
    /// `ES256`, `EdDSA` or `RS256`.
    pub algorithm: String,
    /// Its number among those of its algorithm.
    pub number: i64,
    /// The public key, a JWK as JSON.
    pub public_key: String,
    /// The private key, sealed under the root secret.
    pub private_key: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it signs.
    pub activate_at: Timestamp,
    /// From when on it signs no more.
    pub retire_at: Timestamp,
    /// From when on nothing it signed is good any more.
    pub remove_at: Timestamp,
}

/// A signing key to be kept. Its instants are spans from the database's time on.
#[derive(Clone, Debug)]
pub struct NewSigningKey {
    /// `kid`.
    pub id: String,
    /// `ES256`, `EdDSA` or `RS256`.
    pub algorithm: String,
    /// Its number among those of its algorithm.
    pub number: i64,
    /// The public key, a JWK as JSON.
    pub public_key: String,
    /// The private key, sealed.
    pub private_key: Vec<u8>,
    /// After which time it signs.
    pub activate: Duration,
    /// After which time it signs no more.
    pub retire: Duration,
    /// After which time it is gone.
    pub remove: Duration,
}

/// A secret of a client, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret {
    /// Identifier.
    pub id: SecretId,
    /// SHA-256 of it.
    pub hash: [u8; 32],
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
}

/// A secret to be kept.
#[derive(Clone, Debug)]
pub struct NewSecret {
    /// Identifier.
    pub id: SecretId,
    /// SHA-256 of it.
    pub hash: [u8; 32],
    /// The secret itself, sealed under the root secret, where MACs are checked by it.
    pub sealed: Option<Vec<u8>>,
}

/// So many rows of each kind that a client was given are deleted with it: more of them would disturb others, or take
/// longer than a statement may.
pub const AT_ONCE: u32 = 500;

/// An application as it is stored.
#[derive(Clone, Debug)]
pub struct Client {
    /// `client_id`.
    pub id: String,
    /// A JSON object, as `rules::oauth::client` reads it.
    pub settings: String,
    /// Counts changes.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When an operator disabled it, if so.
    pub disabled_at: Option<Timestamp>,
    /// Those that have not expired, the newest first.
    pub secrets: Vec<Secret>,
}

/// A client to be made or changed.
#[derive(Clone, Debug)]
pub struct SaveClient {
    /// `client_id`.
    pub id: String,
    /// A JSON object.
    pub settings: String,
    /// The hosts that a proxy asks about, folded; they replace those it had.
    pub hosts: Vec<String>,
    /// Whether it may be used.
    pub disabled: bool,
    /// The version that is changed; none to make it.
    pub version: Option<i64>,
    /// Its first secret.
    pub secret: Option<NewSecret>,
    /// The audit row; its user is the nil identifier.
    pub trail: Trail,
}

/// How saving a client ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Saved {
    /// It is there, in this version.
    Done(i64),
    /// There is one of that id already, or it is of another version, or it is gone.
    Conflict,
    /// This host is answered for by another client.
    HostTaken(String),
}
