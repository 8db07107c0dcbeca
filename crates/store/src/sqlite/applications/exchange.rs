//! What is alive of tokens that are exchanged.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use tokenhouse_rules::id::{GrantId, SessionId, UserId};
use tokenhouse_rules::session::Expiry;

use super::rows::{self, AFTER_OWNER, OWNER};
use super::{clients, grants};
use crate::sqlite::rows::{USER, blob, instant};
use crate::sqlite::{Sqlite, clock};
use crate::{Alive, Basis, Exchange, ExchangeFacts, ExchangeQuestion, Party, Result};

#[async_trait]
impl Exchange for Sqlite {
    async fn exchange_facts(&self, question: ExchangeQuestion) -> Result<ExchangeFacts> {
        self.ask(|c| facts(c, &question))
    }
}

fn facts(c: &Connection, asked: &ExchangeQuestion) -> rusqlite::Result<ExchangeFacts> {
    let now = clock();
    let find = |party: &Option<Party>| match party {
        Some(party) => alive(c, party, &asked.client),
        None => Ok(None),
    };
    Ok(ExchangeFacts {
        now,
        client: clients::find(c, &asked.client)?,
        subject: find(&asked.subject)?,
        actor_lives: find(&asked.actor)?.is_some(),
    })
}

/// What is alive of a token that a client shows.
fn alive(c: &Connection, party: &Party, asking: &str) -> rusqlite::Result<Option<Alive>> {
    for client in &party.clients {
        if !clients::is_usable(c, client)? {
            return Ok(None);
        }
    }
    if let Some(revocation) = &party.revocation
        && grants::is_noted(c, revocation)?
    {
        return Ok(None);
    }
    match party.basis {
        Basis::Session { id, user, secret_hash } => session(c, (id, user), secret_hash, asking),
        Basis::Grant(id) => granted(c, id, asking),
        Basis::Clients if party.clients.is_empty() => Ok(None),
        Basis::Clients => Ok(Some(Alive { owner: None, since: None, expiry: None })),
    }
}

/// The person of a grant stands before the client that asks, and not before that of the grant.
fn granted(c: &Connection, id: GrantId, asking: &str) -> rusqlite::Result<Option<Alive>> {
    let Some(grant) = grants::alive(c, id)? else { return Ok(None) };
    let owner = c
        .prepare_cached(&format!(
            "SELECT {USER}, {OWNER} FROM users u LEFT JOIN clients c ON c.id = ?2 WHERE u.id = ?1"
        ))?
        .query_row(params![blob(grant.owner.user.id.uuid()), asking], |row| rows::owner(c, row))?;
    let expiry = Expiry { expires_at: grant.expires_at, live_until: grant.live_until };
    Ok(Some(Alive { owner: Some(owner), since: None, expiry: Some(expiry) }))
}

fn session(
    c: &Connection,
    (id, user): (SessionId, UserId),
    secret_hash: Option<[u8; 32]>,
    asking: &str,
) -> rusqlite::Result<Option<Alive>> {
    c.prepare_cached(&format!(
        "SELECT {USER}, {OWNER}, s.created_at, s.expires_at, s.live_until
         FROM sessions s JOIN users u ON u.number = s.user AND u.epoch = s.epoch
              LEFT JOIN clients c ON c.id = ?5
         WHERE s.id = ?1 AND +u.id = ?2 AND (?3 IS NULL OR s.secret_hash = ?3)
           AND s.live_until > ?4 AND u.locked_at IS NULL"
    ))?
    .query_row(
        params![blob(id.uuid()), blob(user.uuid()), secret_hash, clock().micros(), asking],
        |row| {
            let expiry = Expiry {
                expires_at: instant(row, AFTER_OWNER + 1)?,
                live_until: instant(row, AFTER_OWNER + 2)?,
            };
            let since = Some(instant(row, AFTER_OWNER)?);
            Ok(Alive { owner: Some(rows::owner(c, row)?), since, expiry: Some(expiry) })
        },
    )
    .optional()
}
