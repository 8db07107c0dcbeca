//! Living sessions: what they read, write and end.

use rusqlite::{Connection, params};
use tokenhouse_rules::document::Version;
use tokenhouse_rules::id::{SessionId, UserId};
use tokenhouse_rules::time::Timestamp;

use super::clock;
use super::rows::{self, blob, number};
use crate::{Ended, Session, SessionData, SessionKey, Target, Trail, Written};

pub(super) fn with_data(c: &Connection, key: &SessionKey) -> rusqlite::Result<Option<SessionData>> {
    rows::living(c, key)
}

pub(super) fn renew(c: &Connection, id: SessionId, until: Timestamp) -> rusqlite::Result<()> {
    c.prepare_cached(
        "UPDATE sessions SET live_until = max(live_until, min(?2, expires_at)), last_used_at = ?3
         WHERE id = ?1 AND live_until > ?3",
    )?
    .execute(params![blob(id.uuid()), until.micros(), clock().micros()])
    .map(|_| ())
}

pub(super) fn write_data(
    c: &Connection,
    key: &SessionKey,
    body: &str,
    only_if: Option<&[Version]>,
) -> rusqlite::Result<Written> {
    let Some(living) = rows::living(c, key)? else { return Ok(Written::NoSession) };
    if only_if.is_some_and(|versions| !versions.contains(&living.version)) {
        return Ok(Written::Stale);
    }
    c.prepare_cached(
        "UPDATE users SET document = ?2, document_version = document_version + 1 WHERE id = ?1",
    )?
    .execute(params![blob(living.user.id.uuid()), body])?;
    let version = Version { document: living.version.document + 1, ..living.version };
    Ok(Written::Done { user: living.user, version, now: living.now, expiry: living.expiry })
}

pub(super) fn end(
    c: &Connection,
    key: &SessionKey,
    target: Target,
    trail: &Trail,
) -> rusqlite::Result<Ended> {
    let Some(living) = rows::living(c, key)? else { return Ok(Ended::NoSession) };
    let user = living.user.id;
    let session = match target {
        Target::All => {
            end_all(c, user)?;
            rows::note(c, user, None, trail)?;
            return Ok(Ended::Done);
        }
        Target::Others => {
            end_others(c, user, key.id)?;
            rows::note(c, user, Some(key.id), trail)?;
            return Ok(Ended::Done);
        }
        Target::This => key.id,
        Target::One(id) => id,
    };
    let ended = c
        .prepare_cached(concat!(
            "DELETE FROM sessions WHERE user = ",
            number!(),
            " AND id = ?2 AND live_until > ?3"
        ))?
        .execute(params![blob(user.uuid()), blob(session.uuid()), living.now.micros()])?;
    if ended == 0 {
        return Ok(Ended::NoSuch);
    }
    rows::note(c, user, Some(session), trail)?;
    Ok(Ended::Done)
}

/// Ends every session of a user, also those being opened by a request that judged her before.
pub(super) fn end_all(c: &Connection, user: UserId) -> rusqlite::Result<()> {
    let user = blob(user.uuid());
    c.prepare_cached("UPDATE users SET epoch = epoch + 1 WHERE id = ?1")?.execute([user])?;
    c.prepare_cached(concat!("DELETE FROM sessions WHERE user = ", number!()))?.execute([user])?;
    Ok(())
}

/// Ends every session of a user but one of hers, which goes on into the next epoch.
pub(super) fn end_others(c: &Connection, user: UserId, kept: SessionId) -> rusqlite::Result<()> {
    let (user, kept) = (blob(user.uuid()), blob(kept.uuid()));
    c.prepare_cached("UPDATE users SET epoch = epoch + 1 WHERE id = ?1")?.execute([user])?;
    c.prepare_cached(concat!("DELETE FROM sessions WHERE user = ", number!(), " AND id <> ?2"))?
        .execute([user, kept])?;
    c.prepare_cached(
        "UPDATE sessions SET epoch = u.epoch FROM users u
         WHERE sessions.id = ?2 AND sessions.user = u.number AND u.id = ?1",
    )?
    .execute([user, kept])?;
    Ok(())
}

pub(super) fn list(
    c: &Connection,
    key: &SessionKey,
    after: Option<SessionId>,
    limit: u32,
) -> rusqlite::Result<Option<Vec<Session>>> {
    match rows::living(c, key)? {
        None => Ok(None),
        Some(living) => of_user(c, living.user.id, after, limit).map(Some),
    }
}

pub(super) fn of_user(
    c: &Connection,
    user: UserId,
    after: Option<SessionId>,
    limit: u32,
) -> rusqlite::Result<Vec<Session>> {
    let after = after.map_or([0; 16], |id| blob(id.uuid()));
    c.prepare_cached(
        "SELECT s.id, s.created_at, s.last_used_at, s.expires_at, s.address, s.user_agent
         FROM users u JOIN sessions s ON s.user = u.number AND s.epoch = u.epoch
         WHERE u.id = ?1 AND s.id > ?2 AND s.live_until > ?3 ORDER BY s.id LIMIT ?4",
    )?
    .query_map(params![blob(user.uuid()), after, clock().micros(), limit], rows::session)?
    .collect()
}
