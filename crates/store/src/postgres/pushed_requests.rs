//! Requests that applications send ahead. They are used up by the statement that issues a code
//! (`applications/codes.rs`).

use std::time::SystemTime;

use async_trait::async_trait;
use tokenhouse_rules::id::PushedRequestId;
use tokenhouse_rules::time::Timestamp;

use super::Postgres;
use super::rows::value;
use crate::{NewPushedRequest, PushedRequest, PushedRequests, Result};

const PUSH: &str = "
    WITH client AS MATERIALIZED (
        SELECT id FROM clients WHERE id = $2::text AND disabled_at IS NULL FOR KEY SHARE),
     kept AS (
        INSERT INTO pushed_requests (id, client_id, parameters, created_at, expires_at, kept_until)
        SELECT $1::uuid, id, $3::text, now(), now() + $4::float8 * interval '1 second',
               now() + ($4::float8 + $5::float8) * interval '1 second'
        FROM client ON CONFLICT (id) DO NOTHING)
    SELECT EXISTS (SELECT 1 FROM client)";

const PUSHED: &str = "
    SELECT client_id, parameters, expires_at FROM pushed_requests
    WHERE id = $1::uuid AND used_at IS NULL AND kept_until > now()";

#[async_trait]
impl PushedRequests for Postgres {
    async fn push_request(&self, request: NewPushedRequest) -> Result<bool> {
        let found = self
            .db
            .tell_again(
                PUSH,
                &[
                    &request.id.uuid(),
                    &request.client,
                    &request.parameters,
                    &request.lifetime.as_secs_f64(),
                    &request.patience.as_secs_f64(),
                ],
            )
            .await?;
        found.first().map_or(Ok(false), |row| value(row, 0))
    }

    async fn pushed_request(&self, id: PushedRequestId) -> Result<Option<PushedRequest>> {
        let found = self.db.ask(PUSHED, &[&id.uuid()]).await?;
        let Some(row) = found.first() else { return Ok(None) };
        Ok(Some(PushedRequest {
            client: value(row, 0)?,
            parameters: value(row, 1)?,
            expires_at: Timestamp::from(value::<SystemTime>(row, 2)?),
        }))
    }
}
