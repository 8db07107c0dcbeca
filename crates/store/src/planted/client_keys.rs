//! Nothing of keys and of copies of secrets is broken: all of it is passed on.

use async_trait::async_trait;
use tokenhouse_rules::id::SecretId;

use super::broken::Broken;
use crate::{ClaimFetch, ClientKeys, KeepKeys, KeyFacts, Result, SealedSecret};

#[async_trait]
impl ClientKeys for Broken {
    async fn sealed_secrets(&self, client: Option<&str>) -> Result<Vec<SealedSecret>> {
        self.sound.sealed_secrets(client).await
    }

    async fn rewrap_client_secret(&self, id: SecretId, from: &[u8], to: &[u8]) -> Result<bool> {
        self.sound.rewrap_client_secret(id, from, to).await
    }

    async fn fetched_keys(&self, client: &str) -> Result<KeyFacts> {
        self.sound.fetched_keys(client).await
    }

    async fn claim_fetch(&self, claim: ClaimFetch) -> Result<bool> {
        self.sound.claim_fetch(claim).await
    }

    async fn keep_keys(&self, kept: KeepKeys) -> Result<()> {
        self.sound.keep_keys(kept).await
    }
}
