//! Grants: which of them live, their refresh tokens, what is known of a token, and their end.

use std::cmp::Ordering;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use tokenhouse_rules::id::{GrantId, SessionId, UserId};
use tokenhouse_rules::oauth::refresh_token::Sealer;
use tokenhouse_rules::time::Timestamp;

use super::clients;
use super::rows::{self, AFTER_OWNER, CLIENT, LIVES, OWNER};
use crate::sqlite::clock;
use crate::sqlite::rows::{USER, blob, id, instant, note, optional_id};
use crate::{
    Done, GrantFacts, GrantKey, Introspected, Introspection, Refresh, Refreshed, Shown, Subject,
    Trail,
};

/// A grant that lives, and how far its refresh tokens have come.
struct Living {
    generation: i64,
    sealer: Option<Sealer>,
    rotated_at: Timestamp,
    facts: GrantFacts,
}

impl Living {
    /// Whether the token before the current one is presented, and so soon that its answer may have been lost.
    fn is_repeated(&self, asked: &Refresh) -> bool {
        asked.generation == self.generation - 1
            && self.rotated_at.plus(asked.window) > self.facts.now
    }
}

fn living(c: &Connection, grant: GrantId) -> rusqlite::Result<Option<Living>> {
    let now = clock();
    c.prepare_cached(&format!(
        "SELECT {USER}, {OWNER}, {CLIENT}, given.session_id, given.authorized, given.expires_at,
                given.live_until, given.generation, given.rotated_at,
                given.sealed_by
         FROM grants given JOIN users u ON u.number = given.user
              JOIN clients c ON c.id = given.client_id
         WHERE given.id = ?2 AND {LIVES}"
    ))?
    .query_row(params![now.micros(), blob(grant.uuid())], |row| {
        let first = AFTER_OWNER + rows::AFTER_CLIENT;
        let facts = GrantFacts {
            now,
            id: grant,
            client: rows::client(c, row, AFTER_OWNER)?,
            session: optional_id(row, first)?.map(SessionId::from_uuid),
            authorized: row.get(first + 1)?,
            expires_at: instant(row, first + 2)?,
            live_until: instant(row, first + 3)?,
            owner: rows::owner(c, row)?,
        };
        let generation = row.get(first + 4)?;
        let sealer = row.get::<_, Option<[u8; 4]>>(first + 6)?.map(Sealer);
        Ok(Living { generation, sealer, rotated_at: instant(row, first + 5)?, facts })
    })
    .optional()
}

/// A grant that lives, and whom it speaks for.
pub(super) fn alive(c: &Connection, grant: GrantId) -> rusqlite::Result<Option<GrantFacts>> {
    Ok(living(c, grant)?.map(|grant| grant.facts))
}

pub(super) fn refresh(c: &Connection, asked: &Refresh) -> rusqlite::Result<Refreshed> {
    if !is_the_client(c, asked)? {
        return Ok(Refreshed::NotTheClient);
    }
    let found = living(c, asked.grant)?.filter(|grant| grant.facts.client.id == asked.client);
    let Some(mut grant) = found else { return Ok(Refreshed::Gone) };
    match asked.generation.cmp(&grant.generation) {
        Ordering::Equal => turn(c, asked, &mut grant)?,
        Ordering::Less if grant.is_repeated(asked) => {}
        Ordering::Less => {
            end(c, asked.grant, &asked.replayed)?;
            return Ok(Refreshed::Replayed);
        }
        // None of its tokens is so young: the database was put back to an earlier state.
        Ordering::Greater => return Ok(Refreshed::Gone),
    }
    let Living { generation, sealer, facts, .. } = grant;
    Ok(Refreshed::Done { generation, sealer, facts: Box::new(facts) })
}

/// Whether a client that is not disabled shows that it is the one that presents a token.
fn is_the_client(c: &Connection, asked: &Refresh) -> rusqlite::Result<bool> {
    let found = clients::find(c, &asked.client)?.filter(|client| client.disabled_at.is_none());
    let Some(client) = found else { return Ok(false) };
    match asked.shown {
        Shown::Name => c
            .prepare_cached(
                "SELECT 1 FROM clients WHERE id = ?1 AND settings ->> 'authentication' = 'none'",
            )?
            .exists([&client.id]),
        Shown::Secret(hash) => Ok(client.secrets.iter().any(|secret| secret.hash == hash)),
        Shown::Judged => Ok(true),
    }
}

/// Makes the next refresh token the current one.
fn turn(c: &Connection, asked: &Refresh, grant: &mut Living) -> rusqlite::Result<()> {
    let (idle, step) = lasting(c, &asked.client)?;
    let idle = idle.unwrap_or(asked.idle);
    let facts = &mut grant.facts;
    facts.live_until = facts.now.plus(idle).min(facts.expires_at);
    grant.generation += step;
    grant.sealer = Some(asked.sealer);
    c.prepare_cached(
        "UPDATE grants SET generation = ?2, rotated_at = ?3, last_used_at = ?3, live_until = ?4,
                           sealed_by = ?5
         WHERE id = ?1",
    )?
    .execute(params![
        blob(facts.id.uuid()),
        grant.generation,
        facts.now.micros(),
        facts.live_until.micros(),
        asked.sealer.0,
    ])?;
    Ok(())
}

/// How long a grant of a client lasts without use, if its settings say so; and whether its refresh tokens are turned:
/// not in the profile fapi2 (FAPI 2.0 §5.3.2.1).
fn lasting(c: &Connection, client: &str) -> rusqlite::Result<(Option<Duration>, i64)> {
    let (seconds, step): (Option<i64>, i64) = c
        .prepare_cached(
            "SELECT settings ->> 'refresh_idle',
                    iif(instr(settings, '\"security_profile\":\"fapi2\"') > 0, 0, 1)
             FROM clients WHERE id = ?1",
        )?
        .query_row([client], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let idle = seconds.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs);
    Ok((idle, step))
}

/// Ends a grant and notes it; `false`, and nothing is noted, when it had ended or is none. From now on it is
/// housekeeping's.
pub(super) fn end(c: &Connection, grant: GrantId, trail: &Trail) -> rusqlite::Result<bool> {
    let ended = c
        .prepare_cached(
            "UPDATE grants SET revoked_at = ?2, live_until = ?2
             WHERE id = ?1 AND revoked_at IS NULL AND live_until > ?2
             RETURNING (SELECT u.id FROM users u WHERE u.number = grants.user), session_id",
        )?
        .query_row(params![blob(grant.uuid()), clock().micros()], |row| {
            Ok((UserId::from_uuid(id(row, 0)?), optional_id(row, 1)?.map(SessionId::from_uuid)))
        })
        .optional()?;
    let Some((user, session)) = ended else { return Ok(false) };
    note(c, user, session, trail)?;
    Ok(true)
}

pub(super) fn revoke(
    c: &Connection,
    client: &str,
    grant: GrantId,
    trail: &Trail,
) -> rusqlite::Result<Done> {
    let is_its_own = c
        .prepare_cached("SELECT 1 FROM grants WHERE id = ?1 AND client_id = ?2")?
        .exists(params![blob(grant.uuid()), client])?;
    Ok(Done { changed: is_its_own && end(c, grant, trail)? })
}

pub(super) fn by_token(c: &Connection, key: &GrantKey) -> rusqlite::Result<Option<GrantFacts>> {
    if is_noted(c, &key.revocation)? {
        return Ok(None);
    }
    Ok(living(c, key.grant)?.map(|grant| grant.facts))
}

pub(super) fn introspect(
    c: &Connection,
    question: &Introspection,
) -> rusqlite::Result<Introspected> {
    let now = clock();
    let asking = clients::find(c, &question.asking)?;
    let (grant, client_lives) = match &question.subject {
        Subject::Grant(key) => (by_token(c, key)?, false),
        Subject::Refresh(grant, generation) => {
            let found = living(c, *grant)?.filter(|grant| grant.generation == *generation);
            (found.map(|grant| grant.facts), false)
        }
        Subject::Client { id, revocation } => {
            (None, clients::is_usable(c, id)? && !is_noted(c, revocation)?)
        }
        Subject::Nothing => (None, false),
    };
    Ok(Introspected { now, asking, grant, client_lives })
}

/// Whether something was noted to be used or revoked, and the time for that is not over.
pub(super) fn is_noted(c: &Connection, key: &[u8; 32]) -> rusqlite::Result<bool> {
    c.prepare_cached("SELECT 1 FROM used_once WHERE key = ?1 AND expires_at > ?2")?
        .exists(params![key, clock().micros()])
}

pub(super) fn use_once(c: &Connection, key: &[u8; 32], until: Timestamp) -> rusqlite::Result<bool> {
    c.prepare_cached(
        "INSERT INTO used_once (key, expires_at) VALUES (?1, ?2)
         ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at
            WHERE used_once.expires_at <= ?3",
    )?
    .execute(params![key, until.micros(), clock().micros()])
    .map(|rows| rows > 0)
}
