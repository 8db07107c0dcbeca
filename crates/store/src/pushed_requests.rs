//! What is remembered of requests that applications send ahead (RFC 9126), under the same rules as [`crate::Store`].
//! They are used up where their codes are issued: [`crate::NewCode::pushed`].

use async_trait::async_trait;
use tokenhouse_rules::id::PushedRequestId;

use crate::{NewPushedRequest, PushedRequest, Result};

/// Requests for authorization between their application and the browser.
#[async_trait]
pub trait PushedRequests: Send + Sync + 'static {
    /// Keeps a request; done as well when it was kept before. `false` when there is no such client, or it is
    /// disabled.
    async fn push_request(&self, request: NewPushedRequest) -> Result<bool>;

    /// A request that was not answered yet, and is to be kept still.
    async fn pushed_request(&self, id: PushedRequestId) -> Result<Option<PushedRequest>>;
}
