//! What is remembered of that by which applications' signatures are checked: copies of secrets, and keys that were
//! fetched. The second half of the boundary, under the same rules as [`crate::Store`].

use async_trait::async_trait;
use tokenhouse_rules::id::SecretId;

use crate::{ClaimFetch, KeepKeys, KeyFacts, Result, SealedSecret};

/// Copies of secrets under a seal, and keys from elsewhere.
#[async_trait]
pub trait ClientKeys: Send + Sync + 'static {
    /// The copies of a client's secrets that have not expired, the newest first; without a client those of all.
    async fn sealed_secrets(&self, client: Option<&str>) -> Result<Vec<SealedSecret>>;

    /// Replaces the sealed copy of a secret if it is still `from`.
    async fn rewrap_client_secret(&self, id: SecretId, from: &[u8], to: &[u8]) -> Result<bool>;

    /// What was fetched for a client, and the database's time.
    async fn fetched_keys(&self, client: &str) -> Result<KeyFacts>;

    /// Claims the next fetch for a client: one winner. `false` when somebody began one within the pause, or there is
    /// no such client that may be used.
    async fn claim_fetch(&self, claim: ClaimFetch) -> Result<bool>;

    /// Notes how a fetch ended, so that nobody waits for it any more. What was fetched before stays where this one
    /// failed, and nothing is noted of an address that is not the client's any more.
    async fn keep_keys(&self, kept: KeepKeys) -> Result<()>;
}
