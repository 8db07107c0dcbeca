//! Nothing of requests that are sent ahead is broken: all of it is passed on.

use async_trait::async_trait;
use tokenhouse_rules::id::PushedRequestId;

use super::broken::Broken;
use crate::{NewPushedRequest, PushedRequest, PushedRequests, Result};

#[async_trait]
impl PushedRequests for Broken {
    async fn push_request(&self, request: NewPushedRequest) -> Result<bool> {
        self.sound.push_request(request).await
    }

    async fn pushed_request(&self, id: PushedRequestId) -> Result<Option<PushedRequest>> {
        self.sound.pushed_request(id).await
    }
}
