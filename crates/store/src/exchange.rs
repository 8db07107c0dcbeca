//! What an exchange of tokens is judged by (RFC 8693).

use async_trait::async_trait;

use crate::{ExchangeFacts, ExchangeQuestion, Result};

/// Tokens that are exchanged. Nothing is written for them.
#[async_trait]
pub trait Exchange: Send + Sync + 'static {
    /// The client that asks, and what is alive of the tokens that it shows or asks about, in one question.
    async fn exchange_facts(&self, question: ExchangeQuestion) -> Result<ExchangeFacts>;
}
