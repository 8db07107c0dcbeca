//! Device codes: issued to a device, found by what a person types, decided by her, asked about by the device. What
//! was allowed becomes a code, and is redeemed in `codes.rs`.
//!
//! Locks are taken in the order that `codes.rs` names. A count is committed without waiting for the disk.

use std::time::Duration;

use async_trait::async_trait;
use tokenhouse_rules::id::CodeId;
use tokenhouse_rules::limit::{Cost, Scope, Verdict};
use tokio_postgres::Row;
use uuid::Uuid;

use super::rows::{self, CLIENT_COLUMNS, client_columns, secrets_of};
use crate::postgres::Postgres;
use crate::postgres::connection::Database;
use crate::postgres::parts::{self, charge, clock, counted_at, noted};
use crate::postgres::rows::{instant, living, value};
use crate::postgres::sign_in::wait;
use crate::{
    DecideDevice, Device, DeviceCode, DeviceCodes, DeviceFacts, DeviceFound, DeviceIssued, Error,
    FindDevice, NewDeviceCode, Result, Standing,
};

/// Nothing is counted for what is there already: it is being repeated.
const ISSUE: &str = concat!(
    "WITH ",
    clock!(),
    ",
     known AS MATERIALIZED (SELECT id FROM device_codes WHERE id = $1::uuid),",
    charge!("by_address", "$9::text", "$10", "$11", "NOT EXISTS (SELECT 1 FROM known)"),
    ",
     client AS MATERIALIZED (
        SELECT id FROM clients WHERE id = $4::text AND disabled_at IS NULL FOR KEY SHARE),
     issued AS (
        INSERT INTO device_codes (id, secret_hash, user_code, client_id, asked, address, user_agent,
                                  created_at, expires_at)
        SELECT $1::uuid, $2::bytea, $3::text, c.id, $5::text, $6::text, $7::text, now(),
               now() + $8::float8 * interval '1 second'
        FROM client c WHERE NOT coalesce((SELECT refused FROM by_address), false)
        ON CONFLICT DO NOTHING RETURNING id)
     SELECT (SELECT wait FROM by_address WHERE refused), EXISTS (SELECT 1 FROM client),
            EXISTS (SELECT 1 FROM issued) OR EXISTS (SELECT 1 FROM known)"
);

/// The columns that [`device`] reads.
macro_rules! device_columns {
    () => {
        "k.id, k.user_code, k.client_id, k.asked, k.address, k.user_agent, k.created_at"
    };
}

const FIND: &str = concat!(
    "WITH ",
    counted_at!(),
    ",",
    charge!("by_address", "$2::text", "$3", "$4", "true"),
    ",",
    charge!(
        "by_account",
        "$5::text",
        "$6",
        "$7",
        "NOT coalesce((SELECT refused FROM by_address), false)"
    ),
    " SELECT ",
    device_columns!(),
    ", (SELECT wait FROM by_address WHERE refused), (SELECT wait FROM by_account WHERE refused)
     FROM (SELECT 1) one LEFT JOIN device_codes k
        ON k.user_code = $1::text AND k.decided_at IS NULL AND k.expires_at > now()
        AND NOT coalesce((SELECT refused FROM by_address), false)
        AND NOT coalesce((SELECT refused FROM by_account), false)"
);

const BY_ID: &str = concat!(
    "SELECT ",
    device_columns!(),
    " FROM device_codes k WHERE k.id = $1::uuid AND k.expires_at > now()"
);

/// Of several who decide at once the first gets the lock; the others find it decided. Its own repetition changes
/// nothing, and finds out that it is one by the instant of the decision.
const DECIDE: &str = concat!(
    "WITH ",
    living!(locked "FOR KEY SHARE OF u, s"),
    ",
     client AS MATERIALIZED (
        SELECT c.id FROM clients c JOIN device_codes k ON k.client_id = c.id
        WHERE k.id = $4::uuid AND c.disabled_at IS NULL FOR KEY SHARE OF c),
     judged AS MATERIALIZED (
        SELECT l.id AS user_id, l.epoch, c.id AS client_id FROM living l CROSS JOIN client c),
     decided AS (
        UPDATE device_codes k
        SET decided_at = coalesce(k.decided_at, now()), decided_in = $1::uuid,
            allowed = $5::text IS NOT NULL
        FROM judged j
        WHERE k.id = $4::uuid AND k.client_id = j.client_id AND k.expires_at > now()
          AND (k.decided_at IS NULL
            OR (k.decided_in = $1::uuid AND k.allowed = ($5::text IS NOT NULL)))
        RETURNING k.id, k.secret_hash, k.client_id, k.expires_at, j.user_id, j.epoch,
                  k.decided_at = now() AS is_first),
     issued AS (
        INSERT INTO codes (id, secret_hash, client_id, user_id, session_id, epoch, authorized,
                           created_at, expires_at)
        SELECT d.id, d.secret_hash, d.client_id, d.user_id, $1::uuid, d.epoch, $5::text, now(),
               d.expires_at
        FROM decided d WHERE d.is_first AND $5::text IS NOT NULL ON CONFLICT (id) DO NOTHING),
     agreed AS (
        INSERT INTO consents (user_id, client_id, scope, granted_at)
        SELECT d.user_id, d.client_id, $6::text, now() FROM decided d
        WHERE d.is_first AND $6::text IS NOT NULL
        ON CONFLICT (user_id, client_id) DO UPDATE SET scope = excluded.scope),",
    noted!("$7", "user_id", "$1::uuid", "decided WHERE is_first"),
    " SELECT EXISTS (SELECT 1 FROM decided)"
);

/// A poll is judged by the one before it, in the row as it is once it is locked.
const POLL: &str = concat!(
    "WITH ",
    counted_at!(),
    ",
     polled AS (
        UPDATE device_codes k
        SET hasty = coalesce(k.polled_at + $3::float8 * interval '1 second' > now(), false),
            polled_at = greatest(k.polled_at, now())
        FROM clock
        WHERE k.id = $2::uuid AND k.client_id = $1::text AND k.decided_at IS NULL
          AND k.expires_at > now()
        RETURNING k.hasty)
     SELECT now(), ",
    client_columns!(),
    ", k.id, k.secret_hash, k.client_id,
        CASE WHEN k.allowed THEN 'allowed'
             WHEN k.expires_at <= now() THEN 'over'
             WHEN k.decided_at IS NOT NULL THEN 'denied'
             WHEN (SELECT hasty FROM polled) THEN 'hasty'
             ELSE 'waiting' END
     FROM (SELECT 1) one LEFT JOIN clients c ON c.id = $1::text",
    secrets_of!(),
    " LEFT JOIN device_codes k ON k.id = $2::uuid"
);

#[async_trait]
impl DeviceCodes for Postgres {
    async fn issue_device_code(&self, new: NewDeviceCode) -> Result<DeviceIssued> {
        issue(&self.db, &new).await
    }

    async fn find_device(&self, question: FindDevice) -> Result<DeviceFound> {
        find(&self.db, &question).await
    }

    async fn device(&self, id: CodeId) -> Result<Option<Device>> {
        let found = self.db.ask(BY_ID, &[&id.uuid()]).await?;
        found.first().map(device).transpose()
    }

    async fn decide_device(&self, decision: DecideDevice) -> Result<bool> {
        decide(&self.db, &decision).await
    }

    async fn device_facts(
        &self,
        client: &str,
        code: CodeId,
        pace: Duration,
    ) -> Result<DeviceFacts> {
        poll(&self.db, client, code, pace).await
    }
}

/// A limit as the parameters of `charge`.
fn cost(limit: Option<&(String, Cost)>) -> (Option<&str>, Option<i64>, Option<i64>) {
    let key = limit.map(|(key, _)| key.as_str());
    (key, limit.map(|(_, cost)| cost.step), limit.map(|(_, cost)| cost.tolerance))
}

async fn issue(db: &Database, new: &NewDeviceCode) -> Result<DeviceIssued> {
    let secret: &[u8] = &new.secret_hash;
    let (key, step, tolerance) = cost(new.limit.as_ref());
    let found = db
        .tell_again(
            ISSUE,
            &[
                &new.id.uuid(),
                &secret,
                &new.user_code,
                &new.client,
                &new.asked,
                &new.address,
                &new.user_agent,
                &new.lifetime.as_secs_f64(),
                &key,
                &step,
                &tolerance,
            ],
        )
        .await?;
    let row = found.first().ok_or_else(|| Error::Corrupt("one row was expected".to_owned()))?;
    Ok(match (wait(row, 0)?, value(row, 1)?, value(row, 2)?) {
        (_, _, true) => DeviceIssued::Done,
        (Some(wait), ..) => DeviceIssued::Limited(wait),
        (None, false, false) => DeviceIssued::NoClient,
        (None, true, false) => DeviceIssued::Taken,
    })
}

async fn find(db: &Database, question: &FindDevice) -> Result<DeviceFound> {
    let (address, step, tolerance) = cost(question.address.as_ref());
    let (account, account_step, account_tolerance) = cost(question.account.as_ref());
    let row = db
        .tell_one(
            FIND,
            &[
                &question.user_code,
                &address,
                &step,
                &tolerance,
                &account,
                &account_step,
                &account_tolerance,
            ],
        )
        .await?;
    // One of them at most: an address over its limit leaves the account alone.
    let verdict = match wait(&row, 7)? {
        None => Verdict::of(Scope::Account, wait(&row, 8)?),
        by_address => Verdict::of(Scope::Address, by_address),
    };
    let is_there = value::<Option<Uuid>>(&row, 0)?.is_some();
    Ok(DeviceFound { verdict, device: if is_there { Some(device(&row)?) } else { None } })
}

fn device(row: &Row) -> Result<Device> {
    Ok(Device {
        id: CodeId::from_uuid(value(row, 0)?),
        user_code: value(row, 1)?,
        client: value(row, 2)?,
        asked: value(row, 3)?,
        address: value(row, 4)?,
        user_agent: value(row, 5)?,
        created_at: instant(row, 6)?,
    })
}

async fn decide(db: &Database, decision: &DecideDevice) -> Result<bool> {
    let hash: &[u8] = &decision.session.secret_hash;
    let allowed = decision.allowed.as_ref();
    let found = db
        .tell_again(
            DECIDE,
            &[
                &decision.session.id.uuid(),
                &hash,
                &decision.session.user.uuid(),
                &decision.id.uuid(),
                &allowed.map(|allowed| allowed.authorized.as_str()),
                &allowed.map(|allowed| allowed.consent.as_str()),
                &parts::trail(&decision.trail),
            ],
        )
        .await?;
    found.first().map_or(Ok(false), |row| value(row, 0))
}

async fn poll(db: &Database, client: &str, code: CodeId, pace: Duration) -> Result<DeviceFacts> {
    let row = db.tell_one(POLL, &[&client, &code.uuid(), &pace.as_secs_f64()]).await?;
    let is_there = value::<Option<Uuid>>(&row, AFTER_CLIENT)?.is_some();
    Ok(DeviceFacts {
        now: instant(&row, 0)?,
        client: rows::optional_client(&row, 1)?,
        code: if is_there { Some(polled(&row)?) } else { None },
    })
}

/// What follows the time and a client.
const AFTER_CLIENT: usize = 1 + CLIENT_COLUMNS;

fn polled(row: &Row) -> Result<DeviceCode> {
    let standing = match value(row, AFTER_CLIENT + 3)? {
        "waiting" => Standing::Waiting,
        "hasty" => Standing::Hasty,
        "denied" => Standing::Denied,
        "allowed" => Standing::Allowed,
        "over" => Standing::Over,
        other => return Err(Error::Corrupt(format!("a device is {other}"))),
    };
    Ok(DeviceCode {
        secret_hash: rows::digest(value(row, AFTER_CLIENT + 1)?)?,
        client: value(row, AFTER_CLIENT + 2)?,
        standing,
    })
}
