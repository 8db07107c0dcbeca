//! Nothing of what applications are told is broken: all of it is passed on.

use std::time::Duration;

use async_trait::async_trait;
use tokenhouse_rules::id::LogoutId;
use uuid::Uuid;

use super::broken::Broken;
use crate::{Logout, LogoutFailed, Logouts, Result, SessionEnd, SessionKey, Trail};

#[async_trait]
impl Logouts for Broken {
    async fn end_session(&self, session: &SessionKey, trail: Trail) -> Result<SessionEnd> {
        self.sound.end_session(session, trail).await
    }

    async fn claim_logouts(
        &self,
        holder: Uuid,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<Logout>> {
        self.sound.claim_logouts(holder, lease, limit).await
    }

    async fn logout_told(&self, id: LogoutId, holder: Uuid) -> Result<bool> {
        self.sound.logout_told(id, holder).await
    }

    async fn logout_failed(&self, failed: LogoutFailed) -> Result<bool> {
        self.sound.logout_failed(failed).await
    }
}
