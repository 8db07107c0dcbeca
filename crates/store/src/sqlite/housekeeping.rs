//! Tasks with their leases, deletion of what has expired, and the audit trail.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use tokenhouse_rules::id::{EventId, UserId};
use uuid::Uuid;

use super::rows::{self, blob};
use super::{administration, clock};
use crate::{AuditEvent, KEPT_AFTER_USE};

const DUE: &str = "SELECT name FROM tasks
    WHERE due_at <= ?1 AND (lease_until IS NULL OR lease_until <= ?1) ORDER BY due_at LIMIT 1";

pub(super) fn task_due(c: &Connection) -> rusqlite::Result<bool> {
    c.prepare_cached(DUE)?.exists([clock().micros()])
}

/// The write transaction is what `FOR UPDATE SKIP LOCKED` is elsewhere: nobody else can be in here.
pub(super) fn claim(
    c: &Connection,
    holder: Uuid,
    lease: Duration,
) -> rusqlite::Result<Option<String>> {
    let now = clock();
    let name: Option<String> =
        c.prepare_cached(DUE)?.query_row([now.micros()], |row| row.get(0)).optional()?;
    if let Some(name) = &name {
        c.prepare_cached("UPDATE tasks SET lease_id = ?2, lease_until = ?3 WHERE name = ?1")?
            .execute(params![name, blob(holder), now.plus(lease).micros()])?;
    }
    Ok(name)
}

pub(super) fn finish(
    c: &Connection,
    name: &str,
    holder: Uuid,
    again: Duration,
) -> rusqlite::Result<bool> {
    c.prepare_cached(
        "UPDATE tasks SET due_at = ?3, lease_id = NULL, lease_until = NULL
         WHERE name = ?1 AND lease_id = ?2",
    )?
    .execute(params![name, blob(holder), clock().plus(again).micros()])
    .map(|rows| rows > 0)
}

pub(super) fn extend(
    c: &Connection,
    name: &str,
    holder: Uuid,
    lease: Duration,
) -> rusqlite::Result<bool> {
    c.prepare_cached("UPDATE tasks SET lease_until = ?3 WHERE name = ?1 AND lease_id = ?2")?
        .execute(params![name, blob(holder), clock().plus(lease).micros()])
        .map(|rows| rows > 0)
}

const SESSIONS_GONE: &str = "DELETE FROM sessions WHERE id IN
    (SELECT id FROM sessions WHERE live_until <= ?1 LIMIT ?2)";

const THROTTLES_GONE: &str = "DELETE FROM throttles WHERE key IN
    (SELECT key FROM throttles WHERE arrival <= ?1 LIMIT ?2)";

/// `at` decides. The range of identifiers only spares looking at the younger rows; an index on `at`
/// would do the same, at the price of a write more for each event.
const EVENTS_GONE: &str = "DELETE FROM audit_events WHERE id IN
    (SELECT id FROM audit_events WHERE id < ?3 AND at <= ?1 ORDER BY id LIMIT ?2)";

const LINKS_GONE: &str = "DELETE FROM links WHERE id IN
    (SELECT id FROM links WHERE expires_at <= ?1 LIMIT ?2)";

const MAILS_GONE: &str = "DELETE FROM mails WHERE id IN
    (SELECT id FROM mails WHERE coalesce(sent_at, dead_at) <= ?1 LIMIT ?2)";

const CODES_GONE: &str = "DELETE FROM codes WHERE id IN
    (SELECT id FROM codes WHERE expires_at <= ?1 LIMIT ?2)";

const DEVICE_CODES_GONE: &str = "DELETE FROM device_codes WHERE id IN
    (SELECT id FROM device_codes WHERE expires_at <= ?1 LIMIT ?2)";

const GRANTS_GONE: &str = "DELETE FROM grants WHERE id IN
    (SELECT id FROM grants WHERE live_until <= ?1 LIMIT ?2)";

const PUSHED_GONE: &str = "DELETE FROM pushed_requests WHERE id IN
    (SELECT id FROM pushed_requests WHERE kept_until <= ?1 LIMIT ?2)";

const INVITATIONS_GONE: &str = "DELETE FROM client_invitations WHERE id IN
    (SELECT id FROM client_invitations WHERE expires_at <= ?1 LIMIT ?2)";

const USES_GONE: &str = "DELETE FROM used_once WHERE key IN
    (SELECT key FROM used_once WHERE expires_at <= ?1 LIMIT ?2)";

/// Of secrets, as of keys, there are as many as an operator made: they are looked through.
const SECRETS_GONE: &str = "DELETE FROM client_secrets WHERE id IN
    (SELECT id FROM client_secrets WHERE expires_at <= ?1 LIMIT ?2)";

const KEYS_GONE: &str = "DELETE FROM signing_keys WHERE id IN
    (SELECT id FROM signing_keys WHERE remove_at <= ?1 LIMIT ?2)";

pub(super) fn delete_expired(
    c: &Connection,
    limit: u32,
    keep_events: Duration,
) -> rusqlite::Result<u64> {
    let now = clock();
    let oldest = now.minus(keep_events);
    let sessions = c.prepare_cached(SESSIONS_GONE)?.execute(params![now.micros(), limit])?;
    let throttles = c.prepare_cached(THROTTLES_GONE)?.execute(params![now.micros(), limit])?;
    let below = blob(EventId::lowest(oldest).uuid());
    let events = c.prepare_cached(EVENTS_GONE)?.execute(params![oldest.micros(), limit, below])?;
    let of_old = now.minus(KEPT_AFTER_USE).micros();
    let links = c.prepare_cached(LINKS_GONE)?.execute(params![of_old, limit])?;
    let mails = c.prepare_cached(MAILS_GONE)?.execute(params![of_old, limit])?;
    let users = administration::delete_scheduled(c, limit)?;
    let of_applications = delete_of_applications(c, limit)?;
    Ok((sessions + throttles + events + links + mails + users + of_applications) as u64)
}

/// Deletes what expired of the keys of applications and of what they were given; how much.
fn delete_of_applications(c: &Connection, limit: u32) -> rusqlite::Result<usize> {
    let now = clock().micros();
    let mut gone = 0;
    for statement in [
        CODES_GONE,
        DEVICE_CODES_GONE,
        GRANTS_GONE,
        USES_GONE,
        PUSHED_GONE,
        SECRETS_GONE,
        KEYS_GONE,
        INVITATIONS_GONE,
    ] {
        gone += c.prepare_cached(statement)?.execute(params![now, limit])?;
    }
    Ok(gone)
}

pub(super) fn events(
    c: &Connection,
    user: Option<UserId>,
    before: Option<EventId>,
    limit: u32,
) -> rusqlite::Result<Vec<AuditEvent>> {
    let before = before.map_or([0xff; 16], |id| blob(id.uuid()));
    c.prepare_cached(
        "SELECT id, at, event, actor, user_id, session_id, address, request_id FROM audit_events
         WHERE (?1 IS NULL OR user_id = ?1) AND id < ?2 ORDER BY id DESC LIMIT ?3",
    )?
    .query_map(params![user.map(|id| blob(id.uuid())), before, limit], rows::event)?
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration;

    #[test]
    fn deleting_what_expired_scans_no_table() -> rusqlite::Result<()> {
        let c = Connection::open_in_memory()?;
        for migration in migration::SQLITE {
            c.execute_batch(migration.sql)?;
        }
        for statement in [
            SESSIONS_GONE,
            THROTTLES_GONE,
            EVENTS_GONE,
            LINKS_GONE,
            MAILS_GONE,
            CODES_GONE,
            DEVICE_CODES_GONE,
            GRANTS_GONE,
            INVITATIONS_GONE,
            USES_GONE,
            PUSHED_GONE,
            administration::SCHEDULED,
        ] {
            let mut plan = c.prepare(&format!("EXPLAIN QUERY PLAN {statement}"))?;
            let steps = plan.raw_query().mapped(|row| row.get::<_, String>(3));
            let steps = steps.collect::<rusqlite::Result<Vec<_>>>()?;
            assert!(steps.iter().any(|step| step.starts_with("SEARCH")), "{steps:?}");
            assert!(!steps.iter().any(|step| step.starts_with("SCAN")), "{steps:?}");
        }
        Ok(())
    }
}
