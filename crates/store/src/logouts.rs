//! What is remembered of sessions that ended, until every application that they led to was told (OpenID Connect
//! Back-Channel Logout 1.0): another part of the boundary, under the same rules as [`crate::Store`].
//!
//! That something is to be told is written with the end of the session itself, whichever method ends it.

use std::time::Duration;

use async_trait::async_trait;
use tokenhouse_rules::id::LogoutId;
use uuid::Uuid;

use crate::{Logout, LogoutFailed, Result, SessionEnd, SessionKey, Trail};

/// Ends of sessions, as applications are told of them.
#[async_trait]
pub trait Logouts: Send + Sync + 'static {
    /// Ends a session on its own word, as [`crate::Store::end_sessions`] does, and tells which applications it led
    /// to that are told by a frame of the page that says so.
    async fn end_session(&self, session: &SessionKey, trail: Trail) -> Result<SessionEnd>;

    /// Takes up to `limit` ends of sessions that are due and that nobody holds, for the length of `lease`, the
    /// oldest first.
    async fn claim_logouts(&self, holder: Uuid, lease: Duration, limit: u32)
    -> Result<Vec<Logout>>;

    /// Notes that an application was told, or need not be: nothing is left of it. `false` when the lease had gone
    /// to another, or it was noted before.
    async fn logout_told(&self, id: LogoutId, holder: Uuid) -> Result<bool>;

    /// Notes that an application could not be told: due again, or given up with an audit row. `false` when the
    /// lease had gone to another.
    async fn logout_failed(&self, failed: LogoutFailed) -> Result<bool>;
}
