//! Accounts made: by who registers, and the first administrator's.

use std::time::SystemTime;

use tokenhouse_rules::id::LinkId;
use tokenhouse_rules::limit::{Cost, Scope, Verdict};

use super::account::by_id;
use super::connection::Database;
use super::parts::{self, charge, clock, counted_at, linked, mailed, noted};
use super::rows::{self, value};
use super::sign_in::wait;
use crate::{Error, NewUser, Registered, RegistrationFacts, Result, SetUp, SetUpDone};

/// How often a name may be taken and free again before a registration is given up.
const ROUNDS: usize = 3;

const FACTS: &str = "SELECT now(), ARRAY(SELECT key FROM login_names WHERE key = ANY($1::text[]))";

/// The same, after counting an attempt of the client's address.
const COUNTED_FACTS: &str = concat!(
    "WITH ",
    counted_at!(),
    ",",
    charge!("by_address", "$2::text", "$3", "$4", "true"),
    "
     SELECT now(), ARRAY(SELECT key FROM login_names WHERE key = ANY($1::text[])),
        (SELECT wait FROM by_address WHERE refused)"
);

/// An account with all that comes with it, if the parts `$admitting` allow it by `$when`. One statement:
/// names first, so that a name that is taken fails it whole.
macro_rules! account {
    ($admitting:literal, $when:literal, $administrator_since:literal) => {
        concat!(
            "WITH ",
            clock!(),
            ",",
            $admitting,
            ",
             made AS (
                INSERT INTO users (id, username, email, email_confirmed_at, pending_email, created_at,
                                   administrator_since)
                SELECT $1::uuid, $2::text, $3::text,
                       CASE WHEN $5::boolean AND $3::text IS NOT NULL THEN $6::timestamptz END,
                       $4::text, $6::timestamptz, ",
            $administrator_since,
            " WHERE ",
            $when,
            " RETURNING id, coalesce(pending_email, email) AS address),
             named AS (
                INSERT INTO login_names (key, user_id)
                SELECT key, id FROM made, unnest($7::text[]) AS key ORDER BY key),
             secured AS (
                INSERT INTO passwords (user_id, hash, changed_at)
                SELECT id, $8::text, $6::timestamptz FROM made),
             opened AS (
                INSERT INTO sessions (id, user_id, epoch, secret_hash, created_at, last_used_at,
                                      live_until, expires_at, address, user_agent)
                SELECT $9::uuid, id, 1, $10::bytea, $6::timestamptz, $6::timestamptz,
                       $11::timestamptz, $12::timestamptz, $13::text, $14::text
                FROM made WHERE $9::uuid IS NOT NULL ON CONFLICT (id) DO NOTHING),",
            noted!("$15", "id", "$9::uuid", "made"),
            ",",
            linked!(
                "$17",
                "$18",
                "'confirm', id, address, NULL::bigint",
                "made WHERE $17::uuid IS NOT NULL AND address IS NOT NULL"
            ),
            ",",
            mailed!("mailed", "$19", "SELECT email, user_id, NULL::text, id FROM linked"),
            " SELECT id FROM made"
        )
    };
}

/// Without an invitation there is nothing to be used up and nothing in the way.
const REGISTER: &str = account!(
    "admitted AS (
        UPDATE links SET used_at = now(), used_by = $1::uuid, expires_at = least(expires_at, now())
        WHERE id = $16::uuid AND purpose = 'invite'
          AND (used_by = $1::uuid OR (used_at IS NULL AND expires_at > now()))
          AND (email IS NULL OR lower(email) = lower(coalesce($4::text, $3::text)))
        RETURNING id)",
    "$16::uuid IS NULL OR EXISTS (SELECT 1 FROM admitted)",
    "NULL::timestamptz"
);

/// The row of setup is what those who try at once wait for; one of them finds it open.
const SET_UP: &str = account!(
    "admitted AS (
        UPDATE links SET used_at = now(), used_by = $1::uuid, expires_at = least(expires_at, now())
        WHERE id = $16::uuid AND purpose = 'setup' AND used_at IS NULL AND expires_at > now()
          AND EXISTS (SELECT 1 FROM setup WHERE closed_at IS NULL)
        RETURNING id),
     closed AS (
        UPDATE setup SET closed_at = now(), administrators = administrators + 1
        WHERE closed_at IS NULL AND ($16::uuid IS NULL OR EXISTS (SELECT 1 FROM admitted))
        RETURNING one)",
    "EXISTS (SELECT 1 FROM closed)",
    "now()"
);

pub(super) async fn facts(
    db: &Database,
    names: &[String],
    address: Option<(String, Cost)>,
) -> Result<RegistrationFacts> {
    let (row, verdict) = match address {
        None => (db.ask_one(FACTS, &[&names]).await?, Verdict::Admitted),
        Some((key, cost)) => {
            let row =
                db.tell_one(COUNTED_FACTS, &[&names, &key, &cost.step, &cost.tolerance]).await?;
            let verdict = Verdict::of(Scope::Address, wait(&row, 2)?);
            (row, verdict)
        }
    };
    Ok(RegistrationFacts { now: rows::instant(&row, 0)?, verdict, taken: value(&row, 1)? })
}

pub(super) async fn register(db: &Database, new: &NewUser) -> Result<Registered> {
    Ok(match made(db, REGISTER, new, new.invitation).await? {
        Made::Done => Registered::Done,
        Made::Taken(names) => Registered::Taken(names),
        Made::NotAdmitted => Registered::NotInvited,
    })
}

pub(super) async fn set_up(db: &Database, setup: &SetUp) -> Result<SetUpDone> {
    let new = NewUser { email_confirmed: true, ..setup.new.clone() };
    Ok(match made(db, SET_UP, &new, setup.link).await? {
        Made::Done => SetUpDone::Done,
        Made::Taken(names) => SetUpDone::Taken(names),
        Made::NotAdmitted => not_set_up(db, &new).await?,
    })
}

/// Why setting up was not admitted; our own repetition finds what it made.
async fn not_set_up(db: &Database, new: &NewUser) -> Result<SetUpDone> {
    let sql = "SELECT closed_at IS NOT NULL, EXISTS (SELECT 1 FROM users WHERE id = $1::uuid)
               FROM setup";
    let row = db.ask_one(sql, &[&new.id.uuid()]).await?;
    Ok(match (value(&row, 0)?, value(&row, 1)?) {
        (_, true) => SetUpDone::Done,
        (true, false) => SetUpDone::Closed,
        (false, false) => SetUpDone::Gone,
    })
}

/// How making an account went.
enum Made {
    Done,
    Taken(Vec<String>),
    NotAdmitted,
}

async fn made(db: &Database, sql: &str, new: &NewUser, by: Option<LinkId>) -> Result<Made> {
    for _ in 0..ROUNDS {
        match insert(db, sql, new, by).await {
            Ok(true) => return Ok(Made::Done),
            Ok(false) => return Ok(Made::NotAdmitted),
            // The answer may have been lost after the commit: then the user is there, by our own id.
            Err(Error::Unavailable(_)) if by_id(db, new.id).await?.is_some() => {
                return Ok(Made::Done);
            }
            Err(error) if is_unique_violation(&error) => {}
            Err(error) => return Err(error),
        }
        if let Some(made) = conflict(db, new).await? {
            return Ok(made);
        }
    }
    Err(Error::Unavailable("the name changes hands too quickly".to_owned()))
}

/// What a registration met that failed as a whole; nothing when who had the name has gone meanwhile.
async fn conflict(db: &Database, new: &NewUser) -> Result<Option<Made>> {
    let row = db
        .ask_one(
            "SELECT EXISTS (SELECT 1 FROM users WHERE id = $1),
                    ARRAY(SELECT key FROM login_names WHERE key = ANY($2))",
            &[&new.id.uuid(), &new.names],
        )
        .await?;
    let taken: Vec<String> = value(&row, 1)?;
    Ok(match (value(&row, 0)?, taken.is_empty()) {
        (true, _) => Some(Made::Done),
        (false, false) => Some(Made::Taken(taken)),
        (false, true) => None,
    })
}

/// Whether the account was made; `false` when nothing was written.
async fn insert(db: &Database, sql: &str, new: &NewUser, by: Option<LinkId>) -> Result<bool> {
    let session = new.session.as_ref();
    let hash: Option<&[u8]> = session.map(|s| &s.secret_hash[..]);
    let (link, mail) = match &new.confirmation {
        Some((link, mail)) => (Some(link), Some(mail)),
        None => (None, None),
    };
    let made = db
        .tell(
            sql,
            &[
                &new.id.uuid(),
                &new.username,
                &new.email,
                &new.pending_email,
                &new.email_confirmed,
                &SystemTime::from(new.created_at),
                &new.names,
                &new.password,
                &session.map(|s| s.id.uuid()),
                &hash,
                &session.map(|s| SystemTime::from(s.expiry.live_until)),
                &session.map(|s| SystemTime::from(s.expiry.expires_at)),
                &session.and_then(|s| s.address.clone()),
                &session.and_then(|s| s.user_agent.clone()),
                &parts::trail(&new.trail),
                &by.map(LinkId::uuid),
                &link.map(|link| link.id.uuid()),
                &link.map(|link| link.lifetime.as_secs_f64()),
                &parts::mail(mail),
            ],
        )
        .await?;
    Ok(!made.is_empty())
}

/// Whether a statement failed as a whole since a name, or an identifier, was there already.
pub(super) fn is_unique_violation(error: &Error) -> bool {
    let Error::Driver(source) = error else { return false };
    source
        .downcast_ref::<tokio_postgres::Error>()
        .is_some_and(|e| e.code() == Some(&tokio_postgres::error::SqlState::UNIQUE_VIOLATION))
}
