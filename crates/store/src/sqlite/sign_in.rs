//! Attempts to sign in: counted first, then given what they are judged by; and the session opened.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params};
use tokenhouse_rules::id::UserId;
use tokenhouse_rules::limit::{Cost, Scope, Verdict, account_key};
use tokenhouse_rules::time::Timestamp;

use super::rows::{self, USER, blob};
use super::{clock, mails};
use crate::{
    Credential, CredentialFacts, OpenSession, Opened, Refund, SessionKey, SignIn, SignInFacts, User,
};

pub(super) fn facts(c: &Connection, question: &SignIn) -> rusqlite::Result<SignInFacts> {
    let now = clock();
    let credential = c
        .prepare_cached(&format!(
            "SELECT {USER}, p.hash, u.epoch, u.email_confirmed_at IS NOT NULL FROM login_names n JOIN users u ON u.number = n.user
             JOIN passwords p ON p.user = u.number WHERE n.key = ?1"
        ))?
        .query_row(params![question.name], credential)
        .optional()?;
    let mut verdict = Verdict::Admitted;
    if let Some((key, cost)) = &question.address {
        verdict = Verdict::of(Scope::Address, charge(c, key, *cost, now)?);
    }
    // An address that is over its limit does not use up the attempts of the account.
    if let (Verdict::Admitted, Some(cost)) = (verdict, question.account) {
        let key = credential
            .as_ref()
            .map_or_else(|| question.unknown_key.clone(), |known| account_key(known.user.id));
        verdict = Verdict::of(Scope::Account, charge(c, &key, cost, now)?);
    }
    Ok(SignInFacts { now, verdict, credential })
}

pub(super) fn credential_facts(
    c: &Connection,
    session: &SessionKey,
    account: Option<Cost>,
) -> rusqlite::Result<Option<CredentialFacts>> {
    let Some(living) = rows::living(c, session)? else { return Ok(None) };
    let credential = c
        .prepare_cached(&format!(
            "SELECT {USER}, p.hash, u.epoch, u.email_confirmed_at IS NOT NULL FROM users u JOIN passwords p ON p.user = u.number
             WHERE u.id = ?1"
        ))?
        .query_row(params![blob(living.user.id.uuid())], credential)?;
    let wait = match account {
        Some(cost) => charge(c, &account_key(living.user.id), cost, living.now)?,
        None => None,
    };
    let verdict = Verdict::of(Scope::Account, wait);
    Ok(Some(CredentialFacts { now: living.now, verdict, credential }))
}

pub(super) fn open_session(c: &Connection, opening: &OpenSession) -> rusqlite::Result<Opened> {
    let user = blob(opening.user.uuid());
    let number: Option<i64> = c
        .prepare_cached(
            "SELECT number FROM users WHERE id = ?1 AND epoch = ?2 AND locked_at IS NULL",
        )?
        .query_row(params![user, opening.epoch], |row| row.get(0))
        .optional()?;
    let Some(number) = number else { return Ok(Opened::Changed) };
    let news = match &opening.mail {
        Some(mail) if !knows_client(c, number, opening.session.user_agent.as_deref())? => {
            Some(mail)
        }
        _ => None,
    };
    if rows::insert_session(c, number, opening.epoch, &opening.session)? > 0 {
        refund(c, &opening.refunds)?;
        mails::tell(c, opening.user, news)?;
        rows::note(c, opening.user, Some(opening.session.id), &opening.trail)?;
        if let Some((old, new)) = &opening.rehash {
            c.prepare_cached("UPDATE passwords SET hash = ?3 WHERE user = ?1 AND hash = ?2")?
                .execute(params![number, old, new])?;
        }
    }
    Ok(Opened::Open)
}

/// Whether a session of the user is from a client that calls itself so.
fn knows_client(c: &Connection, user: i64, user_agent: Option<&str>) -> rusqlite::Result<bool> {
    c.prepare_cached("SELECT 1 FROM sessions WHERE user = ?1 AND user_agent IS ?2")?
        .exists(params![user, user_agent])
}

pub(super) fn refund(c: &Connection, refunds: &[Refund]) -> rusqlite::Result<()> {
    for refund in refunds {
        c.prepare_cached("UPDATE throttles SET arrival = arrival - ?2 WHERE key = ?1")?
            .execute(params![refund.key, refund.step])?;
    }
    Ok(())
}

/// Gives an account all its attempts back.
pub(super) fn forgive(c: &Connection, user: UserId) -> rusqlite::Result<usize> {
    c.prepare_cached("DELETE FROM throttles WHERE key = ?1")?.execute([account_key(user)])
}

/// How long to wait, if the attempt may not go ahead.
pub(super) fn charge(
    c: &Connection,
    key: &str,
    cost: Cost,
    now: Timestamp,
) -> rusqlite::Result<Option<Duration>> {
    let arrival = c
        .prepare_cached("SELECT arrival FROM throttles WHERE key = ?1")?
        .query_row(params![key], |row| row.get(0).map(Timestamp::from_micros))
        .optional()?;
    let (wait, next) = cost.charge(arrival, now);
    c.prepare_cached(
        "INSERT INTO throttles (key, arrival) VALUES (?1, ?2)
         ON CONFLICT (key) DO UPDATE SET arrival = excluded.arrival",
    )?
    .execute(params![key, next.micros()])?;
    Ok(wait)
}

fn credential(row: &rusqlite::Row<'_>) -> rusqlite::Result<Credential> {
    let user: User = rows::user(row)?;
    let (hash, epoch, email_confirmed) = (row.get(6)?, row.get(7)?, row.get(8)?);
    Ok(Credential { user, hash, epoch, email_confirmed })
}
