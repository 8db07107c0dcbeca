//! What a person who asks by her session may do with applications, and which of them she is connected with.

use rusqlite::{Connection, OptionalExtension, params};
use tokenhouse_rules::oauth::access::patterns;

use super::clients;
use super::rows::{self, AFTER_CLIENT, CLIENT, LIVES};
use crate::sqlite::rows::{instant, note, optional_instant};
use crate::sqlite::{clock, person};
use crate::{AccessFacts, Application, AuthorizeFacts, Client, Ended, SessionKey, Trail};

pub(super) fn authorize(
    c: &Connection,
    client: &str,
    session: Option<&SessionKey>,
) -> rusqlite::Result<AuthorizeFacts> {
    let now = clock();
    let asking = session.map(|key| rows::asking(c, key, Some(client))).transpose()?.flatten();
    let (signed_in, expiry) = asking.map(|asking| (asking.signed_in, asking.expiry)).unzip();
    Ok(AuthorizeFacts { now, client: clients::find(c, client)?, signed_in, expiry })
}

pub(super) fn access(
    c: &Connection,
    host: &str,
    session: Option<&SessionKey>,
) -> rusqlite::Result<AccessFacts> {
    let now = clock();
    let client = answering_for(c, host)?;
    let id = client.as_ref().map(|client| client.id.as_str());
    let asking = session.map(|key| rows::asking(c, key, id)).transpose()?.flatten();
    let (signed_in, expiry) = asking.map(|asking| (asking.signed_in, asking.expiry)).unzip();
    Ok(AccessFacts { now, client, signed_in, expiry })
}

/// The client that answers for a host by its name, or else by the longest end of it.
fn answering_for(c: &Connection, host: &str) -> rusqlite::Result<Option<Client>> {
    let mut find = c.prepare_cached(&format!(
        "SELECT {CLIENT} FROM client_hosts h JOIN clients c ON c.id = h.client_id
         WHERE h.host = ?1"
    ))?;
    for pattern in patterns(host) {
        let found = find.query_row([pattern], |row| rows::client(c, row, 0)).optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

pub(super) fn applications(
    c: &Connection,
    key: &SessionKey,
) -> rusqlite::Result<Option<Vec<Application>>> {
    let Some(person) = person::of_session(c, key)? else { return Ok(None) };
    c.prepare_cached(&format!(
        "WITH held AS (
            SELECT c.id, min(given.created_at) AS since, max(given.last_used_at) AS last_used_at
            FROM grants given JOIN users u ON u.number = given.user
                 JOIN clients c ON c.id = given.client_id
            WHERE given.user = ?2 AND {LIVES} GROUP BY c.id)
         SELECT {CLIENT}, coalesce(k.scope, ''), coalesce(k.granted_at, h.since), h.last_used_at
         FROM clients c LEFT JOIN consents k ON k.user = ?2 AND k.client_id = c.id
              LEFT JOIN held h ON h.id = c.id
         WHERE (k.scope IS NOT NULL OR h.id IS NOT NULL) AND c.deleted_at IS NULL ORDER BY c.id"
    ))?
    .query_map(params![clock().micros(), person.number], |row| {
        Ok(Application {
            client: rows::client(c, row, 0)?,
            scope: row.get(AFTER_CLIENT)?,
            since: instant(row, AFTER_CLIENT + 1)?,
            last_used_at: optional_instant(row, AFTER_CLIENT + 2)?,
        })
    })?
    .collect::<rusqlite::Result<_>>()
    .map(Some)
}

/// A code that is under way is a connection too: nobody redeems it afterwards.
pub(super) fn disconnect(
    c: &Connection,
    key: &SessionKey,
    client: &str,
    trail: &Trail,
) -> rusqlite::Result<Ended> {
    let Some(person) = person::of_session(c, key)? else { return Ok(Ended::NoSession) };
    let now = clock().micros();
    let consents = c
        .prepare_cached("DELETE FROM consents WHERE user = ?1 AND client_id = ?2")?
        .execute(params![person.number, client])?;
    let codes = c
        .prepare_cached(
            "DELETE FROM codes
             WHERE user = ?1 AND client_id = ?2 AND used_at IS NULL AND expires_at > ?3",
        )?
        .execute(params![person.number, client, now])?;
    let grants = c
        .prepare_cached(
            "UPDATE grants SET revoked_at = ?3, live_until = ?3
             WHERE user = ?1 AND client_id = ?2 AND revoked_at IS NULL AND live_until > ?3",
        )?
        .execute(params![person.number, client, now])?;
    if consents + codes + grants == 0 {
        return Ok(Ended::NoSuch);
    }
    note(c, person.user.id, Some(key.id), trail)?;
    Ok(Ended::Done)
}
