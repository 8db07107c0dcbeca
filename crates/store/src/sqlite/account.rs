//! Accounts: made, looked up, changed and deleted.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params, params_from_iter};
use tokenhouse_rules::id::UserId;

use super::rows::{self, USER, blob, number};
use super::{clock, housekeeping, session, sign_in};
use crate::{
    ChangePassword, Export, NewUser, Registered, RegistrationFacts, SessionKey, Trail, User,
};

/// The most audit rows in an export.
const EXPORTED_EVENTS: u32 = 10_000;

pub(super) fn registration_facts(
    c: &Connection,
    names: &[String],
) -> rusqlite::Result<RegistrationFacts> {
    let marks = vec!["?"; names.len()].join(",");
    let taken = c
        .prepare_cached(&format!("SELECT key FROM login_names WHERE key IN ({marks})"))?
        .query_map(params_from_iter(names.iter().cloned().map(Value::from)), |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(RegistrationFacts { now: clock(), taken })
}

pub(super) fn register(c: &Connection, new: &NewUser) -> rusqlite::Result<Registered> {
    let id = blob(new.id.uuid());
    if c.prepare_cached("SELECT 1 FROM users WHERE id = ?1")?.exists([id])? {
        return Ok(Registered::Done);
    }
    let taken = registration_facts(c, &new.names)?.taken;
    if !taken.is_empty() {
        return Ok(Registered::Taken(taken));
    }
    let at = new.created_at.micros();
    c.prepare_cached(
        "INSERT INTO users (id, username, email, created_at) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![id, new.username, new.email, at])?;
    let number = c.last_insert_rowid();
    for name in &new.names {
        c.prepare_cached("INSERT INTO login_names (key, user) VALUES (?1, ?2)")?
            .execute(params![name, number])?;
    }
    c.prepare_cached("INSERT INTO passwords (user, hash, changed_at) VALUES (?1, ?2, ?3)")?
        .execute(params![number, new.password, at])?;
    if let Some(session) = &new.session {
        rows::insert_session(c, number, 1, session)?;
    }
    rows::note(c, new.id, new.session.as_ref().map(|session| session.id), &new.trail)?;
    Ok(Registered::Done)
}

pub(super) fn by_id(c: &Connection, id: UserId) -> rusqlite::Result<Option<User>> {
    c.prepare_cached(&format!("SELECT {USER} FROM users u WHERE u.id = ?1"))?
        .query_row([blob(id.uuid())], rows::user)
        .optional()
}

pub(super) fn by_name(c: &Connection, key: &str) -> rusqlite::Result<Option<User>> {
    c.prepare_cached(&format!(
        "SELECT {USER} FROM login_names n JOIN users u ON u.number = n.user WHERE n.key = ?1"
    ))?
    .query_row([key], rows::user)
    .optional()
}

pub(super) fn list(
    c: &Connection,
    after: Option<UserId>,
    limit: u32,
) -> rusqlite::Result<Vec<User>> {
    let after = after.map_or([0; 16], |id| blob(id.uuid()));
    c.prepare_cached(&format!("SELECT {USER} FROM users u WHERE u.id > ?1 ORDER BY u.id LIMIT ?2"))?
        .query_map(params![after, limit], rows::user)?
        .collect()
}

pub(super) fn change_password(c: &Connection, change: &ChangePassword) -> rusqlite::Result<bool> {
    let user = blob(change.user.uuid());
    let next = change.epoch + 1;
    let unchanged = c
        .prepare_cached("UPDATE users SET epoch = ?3 WHERE id = ?1 AND epoch = ?2")?
        .execute(params![user, change.epoch, next])?;
    if unchanged == 0 {
        return Ok(false);
    }
    replace_hash(c, change.user, &change.hash)?;
    c.prepare_cached(concat!("DELETE FROM sessions WHERE user = ", number!(), " AND id <> ?2"))?
        .execute(params![user, blob(change.session.uuid())])?;
    c.prepare_cached(concat!(
        "UPDATE sessions SET epoch = ?2 WHERE user = ",
        number!(),
        " AND id = ?3"
    ))?
    .execute(params![user, next, blob(change.session.uuid())])?;
    sign_in::refund(c, &change.refunds)?;
    rows::note(c, change.user, Some(change.session), &change.trail)?;
    Ok(true)
}

pub(super) fn set_password(
    c: &Connection,
    user: UserId,
    hash: &str,
    trail: &Trail,
) -> rusqlite::Result<bool> {
    if replace_hash(c, user, hash)? == 0 {
        return Ok(false);
    }
    session::end_all(c, user)?;
    sign_in::forgive(c, user)?;
    rows::note(c, user, None, trail)?;
    Ok(true)
}

fn replace_hash(c: &Connection, user: UserId, hash: &str) -> rusqlite::Result<usize> {
    c.prepare_cached(concat!(
        "UPDATE passwords SET hash = ?2, changed_at = ?3 WHERE user = ",
        number!()
    ))?
    .execute(params![blob(user.uuid()), hash, clock().micros()])
}

pub(super) fn lock(
    c: &Connection,
    user: UserId,
    lock: bool,
    trail: &Trail,
) -> rusqlite::Result<bool> {
    let at = lock.then(|| clock().micros());
    let found = c
        .prepare_cached("UPDATE users SET locked_at = ?2 WHERE id = ?1")?
        .execute(params![blob(user.uuid()), at])?;
    if found == 0 {
        return Ok(false);
    }
    if lock {
        session::end_all(c, user)?;
    } else {
        sign_in::forgive(c, user)?;
    }
    rows::note(c, user, None, trail)?;
    Ok(true)
}

pub(super) fn sign_out(c: &Connection, user: UserId, trail: &Trail) -> rusqlite::Result<bool> {
    if by_id(c, user)?.is_none() {
        return Ok(false);
    }
    session::end_all(c, user)?;
    rows::note(c, user, None, trail)?;
    Ok(true)
}

pub(super) fn delete(
    c: &Connection,
    user: UserId,
    epoch: Option<i64>,
    trail: &Trail,
) -> rusqlite::Result<bool> {
    let deleted = c
        .prepare_cached("DELETE FROM users WHERE id = ?1 AND (?2 IS NULL OR epoch = ?2)")?
        .execute(params![blob(user.uuid()), epoch])?;
    if deleted == 0 {
        return Ok(false);
    }
    rows::note(c, user, None, trail)?;
    Ok(true)
}

pub(super) fn export(
    c: &Connection,
    key: &SessionKey,
    trail: &Trail,
) -> rusqlite::Result<Option<Export>> {
    let Some(living) = rows::living(c, key)? else { return Ok(None) };
    let user = living.user.id;
    rows::note(c, user, Some(key.id), trail)?;
    Ok(Some(Export {
        now: living.now,
        sessions: session::of_user(c, user, None, u32::MAX)?,
        events: housekeeping::events(c, Some(user), None, EXPORTED_EVENTS)?,
        body: living.body,
        user: living.user,
    }))
}
