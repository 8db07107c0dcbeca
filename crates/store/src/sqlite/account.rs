//! Accounts: looked up, given another password, locked.

use rusqlite::{Connection, OptionalExtension, params};
use tokenhouse_rules::id::UserId;

use super::rows::{self, USER, blob, number};
use super::{clock, mails, session, sign_in};
use crate::{ChangePassword, Trail, User};

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
    mails::tell(c, change.user, change.mail.as_ref())?;
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

pub(super) fn replace_hash(c: &Connection, user: UserId, hash: &str) -> rusqlite::Result<usize> {
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
