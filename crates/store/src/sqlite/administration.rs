//! Administrators, setup, and the end of an account.

use rusqlite::{Connection, params};
use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::{EventId, UserId};
use tokenhouse_rules::time::Timestamp;
use uuid::Uuid;

use super::rows::{self, USER, blob};
use super::{clock, mails, person, session, sign_in};
use crate::{
    Ended, NewMail, Removed, Revoked, ScheduleDeletion, SessionKey, SetupState, Trail, User,
};

pub(super) fn setup_state(c: &Connection) -> rusqlite::Result<SetupState> {
    c.prepare_cached("SELECT closed_at, administrators FROM setup WHERE one = 1")?.query_row(
        [],
        |row| {
            let closed_at = rows::optional_instant(row, 0)?;
            Ok(SetupState { closed_at, administrators: row.get(1)? })
        },
    )
}

pub(super) fn administrators(c: &Connection) -> rusqlite::Result<Vec<User>> {
    c.prepare_cached(&format!(
        "SELECT {USER} FROM users u WHERE u.administrator_since IS NOT NULL ORDER BY u.id"
    ))?
    .query_map([], rows::user)?
    .collect()
}

/// There is one administrator more, so setup is closed.
pub(super) fn count_one_more(c: &Connection) -> rusqlite::Result<usize> {
    c.prepare_cached(
        "UPDATE setup SET administrators = administrators + 1, closed_at = coalesce(closed_at, ?1)
         WHERE one = 1",
    )?
    .execute([clock().micros()])
}

/// There is one administrator fewer; `false`, and nothing is changed, when it is the last.
fn count_one_fewer(c: &Connection) -> rusqlite::Result<bool> {
    c.prepare_cached(
        "UPDATE setup SET administrators = administrators - 1 WHERE one = 1 AND administrators > 1",
    )?
    .execute([])
    .map(|rows| rows > 0)
}

pub(super) fn grant(c: &Connection, user: UserId, trail: &Trail) -> rusqlite::Result<bool> {
    let Some(person) = person::find(c, user)? else { return Ok(false) };
    if !person.is_administrator {
        set_since(c, user, Some(clock()))?;
        count_one_more(c)?;
        rows::note(c, user, None, trail)?;
    }
    Ok(true)
}

pub(super) fn revoke(c: &Connection, user: UserId, trail: &Trail) -> rusqlite::Result<Revoked> {
    if !person::find(c, user)?.is_some_and(|person| person.is_administrator) {
        return Ok(Revoked::NotOne);
    }
    if !count_one_fewer(c)? {
        return Ok(Revoked::Last);
    }
    set_since(c, user, None)?;
    rows::note(c, user, None, trail)?;
    Ok(Revoked::Done)
}

fn set_since(c: &Connection, user: UserId, since: Option<Timestamp>) -> rusqlite::Result<usize> {
    c.prepare_cached("UPDATE users SET administrator_since = ?2 WHERE id = ?1")?
        .execute(params![blob(user.uuid()), since.map(Timestamp::micros)])
}

pub(super) fn delete(
    c: &Connection,
    user: UserId,
    epoch: Option<i64>,
    mail: Option<&NewMail>,
    trail: &Trail,
) -> rusqlite::Result<Removed> {
    let found = person::find(c, user)?;
    let Some(person) = found.filter(|person| epoch.is_none_or(|epoch| epoch == person.epoch))
    else {
        return Ok(Removed::Changed);
    };
    if person.is_administrator && !count_one_fewer(c)? {
        return Ok(Removed::LastAdministrator);
    }
    mails::tell(c, user, mail)?;
    remove(c, user, trail)?;
    Ok(Removed::Done)
}

/// Accounts whose time to think again is over; not the last administrator's.
pub(super) const SCHEDULED: &str = "SELECT id, administrator_since IS NOT NULL FROM users
    WHERE delete_after <= ?1 AND (administrator_since IS NULL
        OR EXISTS (SELECT 1 FROM setup WHERE one = 1 AND administrators > 1))
    ORDER BY delete_after LIMIT ?2";

/// Deletes up to `limit` of the accounts whose time to think again is over; how many.
pub(super) fn delete_scheduled(c: &Connection, limit: u32) -> rusqlite::Result<usize> {
    let now = clock();
    let scheduled = c
        .prepare_cached(SCHEDULED)?
        .query_map(params![now.micros(), limit], |row| Ok((rows::id(row, 0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<(Uuid, bool)>>>()?;
    let mut gone = 0;
    for (id, is_administrator) in scheduled {
        if is_administrator && !count_one_fewer(c)? {
            continue;
        }
        let entropy = c.prepare_cached("SELECT randomblob(10)")?.query_row([], |row| row.get(0))?;
        let trail = Trail {
            id: EventId::new(now, entropy),
            event: Event::UserDeleted,
            actor: Actor::User,
            address: None,
            request_id: None,
        };
        remove(c, UserId::from_uuid(id), &trail)?;
        gone += 1;
    }
    Ok(gone)
}

/// Deletes an account with all that goes with it, and notes it.
fn remove(c: &Connection, user: UserId, trail: &Trail) -> rusqlite::Result<()> {
    c.prepare_cached("DELETE FROM users WHERE id = ?1")?.execute([blob(user.uuid())])?;
    mails::clear(c, user)?;
    rows::note(c, user, None, trail)?;
    Ok(())
}

pub(super) fn schedule(c: &Connection, deletion: &ScheduleDeletion) -> rusqlite::Result<Removed> {
    let user = deletion.user;
    let Some(person) = person::judged(c, user, deletion.epoch)? else {
        return Ok(Removed::Changed);
    };
    sign_in::refund(c, &deletion.refunds)?;
    if person.is_administrator && setup_state(c)?.administrators <= 1 {
        return Ok(Removed::LastAdministrator);
    }
    c.prepare_cached("UPDATE users SET delete_after = ?2 WHERE id = ?1")?
        .execute(params![blob(user.uuid()), clock().plus(deletion.grace).micros()])?;
    session::end_all(c, user)?;
    mails::tell(c, user, deletion.mail.as_ref())?;
    rows::note(c, user, None, &deletion.trail)?;
    Ok(Removed::Done)
}

pub(super) fn keep(c: &Connection, key: &SessionKey, trail: &Trail) -> rusqlite::Result<Ended> {
    let Some(person) = person::of_session(c, key)? else { return Ok(Ended::NoSession) };
    if person.delete_after.is_some() {
        c.prepare_cached("UPDATE users SET delete_after = NULL WHERE id = ?1")?
            .execute([blob(person.user.id.uuid())])?;
        rows::note(c, person.user.id, Some(key.id), trail)?;
    }
    Ok(Ended::Done)
}
