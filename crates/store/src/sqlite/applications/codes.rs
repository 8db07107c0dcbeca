//! Codes: issued on the word of a session, looked at, turned into a grant once.

use rusqlite::{Connection, OptionalExtension, params};
use tokenhouse_rules::id::{CodeId, GrantId, SessionId};

use super::rows::{self, AFTER_OWNER, OPEN, OWNER};
use super::{clients, grants};
use crate::sqlite::clock;
use crate::sqlite::logouts;
use crate::sqlite::person::{self, Person};
use crate::sqlite::pushed_requests;
use crate::sqlite::rows::{USER, blob, id, note};
use crate::{Code, CodeFacts, NewCode, Redeem, Redeemed};

/// A repetition finds the code, and leaves the consent alone.
pub(super) fn issue(c: &Connection, code: &NewCode) -> rusqlite::Result<bool> {
    let Some(person) = person::of_session(c, &code.session)? else { return Ok(false) };
    if !clients::is_usable(c, &code.client)? {
        return Ok(false);
    }
    if let Some(pushed) = &code.pushed
        && !pushed_requests::use_up(c, pushed, code)?
    {
        return Ok(false);
    }
    if insert(c, code, &person)? > 0
        && let Some(scope) = &code.consent
    {
        remember(c, person.number, &code.client, scope)?;
        note(c, person.user.id, Some(code.session.id), &code.trail)?;
    }
    Ok(true)
}

fn insert(c: &Connection, code: &NewCode, person: &Person) -> rusqlite::Result<usize> {
    let now = clock();
    c.prepare_cached(
        "INSERT INTO codes (id, secret_hash, client_id, user, session_id, epoch, created_at,
                            expires_at, authorized)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (id) DO NOTHING",
    )?
    .execute(params![
        blob(code.id.uuid()),
        code.secret_hash,
        code.client,
        person.number,
        blob(code.session.id.uuid()),
        person.epoch,
        now.micros(),
        now.plus(code.lifetime).micros(),
        code.authorized,
    ])
}

/// She is connected since she agreed for the first time.
pub(super) fn remember(
    c: &Connection,
    user: i64,
    client: &str,
    scope: &str,
) -> rusqlite::Result<usize> {
    c.prepare_cached(
        "INSERT INTO consents (user, client_id, scope, granted_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (user, client_id) DO UPDATE SET scope = excluded.scope",
    )?
    .execute(params![user, client, scope, clock().micros()])
}

pub(super) fn facts(c: &Connection, client: &str, code: CodeId) -> rusqlite::Result<CodeFacts> {
    let now = clock();
    Ok(CodeFacts { now, client: clients::find(c, client)?, code: find(c, code)? })
}

fn find(c: &Connection, code: CodeId) -> rusqlite::Result<Option<Code>> {
    c.prepare_cached(&format!(
        "SELECT {USER}, {OWNER}, given.secret_hash, given.client_id, given.authorized,
                given.session_id, given.used_at IS NOT NULL, {OPEN}
         FROM codes given JOIN users u ON u.number = given.user
              JOIN clients c ON c.id = given.client_id WHERE given.id = ?2"
    ))?
    .query_row(params![clock().micros(), blob(code.uuid())], |row| {
        Ok(Code {
            secret_hash: row.get(AFTER_OWNER)?,
            client: row.get(AFTER_OWNER + 1)?,
            authorized: row.get(AFTER_OWNER + 2)?,
            session: SessionId::from_uuid(id(row, AFTER_OWNER + 3)?),
            used: row.get(AFTER_OWNER + 4)?,
            open: row.get(AFTER_OWNER + 5)?,
            owner: rows::owner(c, row)?,
        })
    })
    .optional()
}

pub(super) fn redeem(c: &Connection, redeem: &Redeem) -> rusqlite::Result<Redeemed> {
    let found = find(c, redeem.code)?.filter(|code| code.client == redeem.client);
    let Some(code) = found else { return Ok(Redeemed::Gone) };
    if code.used {
        return used(c, redeem);
    }
    if !code.open || !clients::is_usable(c, &redeem.client)? {
        return Ok(Redeemed::Gone);
    }
    use_up(c, redeem)?;
    logouts::remember(c, redeem.code)?;
    note(c, code.owner.user.id, Some(code.session), &redeem.trail)?;
    Ok(Redeemed::Done)
}

/// A code that was used before: its own repetition passes while what it became was not ended.
fn used(c: &Connection, redeem: &Redeem) -> rusqlite::Result<Redeemed> {
    let is_repeated = c
        .prepare_cached(
            "SELECT 1 FROM codes WHERE id = ?1 AND used_by = ?2 AND NOT EXISTS (
                SELECT 1 FROM grants WHERE id = ?1 AND revoked_at IS NOT NULL)",
        )?
        .exists(params![blob(redeem.code.uuid()), blob(redeem.operation)])?;
    if is_repeated {
        return Ok(Redeemed::Done);
    }
    grants::end(c, GrantId::from_uuid(redeem.code.uuid()), &redeem.replayed)?;
    Ok(Redeemed::Replayed)
}

/// Uses the code up, and makes its grant.
fn use_up(c: &Connection, redeem: &Redeem) -> rusqlite::Result<()> {
    let now = clock();
    let code = blob(redeem.code.uuid());
    c.prepare_cached("UPDATE codes SET used_at = ?2, used_by = ?3 WHERE id = ?1")?
        .execute(params![code, now.micros(), blob(redeem.operation)])?;
    let expires_at = now.plus(redeem.lifetime.absolute);
    let live_until = now.plus(redeem.lifetime.idle).min(expires_at);
    c.prepare_cached(
        "INSERT INTO grants (id, client_id, user, session_id, epoch, rotated_at, created_at,
                             last_used_at, live_until, expires_at, authorized)
         SELECT id, client_id, user, iif(?2, NULL, session_id), epoch, ?3, ?3, ?3, ?4, ?5,
                authorized
         FROM codes WHERE id = ?1",
    )?
    .execute(params![
        code,
        redeem.offline,
        now.micros(),
        live_until.micros(),
        expires_at.micros(),
    ])?;
    Ok(())
}
