//! Requests that applications send ahead, kept and used up.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use tokenhouse_rules::id::PushedRequestId;

use super::rows::{blob, instant};
use super::{Sqlite, clock};
use crate::{NewCode, NewPushedRequest, Pushed, PushedRequest, PushedRequests, Result};

#[async_trait]
impl PushedRequests for Sqlite {
    async fn push_request(&self, request: NewPushedRequest) -> Result<bool> {
        self.write(move |c| keep(c, &request)).await
    }

    async fn pushed_request(&self, id: PushedRequestId) -> Result<Option<PushedRequest>> {
        self.read(|c| find(c, id))
    }
}

fn keep(c: &Connection, request: &NewPushedRequest) -> rusqlite::Result<bool> {
    let is_usable = c
        .prepare_cached("SELECT 1 FROM clients WHERE id = ?1 AND disabled_at IS NULL")?
        .exists([&request.client])?;
    if !is_usable {
        return Ok(false);
    }
    let now = clock();
    let expires_at = now.plus(request.lifetime);
    c.prepare_cached(
        "INSERT INTO pushed_requests (id, client_id, created_at, expires_at, kept_until, parameters)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO NOTHING",
    )?
    .execute(params![
        blob(request.id.uuid()),
        request.client,
        now.micros(),
        expires_at.micros(),
        expires_at.plus(request.patience).micros(),
        request.parameters,
    ])?;
    Ok(true)
}

fn find(c: &Connection, id: PushedRequestId) -> rusqlite::Result<Option<PushedRequest>> {
    c.prepare_cached(
        "SELECT client_id, parameters, expires_at FROM pushed_requests
         WHERE id = ?1 AND used_at IS NULL AND kept_until > ?2",
    )?
    .query_row(params![blob(id.uuid()), clock().micros()], |row| {
        Ok(PushedRequest {
            client: row.get(0)?,
            parameters: row.get(1)?,
            expires_at: instant(row, 2)?,
        })
    })
    .optional()
}

/// Uses a request up for a code; its own repetition passes.
pub(super) fn use_up(c: &Connection, pushed: &Pushed, code: &NewCode) -> rusqlite::Result<bool> {
    let now = clock().micros();
    c.prepare_cached(
        "UPDATE pushed_requests SET used_at = coalesce(used_at, ?5), used_by = ?3
         WHERE id = ?1 AND client_id = ?2 AND (used_at IS NULL OR used_by = ?3)
           AND expires_at > ?4 AND kept_until > ?5",
    )?
    .execute(params![
        blob(pushed.id.uuid()),
        code.client,
        blob(code.id.uuid()),
        pushed.came_at.micros(),
        now,
    ])
    .map(|rows| rows > 0)
}
