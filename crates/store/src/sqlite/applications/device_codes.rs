//! Device codes in the embedded engine. What was allowed becomes a code, and is redeemed in `codes.rs`.

use std::time::Duration;

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, Row, params};
use tokenhouse_rules::id::CodeId;
use tokenhouse_rules::limit::{Cost, Scope, Verdict};
use tokenhouse_rules::time::Timestamp;

use super::{clients, codes};
use crate::sqlite::person::{self, Person};
use crate::sqlite::rows::{blob, id, instant, note};
use crate::sqlite::sign_in::charge;
use crate::sqlite::{Sqlite, clock};
use crate::{
    Allowed, DecideDevice, Device, DeviceCode, DeviceCodes, DeviceFacts, DeviceFound, DeviceIssued,
    FindDevice, NewDeviceCode, Result, Standing,
};

/// The columns that [`device`] reads.
const DEVICE: &str = "id, user_code, client_id, asked, address, user_agent, created_at";

#[async_trait]
impl DeviceCodes for Sqlite {
    async fn issue_device_code(&self, new: NewDeviceCode) -> Result<DeviceIssued> {
        self.write(move |c| issue(c, &new)).await
    }

    async fn find_device(&self, question: FindDevice) -> Result<DeviceFound> {
        self.count(move |c| find(c, &question)).await
    }

    async fn device(&self, id: CodeId) -> Result<Option<Device>> {
        self.read(|c| by_id(c, id))
    }

    async fn decide_device(&self, decision: DecideDevice) -> Result<bool> {
        self.write(move |c| decide(c, &decision)).await
    }

    async fn device_facts(
        &self,
        client: &str,
        code: CodeId,
        pace: Duration,
    ) -> Result<DeviceFacts> {
        let client = client.to_owned();
        self.count(move |c| poll(c, &client, code, pace)).await
    }
}

/// How long to wait, if the attempt may not go ahead.
fn counted(
    c: &Connection,
    limit: Option<&(String, Cost)>,
    now: Timestamp,
) -> rusqlite::Result<Option<Duration>> {
    match limit {
        Some((key, cost)) => charge(c, key, *cost, now),
        None => Ok(None),
    }
}

fn issue(c: &Connection, new: &NewDeviceCode) -> rusqlite::Result<DeviceIssued> {
    let is_there = c
        .prepare_cached("SELECT 1 FROM device_codes WHERE id = ?1")?
        .exists([blob(new.id.uuid())])?;
    if is_there {
        return Ok(DeviceIssued::Done);
    }
    let now = clock();
    if let Some(wait) = counted(c, new.limit.as_ref(), now)? {
        return Ok(DeviceIssued::Limited(wait));
    }
    if !clients::is_usable(c, &new.client)? {
        return Ok(DeviceIssued::NoClient);
    }
    let made = c
        .prepare_cached(
            "INSERT INTO device_codes (id, secret_hash, user_code, client_id, address, user_agent,
                                       created_at, expires_at, asked)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            blob(new.id.uuid()),
            new.secret_hash,
            new.user_code,
            new.client,
            new.address,
            new.user_agent,
            now.micros(),
            now.plus(new.lifetime).micros(),
            new.asked,
        ])?;
    Ok(if made > 0 { DeviceIssued::Done } else { DeviceIssued::Taken })
}

fn find(c: &Connection, question: &FindDevice) -> rusqlite::Result<DeviceFound> {
    let now = clock();
    let mut verdict = Verdict::of(Scope::Address, counted(c, question.address.as_ref(), now)?);
    // An address that is over its limit does not use up the attempts of the account.
    if verdict == Verdict::Admitted {
        verdict = Verdict::of(Scope::Account, counted(c, question.account.as_ref(), now)?);
    }
    if verdict != Verdict::Admitted {
        return Ok(DeviceFound { verdict, device: None });
    }
    let found = c
        .prepare_cached(&format!(
            "SELECT {DEVICE} FROM device_codes
             WHERE user_code = ?1 AND decided_at IS NULL AND expires_at > ?2"
        ))?
        .query_row(params![question.user_code, now.micros()], device)
        .optional()?;
    Ok(DeviceFound { verdict, device: found })
}

fn by_id(c: &Connection, id: CodeId) -> rusqlite::Result<Option<Device>> {
    c.prepare_cached(&format!(
        "SELECT {DEVICE} FROM device_codes WHERE id = ?1 AND expires_at > ?2"
    ))?
    .query_row(params![blob(id.uuid()), clock().micros()], device)
    .optional()
}

fn device(row: &Row<'_>) -> rusqlite::Result<Device> {
    Ok(Device {
        id: CodeId::from_uuid(id(row, 0)?),
        user_code: row.get(1)?,
        client: row.get(2)?,
        asked: row.get(3)?,
        address: row.get(4)?,
        user_agent: row.get(5)?,
        created_at: instant(row, 6)?,
    })
}

fn decide(c: &Connection, decision: &DecideDevice) -> rusqlite::Result<bool> {
    let Some(person) = person::of_session(c, &decision.session)? else { return Ok(false) };
    let Some(device) = by_id(c, decision.id)? else { return Ok(false) };
    if !clients::is_usable(c, &device.client)? {
        return Ok(false);
    }
    let session = blob(decision.session.id.uuid());
    let is_first =
        c.prepare_cached(
            "UPDATE device_codes SET decided_at = ?2, decided_in = ?3, allowed = ?4
             WHERE id = ?1 AND decided_at IS NULL",
        )?
        .execute(params![
            blob(device.id.uuid()),
            clock().micros(),
            session,
            decision.allowed.is_some()
        ])? > 0;
    if !is_first {
        return c
            .prepare_cached(
                "SELECT 1 FROM device_codes WHERE id = ?1 AND decided_in = ?2 AND allowed = ?3",
            )?
            .exists(params![blob(device.id.uuid()), session, decision.allowed.is_some()]);
    }
    if let Some(allowed) = &decision.allowed {
        become_code(c, decision, (&device, &person), allowed)?;
        codes::remember(c, person.number, &device.client, &allowed.consent)?;
    }
    note(c, person.user.id, Some(decision.session.id), &decision.trail)?;
    Ok(true)
}

/// From now on it is a code of the same identifier, secret and end.
fn become_code(
    c: &Connection,
    decision: &DecideDevice,
    (device, person): (&Device, &Person),
    allowed: &Allowed,
) -> rusqlite::Result<usize> {
    c.prepare_cached(
        "INSERT INTO codes (id, secret_hash, client_id, user, session_id, epoch, created_at,
                            expires_at, authorized)
         SELECT id, secret_hash, client_id, ?2, ?3, ?4, ?5, expires_at, ?6
         FROM device_codes WHERE id = ?1",
    )?
    .execute(params![
        blob(device.id.uuid()),
        person.number,
        blob(decision.session.id.uuid()),
        person.epoch,
        clock().micros(),
        allowed.authorized,
    ])
}

/// A poll is noted, and judged by the one before it.
fn poll(
    c: &Connection,
    client: &str,
    code: CodeId,
    pace: Duration,
) -> rusqlite::Result<DeviceFacts> {
    let now = clock();
    let found = c
        .prepare_cached(
            "SELECT secret_hash, client_id, expires_at, decided_at IS NOT NULL, allowed, polled_at
             FROM device_codes WHERE id = ?1",
        )?
        .query_row([blob(code.uuid())], |row| {
            let polled: Option<i64> = row.get(5)?;
            let soon = polled.is_some_and(|at| Timestamp::from_micros(at).plus(pace) > now);
            let standing = match (instant(row, 2)? <= now, row.get(3)?, row.get(4)?) {
                (_, true, Some(true)) => Standing::Allowed,
                (true, _, _) => Standing::Over,
                (false, true, _) => Standing::Denied,
                (false, false, _) if soon => Standing::Hasty,
                (false, false, _) => Standing::Waiting,
            };
            Ok(DeviceCode { secret_hash: row.get(0)?, client: row.get(1)?, standing })
        })
        .optional()?;
    if found.as_ref().is_some_and(|code| code.client == client) {
        c.prepare_cached(
            "UPDATE device_codes SET polled_at = ?2 WHERE id = ?1 AND decided_at IS NULL",
        )?
        .execute(params![blob(code.uuid()), now.micros()])?;
    }
    Ok(DeviceFacts { now, client: clients::find(c, client)?, code: found })
}
