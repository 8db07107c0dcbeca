//! Tasks with their leases, deletion of what has expired, and the audit trail.

use std::time::Duration;

use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::{EventId, UserId};
use uuid::Uuid;

use super::administration::mails_of_gone;
use super::connection::Database;
use super::rows::{self, value};
use crate::{AuditEvent, KEPT_AFTER_USE, Result};

pub(super) async fn claim(db: &Database, holder: Uuid, lease: Duration) -> Result<Option<String>> {
    let found = db
        .tell(
            "UPDATE tasks SET lease_id = $1, lease_until = now() + $2::float8 * interval '1 second'
             WHERE name = (
                SELECT name FROM tasks
                WHERE due_at <= now() AND (lease_until IS NULL OR lease_until <= now())
                ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
             RETURNING name",
            &[&holder, &lease.as_secs_f64()],
        )
        .await?;
    found.first().map(|row| value(row, 0)).transpose()
}

pub(super) async fn finish(
    db: &Database,
    name: &str,
    holder: Uuid,
    again: Duration,
) -> Result<bool> {
    let found = db
        .tell(
            "UPDATE tasks SET due_at = now() + $3::float8 * interval '1 second', lease_id = NULL,
                              lease_until = NULL
             WHERE name = $1 AND lease_id = $2 RETURNING name",
            &[&name, &holder, &again.as_secs_f64()],
        )
        .await?;
    Ok(!found.is_empty())
}

pub(super) async fn extend(
    db: &Database,
    name: &str,
    holder: Uuid,
    lease: Duration,
) -> Result<bool> {
    let found = db
        .tell(
            "UPDATE tasks SET lease_until = now() + $3::float8 * interval '1 second'
             WHERE name = $1 AND lease_id = $2 RETURNING name",
            &[&name, &holder, &lease.as_secs_f64()],
        )
        .await?;
    Ok(!found.is_empty())
}

/// Rows that another process is deleting are left to it. Each `= ANY (ARRAY(…))` is looked up in the index,
/// whatever the planner believes about the number of rows. Clients' secrets and signing keys are so few that
/// all of them may be looked at.
///
/// Of the audit trail `at` decides. The range of identifiers, which begin with the milliseconds they were
/// made at, only spares looking at the younger rows; an index on `at` would do the same, at the price of a
/// write more for each event. An identifier may come from a process whose clock is wrong: fast, and its row
/// stays longer by as much; slow, and it is looked at once more, and stays.
///
/// Of the administrators whose accounts are to be deleted one goes at a time, and never the last. The
/// identifiers of the events of those who go are made here, since it is not known before who that is.
const DELETE_EXPIRED: &str = concat!(
    "WITH sessions_gone AS (
        DELETE FROM sessions WHERE id = ANY (ARRAY(
            SELECT id FROM sessions WHERE live_until <= now()
            ORDER BY live_until LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1),
     throttles_gone AS (
        DELETE FROM throttles WHERE key = ANY (ARRAY(
            SELECT key FROM throttles WHERE arrival <= (extract(epoch FROM now()) * 1000000)::bigint
            ORDER BY arrival LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1),
     events_gone AS (
        DELETE FROM audit_events WHERE id = ANY (ARRAY(
            SELECT id FROM audit_events
            WHERE id < (lpad(to_hex((greatest(0, extract(epoch FROM now()) - $2::float8) * 1000)::bigint),
                             12, '0') || repeat('0', 20))::uuid
              AND at <= now() - $2::float8 * interval '1 second'
            ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1),
     links_gone AS (
        DELETE FROM links WHERE id = ANY (ARRAY(
            SELECT id FROM links WHERE expires_at <= now() - $3::float8 * interval '1 second'
            ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1),
     mails_gone AS (
        DELETE FROM mails WHERE id = ANY (ARRAY(
            SELECT id FROM mails
            WHERE coalesce(sent_at, dead_at) <= now() - $3::float8 * interval '1 second'
            ORDER BY coalesce(sent_at, dead_at) LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1),
     codes_gone AS (
        DELETE FROM codes WHERE id = ANY (ARRAY(
            SELECT id FROM codes WHERE expires_at <= now()
            ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1),
     device_codes_gone AS (
        DELETE FROM device_codes WHERE id = ANY (ARRAY(
            SELECT id FROM device_codes WHERE expires_at <= now()
            ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1),
     grants_gone AS (
        DELETE FROM grants WHERE id = ANY (ARRAY(
            SELECT id FROM grants WHERE last_day < (now() AT TIME ZONE 'UTC')::date
            ORDER BY last_day LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1),
     used_once_gone AS (
        DELETE FROM used_once WHERE key = ANY (ARRAY(
            SELECT key FROM used_once WHERE expires_at <= now()
            ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1),
     pushed_gone AS (
        DELETE FROM pushed_requests WHERE id = ANY (ARRAY(
            SELECT id FROM pushed_requests WHERE kept_until <= now()
            ORDER BY kept_until LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1),
     invitations_gone AS (
        DELETE FROM client_invitations WHERE id = ANY (ARRAY(
            SELECT id FROM client_invitations WHERE expires_at <= now()
            ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1),
     secrets_gone AS (
        DELETE FROM client_secrets WHERE id = ANY (ARRAY(
            SELECT id FROM client_secrets WHERE expires_at <= now()
            LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1),
     keys_gone AS (
        DELETE FROM signing_keys WHERE id = ANY (ARRAY(
            SELECT id FROM signing_keys WHERE remove_at <= now()
            LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING 1),
     leaving AS MATERIALIZED (
        SELECT id, administrator_since FROM users
        WHERE delete_after <= now() AND (administrator_since IS NULL
            OR EXISTS (SELECT 1 FROM setup WHERE administrators > 1))
        ORDER BY delete_after LIMIT $1 FOR UPDATE SKIP LOCKED),
     counted AS (
        UPDATE setup SET administrators = administrators - 1
        FROM (SELECT id FROM leaving WHERE administrator_since IS NOT NULL ORDER BY id LIMIT 1) one_of
        WHERE administrators > 1 RETURNING one_of.id),
     gone AS (
        DELETE FROM users WHERE id = ANY (ARRAY(
            SELECT id FROM leaving WHERE administrator_since IS NULL
            UNION ALL SELECT id FROM counted)) RETURNING id),",
    mails_of_gone!(),
    ",
     noted AS (
        INSERT INTO audit_events (id, at, event, actor, user_id)
        SELECT (lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint), 12, '0') || '7'
                || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid,
               now(), $4::text, $5::text, id
        FROM gone)
    SELECT (SELECT count(*) FROM sessions_gone) + (SELECT count(*) FROM throttles_gone)
         + (SELECT count(*) FROM events_gone) + (SELECT count(*) FROM links_gone)
         + (SELECT count(*) FROM mails_gone) + (SELECT count(*) FROM gone)
         + (SELECT count(*) FROM codes_gone) + (SELECT count(*) FROM grants_gone)
         + (SELECT count(*) FROM device_codes_gone)
         + (SELECT count(*) FROM used_once_gone) + (SELECT count(*) FROM secrets_gone)
         + (SELECT count(*) FROM pushed_gone)
         + (SELECT count(*) FROM invitations_gone) + (SELECT count(*) FROM keys_gone)"
);

pub(super) async fn delete_expired(
    db: &Database,
    limit: u32,
    keep_events: Duration,
) -> Result<u64> {
    let row = db
        .tell_one(
            DELETE_EXPIRED,
            &[
                &i64::from(limit),
                &keep_events.as_secs_f64(),
                &KEPT_AFTER_USE.as_secs_f64(),
                &Event::UserDeleted.name(),
                &Actor::User.name(),
            ],
        )
        .await?;
    value::<i64>(&row, 0).map(|count| u64::try_from(count).unwrap_or(0))
}

const EVENTS: &str = "
    SELECT id, at, event, actor, user_id, session_id, address, request_id FROM audit_events
    WHERE id < $1 ORDER BY id DESC LIMIT $2";

const EVENTS_OF_USER: &str = "
    SELECT id, at, event, actor, user_id, session_id, address, request_id FROM audit_events
    WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";

pub(super) async fn events(
    db: &Database,
    user: Option<UserId>,
    before: Option<EventId>,
    limit: u32,
) -> Result<Vec<AuditEvent>> {
    // Two texts, as one plan for both would not know which index to follow.
    let before = before.map_or(Uuid::max(), EventId::uuid);
    let found = match user {
        Some(user) => db.ask(EVENTS_OF_USER, &[&user.uuid(), &before, &i64::from(limit)]).await?,
        None => db.ask(EVENTS, &[&before, &i64::from(limit)]).await?,
    };
    found.iter().map(rows::event).collect()
}
