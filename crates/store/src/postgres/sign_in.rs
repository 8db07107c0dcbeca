//! Attempts to sign in: counted first, then given what they are judged by.
//!
//! The arithmetic is that of `rules::limit`, in SQL so that it is one atomic statement (`parts`).
//!
//! A count is committed without waiting for the disk: nobody is told of it, and a server that crashes in
//! that very second forgets at most its last moments, for every process alike (decision 0006).

use std::time::Duration;

use tokenhouse_rules::limit::{Cost, Scope, Verdict};
use tokio_postgres::Row;

use super::connection::Database;
use super::parts::{charge, counted_at};
use super::rows::{self, living, user_columns, value};
use crate::{Credential, CredentialFacts, Result, SessionKey, SignIn, SignInFacts};

const FACTS: &str = concat!(
    "WITH ",
    counted_at!(),
    ",
     account AS MATERIALIZED (
        SELECT ",
    user_columns!(),
    ", p.hash, u.epoch, u.email_confirmed_at IS NOT NULL AS confirmed FROM login_names n
        JOIN users u ON u.id = n.user_id JOIN passwords p ON p.user_id = u.id WHERE n.key = $1),",
    charge!("by_address", "$2::text", "$3", "$4", "true"),
    ",",
    charge!(
        "by_account",
        "coalesce((SELECT 'u:' || id::text FROM account), $5::text)",
        "$6",
        "$7",
        "NOT coalesce((SELECT refused FROM by_address), false)"
    ),
    "
     SELECT a.*, now(),
        (SELECT wait FROM by_address WHERE refused), (SELECT wait FROM by_account WHERE refused)
     FROM (SELECT 1) one LEFT JOIN account a ON true"
);

const CREDENTIAL_FACTS: &str = concat!(
    "WITH ",
    counted_at!(),
    ",",
    living!(),
    ",",
    charge!(
        "by_account",
        "(SELECT 'u:' || id::text FROM living)",
        "$4",
        "$5",
        "EXISTS (SELECT 1 FROM living)"
    ),
    "
     SELECT ",
    user_columns!(),
    ", p.hash, u.epoch,
        (SELECT email_confirmed_at IS NOT NULL FROM users WHERE id = u.id), now(),
        (SELECT wait FROM by_account WHERE refused)
     FROM living u JOIN passwords p ON p.user_id = u.id"
);

pub(super) async fn facts(db: &Database, question: &SignIn) -> Result<SignInFacts> {
    let (key, address) = match &question.address {
        Some((key, cost)) => (Some(key.as_str()), Some(*cost)),
        None => (None, None),
    };
    let (address_step, address_tolerance) = parts(address);
    let (step, tolerance) = parts(question.account);
    let row = db
        .tell_one(
            FACTS,
            &[
                &question.name,
                &key,
                &address_step,
                &address_tolerance,
                &question.unknown_key,
                &step,
                &tolerance,
            ],
        )
        .await?;
    let known = value::<Option<uuid::Uuid>>(&row, 0)?.is_some();
    // One of them at most: an address over its limit leaves the account alone.
    let verdict = match wait(&row, 10)? {
        None => Verdict::of(Scope::Account, wait(&row, 11)?),
        by_address => Verdict::of(Scope::Address, by_address),
    };
    Ok(SignInFacts {
        now: rows::instant(&row, 9)?,
        verdict,
        credential: if known { Some(credential(&row)?) } else { None },
    })
}

pub(super) async fn credential_facts(
    db: &Database,
    session: &SessionKey,
    account: Option<Cost>,
) -> Result<Option<CredentialFacts>> {
    let (step, tolerance) = parts(account);
    let hash: &[u8] = &session.secret_hash;
    let found = db
        .tell(
            CREDENTIAL_FACTS,
            &[&session.id.uuid(), &hash, &session.user.uuid(), &step, &tolerance],
        )
        .await?;
    let Some(row) = found.first() else { return Ok(None) };
    Ok(Some(CredentialFacts {
        now: rows::instant(row, 9)?,
        verdict: Verdict::of(Scope::Account, wait(row, 10)?),
        credential: credential(row)?,
    }))
}

fn parts(cost: Option<Cost>) -> (Option<i64>, Option<i64>) {
    (cost.map(|cost| cost.step), cost.map(|cost| cost.tolerance))
}

/// The time to wait in microseconds, null when the attempt was admitted.
pub(super) fn wait(row: &Row, column: usize) -> Result<Option<Duration>> {
    let micros = |wait| Duration::from_micros(u64::try_from(wait).unwrap_or(0).max(1));
    Ok(value::<Option<i64>>(row, column)?.map(micros))
}

fn credential(row: &Row) -> Result<Credential> {
    Ok(Credential {
        user: rows::user(row)?,
        hash: value(row, 6)?,
        epoch: value(row, 7)?,
        email_confirmed: value(row, 8)?,
    })
}
