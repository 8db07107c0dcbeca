//! Authorization codes: issued on the word of a living session, and turned into a grant once.
//!
//! Whoever needs several rows locks the person first, then the client, then the code, then the grant, so that no
//! two statements can deadlock. The locks on person and client are those that foreign keys take anyway.

use std::time::SystemTime;

use tokenhouse_rules::id::{CodeId, SessionId};
use tokio_postgres::Row;
use uuid::Uuid;

use super::rows::{
    self, AFTER_CLIENT, CLIENT, NOW, client_columns, end_redeemed, owner_columns,
    presented_columns, secrets_of, session_of,
};
use crate::postgres::connection::Database;
use crate::postgres::logouts::led;
use crate::postgres::parts::{self, noted};
use crate::postgres::rows::{instant, living, value};
use crate::{Code, CodeFacts, Error, NewCode, Redeem, Redeemed, Result};

/// A repetition finds the code, and leaves the consent alone. Of several who answer one request that was sent ahead
/// the first gets the lock of its row; the others wait, and find it used.
const ISSUE: &str = concat!(
    "WITH ",
    living!(locked "FOR KEY SHARE OF u, s"),
    ",
     client AS MATERIALIZED (
        SELECT id FROM clients WHERE id = $4::text AND disabled_at IS NULL FOR KEY SHARE),
     found AS MATERIALIZED (
        SELECT l.id AS user_id, l.epoch, c.id AS client_id FROM living l CROSS JOIN client c),
     answered AS (
        UPDATE pushed_requests p SET used_at = coalesce(p.used_at, now()), used_by = $5::uuid
        FROM found f WHERE p.id = $11::uuid AND p.client_id = f.client_id
            AND (p.used_at IS NULL OR p.used_by = $5::uuid)
            AND p.expires_at > $12::timestamptz AND p.kept_until > now()
        RETURNING p.id),
     judged AS MATERIALIZED (
        SELECT * FROM found WHERE $11::uuid IS NULL OR EXISTS (SELECT 1 FROM answered)),
     issued AS (
        INSERT INTO codes (id, secret_hash, client_id, user_id, session_id, epoch, authorized,
                           created_at, expires_at)
        SELECT $5::uuid, $6::bytea, j.client_id, j.user_id, $1::uuid, j.epoch, $7::text, now(),
               now() + $8::float8 * interval '1 second'
        FROM judged j ON CONFLICT (id) DO NOTHING RETURNING user_id, client_id),
     agreed AS (
        INSERT INTO consents (user_id, client_id, scope, granted_at)
        SELECT i.user_id, i.client_id, $9::text, now() FROM issued i WHERE $9::text IS NOT NULL
        ON CONFLICT (user_id, client_id) DO UPDATE SET scope = excluded.scope
        RETURNING user_id),",
    noted!("$10", "user_id", "$1::uuid", "agreed"),
    " SELECT EXISTS (SELECT 1 FROM judged)"
);

/// Whether a code may be redeemed.
macro_rules! is_open {
    () => {
        "k.used_at IS NULL AND k.expires_at > now() AND k.epoch = u.epoch AND u.locked_at IS NULL
            AND s.id IS NOT NULL"
    };
}

const FACTS: &str = concat!(
    "SELECT ",
    owner_columns!(),
    ", now(), ",
    client_columns!(),
    ", k.id, k.secret_hash, k.client_id, k.authorized, k.used_at IS NOT NULL, k.session_id, ",
    is_open!(),
    " FROM (SELECT 1) one LEFT JOIN clients c ON c.id = $1::text",
    secrets_of!(),
    " LEFT JOIN (codes k JOIN users u ON u.id = k.user_id",
    session_of!("k"),
    ") ON k.id = $2::uuid"
);

/// Of several who present a code at once the first gets its lock; the others wait, and find it used. The
/// session, which is not locked, is judged once more by everything that the grant is used for.
const REDEEM: &str = concat!(
    "WITH presented AS MATERIALIZED (
        SELECT ",
    presented_columns!(),
    ", k.used_by IS NOT DISTINCT FROM $3::uuid AS ours, c.disabled_at IS NULL AND ",
    is_open!(),
    " AS is_open
        FROM codes k JOIN users u ON u.id = k.user_id JOIN clients c ON c.id = k.client_id",
    session_of!("k"),
    " WHERE k.id = $1::uuid AND k.client_id = $2::text
        FOR KEY SHARE OF u, c FOR NO KEY UPDATE OF k),
     used AS (
        UPDATE codes k SET used_at = now(), used_by = $3::uuid
        FROM presented p WHERE k.id = p.id AND p.is_open
        RETURNING k.id, k.client_id, k.user_id, k.session_id, k.epoch, k.authorized),
     made AS (
        INSERT INTO grants (id, client_id, user_id, session_id, epoch, authorized, rotated_at,
                            created_at, last_used_at, live_until, expires_at)
        SELECT u.id, u.client_id, u.user_id, CASE WHEN NOT $4::boolean THEN u.session_id END,
               u.epoch, u.authorized, now(), now(), now(),
               now() + least($5::float8, $6::float8) * interval '1 second',
               now() + $6::float8 * interval '1 second'
        FROM used u),",
    led!(),
    ",",
    end_redeemed!("ended", "p.used AND NOT p.ours"),
    ",
     happened AS (
        SELECT $7::text[] AS trail, user_id, session_id FROM used
        UNION ALL SELECT $8::text[], user_id, session_id FROM ended),",
    noted!("h.trail", "h.user_id", "h.session_id", "happened h"),
    " SELECT CASE
        WHEN p.is_open THEN 'done'
        WHEN p.ours AND NOT EXISTS (
            SELECT 1 FROM grants WHERE id = p.id AND revoked_at IS NOT NULL) THEN 'done'
        WHEN p.used THEN 'replayed'
        ELSE 'gone' END
     FROM presented p"
);

pub(super) async fn issue(db: &Database, code: &NewCode) -> Result<bool> {
    let (session, secret): (&[u8], &[u8]) = (&code.session.secret_hash, &code.secret_hash);
    let found = db
        .tell_again(
            ISSUE,
            &[
                &code.session.id.uuid(),
                &session,
                &code.session.user.uuid(),
                &code.client,
                &code.id.uuid(),
                &secret,
                &code.authorized,
                &code.lifetime.as_secs_f64(),
                &code.consent,
                &parts::trail(&code.trail),
                &code.pushed.map(|pushed| pushed.id.uuid()),
                &code.pushed.map(|pushed| SystemTime::from(pushed.came_at)),
            ],
        )
        .await?;
    found.first().map_or(Ok(false), |row| value(row, 0))
}

pub(super) async fn facts(db: &Database, client: &str, code: CodeId) -> Result<CodeFacts> {
    let row = db.ask_one(FACTS, &[&client, &code.uuid()]).await?;
    let is_there = value::<Option<Uuid>>(&row, AFTER_CLIENT)?.is_some();
    Ok(CodeFacts {
        now: instant(&row, NOW)?,
        client: rows::optional_client(&row, CLIENT)?,
        code: if is_there { Some(presented(&row)?) } else { None },
    })
}

fn presented(row: &Row) -> Result<Code> {
    Ok(Code {
        secret_hash: rows::digest(value(row, AFTER_CLIENT + 1)?)?,
        client: value(row, AFTER_CLIENT + 2)?,
        authorized: value(row, AFTER_CLIENT + 3)?,
        open: value(row, AFTER_CLIENT + 6)?,
        used: value(row, AFTER_CLIENT + 4)?,
        owner: rows::owner(row)?,
        session: SessionId::from_uuid(value(row, AFTER_CLIENT + 5)?),
    })
}

pub(super) async fn redeem(db: &Database, redeem: &Redeem) -> Result<Redeemed> {
    let found = db
        .tell_again(
            REDEEM,
            &[
                &redeem.code.uuid(),
                &redeem.client,
                &redeem.operation,
                &redeem.offline,
                &redeem.lifetime.idle.as_secs_f64(),
                &redeem.lifetime.absolute.as_secs_f64(),
                &parts::trail(&redeem.trail),
                &parts::trail(&redeem.replayed),
            ],
        )
        .await?;
    let Some(row) = found.first() else { return Ok(Redeemed::Gone) };
    match value(row, 0)? {
        "done" => Ok(Redeemed::Done),
        "replayed" => Ok(Redeemed::Replayed),
        "gone" => Ok(Redeemed::Gone),
        other => Err(Error::Corrupt(format!("a code is {other}"))),
    }
}
