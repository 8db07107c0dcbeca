//! By what applications' signatures are checked, beside their settings.

use std::time::Duration;

use tokenhouse_rules::id::SecretId;
use tokenhouse_rules::time::Timestamp;

/// A secret of which a copy is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedSecret {
    /// Whose.
    pub client: String,
    /// Which.
    pub id: SecretId,
    /// The secret, sealed under the root secret.
    pub sealed: Vec<u8>,
}

/// What is known of keys that are fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFacts {
    /// The database's time.
    pub now: Timestamp,
    /// Nothing before the first fetch began.
    pub fetched: Option<FetchedKeys>,
}

/// What was fetched for a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedKeys {
    /// From where.
    pub address: String,
    /// The set, as it was fetched, and when; nothing before somebody succeeded.
    pub keys: Option<(String, Timestamp)>,
    /// When the last fetch began.
    pub tried_at: Timestamp,
    /// Until when it may last.
    pub busy_until: Timestamp,
}

/// A fetch that somebody wants to begin.
#[derive(Clone, Debug)]
pub struct ClaimFetch {
    /// For which client.
    pub client: String,
    /// From where. What was fetched from elsewhere is forgotten.
    pub address: String,
    /// How long ago the last one must have begun.
    pub pause: Duration,
    /// How long it may last.
    pub lease: Duration,
}

/// How a fetch ended.
#[derive(Clone, Debug)]
pub struct KeepKeys {
    /// For which client.
    pub client: String,
    /// From where.
    pub address: String,
    /// The set; none where it failed.
    pub keys: Option<String>,
}
