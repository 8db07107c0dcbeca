//! Nothing of exchanged tokens is broken: all of it is passed on.

use async_trait::async_trait;

use super::broken::Broken;
use crate::{Exchange, ExchangeFacts, ExchangeQuestion, Result};

#[async_trait]
impl Exchange for Broken {
    async fn exchange_facts(&self, question: ExchangeQuestion) -> Result<ExchangeFacts> {
        self.sound.exchange_facts(question).await
    }
}
