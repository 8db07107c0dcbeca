//! The end of a client: at once where it was given little, and otherwise in steps, each of which disturbs nobody.
//!
//! In between it is a client that is disabled, as all that looks at its grants asks for anyway.

use crate::postgres::connection::Database;
use crate::postgres::parts::{self, noted};
use crate::postgres::rows::value;
use crate::{AT_ONCE, NOBODY, Result, Trail};

/// Deletes the clients of the part `$target`, or empties those that have more than `$at_once` rows of a kind. Hosts,
/// secrets and registrations are as many as an operator made.
macro_rules! deletion {
    ($target:literal, $at_once:literal, $trail:literal, $nobody:literal) => {
        concat!(
            "WITH target AS MATERIALIZED (",
            $target,
            "),
             large AS MATERIALIZED (
                SELECT t.id FROM target t
                WHERE EXISTS (SELECT 1 FROM grants x WHERE x.client_id = t.id OFFSET ",
            $at_once,
            "::bigint)
                   OR EXISTS (SELECT 1 FROM consents x WHERE x.client_id = t.id OFFSET ",
            $at_once,
            "::bigint)
                   OR EXISTS (SELECT 1 FROM codes x WHERE x.client_id = t.id OFFSET ",
            $at_once,
            "::bigint)
                   OR EXISTS (SELECT 1 FROM device_codes x WHERE x.client_id = t.id OFFSET ",
            $at_once,
            "::bigint)
                   OR EXISTS (SELECT 1 FROM pushed_requests x WHERE x.client_id = t.id OFFSET ",
            $at_once,
            "::bigint)),
             gone AS (
                DELETE FROM clients c USING target t
                WHERE c.id = t.id AND c.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM large)
                RETURNING c.id),
             emptied AS (
                UPDATE clients c
                SET deleted_at = now(), disabled_at = coalesce(c.disabled_at, now()), settings = '{}',
                    version = c.version + 1, updated_at = now()
                FROM large l WHERE c.id = l.id AND c.deleted_at IS NULL RETURNING c.id),
             hosts_gone AS (
                DELETE FROM client_hosts x USING emptied e WHERE x.client_id = e.id),
             secrets_gone AS (
                DELETE FROM client_secrets x USING emptied e WHERE x.client_id = e.id),
             registrations_gone AS (
                DELETE FROM client_registrations x USING emptied e WHERE x.client_id = e.id),
             done AS (SELECT id FROM gone UNION ALL SELECT id FROM emptied),",
            noted!($trail, $nobody, "NULL::uuid", "done"),
            " SELECT EXISTS (SELECT 1 FROM done)"
        )
    };
}
pub(super) use deletion;

const DELETE: &str =
    deletion!("SELECT id FROM clients WHERE id = $1::text", "$4", "$2", "$3::uuid");

/// Rows that another process is deleting are left to it. A client goes when nothing was left of it as this began.
const CLEAR: &str = "
    WITH deleted AS MATERIALIZED (SELECT id FROM clients WHERE deleted_at IS NOT NULL),
     grants_gone AS (
        DELETE FROM grants WHERE id = ANY (ARRAY(
            SELECT found.id FROM deleted d CROSS JOIN LATERAL (
                SELECT x.id FROM grants x WHERE x.client_id = d.id
                LIMIT $1::bigint FOR UPDATE SKIP LOCKED) found LIMIT $1::bigint)) RETURNING 1),
     consents_gone AS (
        DELETE FROM consents WHERE ctid = ANY (ARRAY(
            SELECT found.ctid FROM deleted d CROSS JOIN LATERAL (
                SELECT x.ctid FROM consents x WHERE x.client_id = d.id
                LIMIT $1::bigint FOR UPDATE SKIP LOCKED) found LIMIT $1::bigint)) RETURNING 1),
     codes_gone AS (
        DELETE FROM codes WHERE id = ANY (ARRAY(
            SELECT found.id FROM deleted d CROSS JOIN LATERAL (
                SELECT x.id FROM codes x WHERE x.client_id = d.id
                LIMIT $1::bigint FOR UPDATE SKIP LOCKED) found LIMIT $1::bigint)) RETURNING 1),
     device_codes_gone AS (
        DELETE FROM device_codes WHERE id = ANY (ARRAY(
            SELECT found.id FROM deleted d CROSS JOIN LATERAL (
                SELECT x.id FROM device_codes x WHERE x.client_id = d.id
                LIMIT $1::bigint FOR UPDATE SKIP LOCKED) found LIMIT $1::bigint)) RETURNING 1),
     pushed_gone AS (
        DELETE FROM pushed_requests WHERE id = ANY (ARRAY(
            SELECT found.id FROM deleted d CROSS JOIN LATERAL (
                SELECT x.id FROM pushed_requests x WHERE x.client_id = d.id
                LIMIT $1::bigint FOR UPDATE SKIP LOCKED) found LIMIT $1::bigint)) RETURNING 1),
     clients_gone AS (
        DELETE FROM clients c USING deleted d
        WHERE c.id = d.id
          AND NOT EXISTS (SELECT 1 FROM grants x WHERE x.client_id = d.id)
          AND NOT EXISTS (SELECT 1 FROM consents x WHERE x.client_id = d.id)
          AND NOT EXISTS (SELECT 1 FROM codes x WHERE x.client_id = d.id)
          AND NOT EXISTS (SELECT 1 FROM device_codes x WHERE x.client_id = d.id)
          AND NOT EXISTS (SELECT 1 FROM pushed_requests x WHERE x.client_id = d.id)
        RETURNING 1)
    SELECT (SELECT count(*) FROM grants_gone) + (SELECT count(*) FROM consents_gone)
         + (SELECT count(*) FROM codes_gone) + (SELECT count(*) FROM device_codes_gone)
         + (SELECT count(*) FROM pushed_gone) + (SELECT count(*) FROM clients_gone)";

pub(super) async fn delete(db: &Database, id: &str, trail: &Trail) -> Result<bool> {
    let at_once = i64::from(AT_ONCE);
    let row = db.tell_one(DELETE, &[&id, &parts::trail(trail), &NOBODY.uuid(), &at_once]).await?;
    value(&row, 0)
}

pub(super) async fn clear(db: &Database) -> Result<u64> {
    let row = db.tell_one(CLEAR, &[&i64::from(AT_ONCE)]).await?;
    value::<i64>(&row, 0).map(|count| u64::try_from(count).unwrap_or(0))
}
