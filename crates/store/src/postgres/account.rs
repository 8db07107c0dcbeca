//! Accounts: made, looked up, changed and deleted.

use std::time::SystemTime;

use tokenhouse_rules::id::UserId;

use super::connection::Database;
use super::param::Param;
use super::rows::{self, living, user_columns, value};
use super::sign_in::refunds;
use crate::{
    ChangePassword, Error, Export, NewUser, Registered, RegistrationFacts, Result, SessionKey,
    Trail, User,
};

/// The most audit rows in an export.
const EXPORTED_EVENTS: u32 = 10_000;

/// How often a name may be taken and free again before a registration is given up.
const ROUNDS: usize = 3;

/// One statement: names first, so that a name that is taken fails it whole.
const REGISTER: &str = "
    WITH made AS (
        INSERT INTO users (id, username, email, created_at) VALUES ($1, $2, $3, $4) RETURNING id),
     named AS (
        INSERT INTO login_names (key, user_id)
        SELECT key, id FROM made, unnest($5::text[]) AS key ORDER BY key),
     secured AS (
        INSERT INTO passwords (user_id, hash, changed_at) SELECT id, $6, $4 FROM made),
     opened AS (
        INSERT INTO sessions (id, user_id, epoch, secret_hash, created_at, last_used_at, live_until,
                              expires_at, address, user_agent)
        SELECT $7::uuid, id, 1, $8::bytea, $4, $4, $9::timestamptz, $10::timestamptz, $11::text,
               $12::text
        FROM made WHERE $7::uuid IS NOT NULL ON CONFLICT (id) DO NOTHING),
     noted AS (
        INSERT INTO audit_events (id, at, event, actor, user_id, session_id, address, request_id)
        SELECT $13, now(), $14, $15, id, $7::uuid, $16, $17 FROM made ON CONFLICT (id) DO NOTHING)
    SELECT id FROM made";

const CHANGE: &str = concat!(
    "WITH bumped AS (
        UPDATE users SET epoch = epoch + 1 WHERE id = $1 AND epoch = $2 RETURNING id, epoch),
     hashed AS (
        UPDATE passwords p SET hash = $3, changed_at = now() FROM bumped b WHERE p.user_id = b.id),
     ended AS (
        DELETE FROM sessions s USING bumped b WHERE s.user_id = b.id AND s.id <> $4),
     kept AS (
        UPDATE sessions s SET epoch = b.epoch FROM bumped b WHERE s.id = $4 AND s.user_id = b.id),
     noted AS (
        INSERT INTO audit_events (id, at, event, actor, user_id, session_id, address, request_id)
        SELECT $5, now(), $6, $7, id, $4, $8, $9 FROM bumped ON CONFLICT (id) DO NOTHING),",
    refunds!("$10", "$11", "EXISTS (SELECT 1 FROM bumped)"),
    "SELECT EXISTS (SELECT 1 FROM bumped)"
);

/// What an operator does to an account, with `$1` the user and `$2…$6` the audit row: the update of
/// `users` is given, sessions end when it moves the epoch.
macro_rules! by_operator {
    ($set:literal $(, $more:expr)*) => {
        concat!(
            "WITH changed AS (
                UPDATE users SET ", $set, " WHERE id = $1 RETURNING id, epoch),
             ended AS (
                DELETE FROM sessions s USING changed c WHERE s.user_id = c.id AND s.epoch < c.epoch),
             ", $($more, ",",)* "
             noted AS (
                INSERT INTO audit_events (id, at, event, actor, user_id, address, request_id)
                SELECT $2, now(), $3, $4, id, $5, $6 FROM changed ON CONFLICT (id) DO NOTHING)
             SELECT EXISTS (SELECT 1 FROM changed)"
        )
    };
}

/// All attempts of the account are given back.
macro_rules! forgiven {
    () => {
        "forgiven AS (
            DELETE FROM throttles t USING changed c WHERE t.key = 'u:' || c.id::text)"
    };
}

/// One statement, so that all parts are of one instant. The person, her sessions and her events are rows
/// of their own, each with nulls in the columns of the others, in the order in which they are shown. The
/// event of the export itself is not in the snapshot that the statement reads, so it is added.
const EXPORT: &str = concat!(
    "WITH ",
    living!(),
    ",
     noted AS (
        INSERT INTO audit_events (id, at, event, actor, user_id, session_id, address, request_id)
        SELECT $4, now(), $5, $6, id, $1, $7, $8 FROM living ON CONFLICT (id) DO NOTHING
        RETURNING id, at, event, actor, user_id, session_id, address, request_id),
     person AS (
        SELECT ",
    user_columns!(),
    ", p.document, now() AS asked_at FROM living u JOIN users p USING (id)),
     session AS (
        SELECT s.id, s.created_at, s.last_used_at, s.expires_at, s.address, s.user_agent
        FROM living l JOIN sessions s ON s.user_id = l.id AND s.epoch = l.epoch
            AND s.live_until > now()),
     event AS (
        SELECT * FROM noted
        UNION ALL
        (SELECT e.id, e.at, e.event, e.actor, e.user_id, e.session_id, e.address, e.request_id
         FROM living l JOIN audit_events e ON e.user_id = l.id ORDER BY e.id DESC LIMIT $9)
        ORDER BY id DESC LIMIT $9)
     SELECT p.*, s.*, e.*
     FROM person p FULL JOIN session s ON false FULL JOIN event e ON false
     ORDER BY p.id, s.id, e.id DESC"
);

/// Where the columns of a session and of an event begin in [`EXPORT`].
const SESSION: usize = 8;
const EVENT: usize = 14;

pub(super) async fn registration_facts(
    db: &Database,
    names: &[String],
) -> Result<RegistrationFacts> {
    let row = db
        .ask_one("SELECT now(), ARRAY(SELECT key FROM login_names WHERE key = ANY($1))", &[&names])
        .await?;
    Ok(RegistrationFacts { now: rows::instant(&row, 0)?, taken: value(&row, 1)? })
}

pub(super) async fn register(db: &Database, new: &NewUser) -> Result<Registered> {
    for _ in 0..ROUNDS {
        match insert(db, new).await {
            Ok(()) => return Ok(Registered::Done),
            // The answer may have been lost after the commit: then the user is there, by our own id.
            Err(Error::Unavailable(_)) if by_id(db, new.id).await?.is_some() => {
                return Ok(Registered::Done);
            }
            Err(Error::Driver(source)) if is_unique_violation(source.as_ref()) => {}
            Err(error) => return Err(error),
        }
        if let Some(registered) = conflict(db, new).await? {
            return Ok(registered);
        }
    }
    Err(Error::Unavailable("the name changes hands too quickly".to_owned()))
}

/// What a registration met that failed as a whole; nothing when who had the name has gone meanwhile.
async fn conflict(db: &Database, new: &NewUser) -> Result<Option<Registered>> {
    let row = db
        .ask_one(
            "SELECT EXISTS (SELECT 1 FROM users WHERE id = $1),
                    ARRAY(SELECT key FROM login_names WHERE key = ANY($2))",
            &[&new.id.uuid(), &new.names],
        )
        .await?;
    let taken: Vec<String> = value(&row, 1)?;
    Ok(match (value(&row, 0)?, taken.is_empty()) {
        (true, _) => Some(Registered::Done),
        (false, false) => Some(Registered::Taken(taken)),
        (false, true) => None,
    })
}

async fn insert(db: &Database, new: &NewUser) -> Result<()> {
    let session = new.session.as_ref();
    let hash: Option<&[u8]> = session.map(|s| &s.secret_hash[..]);
    db.tell(
        REGISTER,
        &[
            &new.id.uuid(),
            &new.username,
            &new.email,
            &SystemTime::from(new.created_at),
            &new.names,
            &new.password,
            &session.map(|s| s.id.uuid()),
            &hash,
            &session.map(|s| SystemTime::from(s.expiry.live_until)),
            &session.map(|s| SystemTime::from(s.expiry.expires_at)),
            &session.and_then(|s| s.address.clone()),
            &session.and_then(|s| s.user_agent.clone()),
            &new.trail.id.uuid(),
            &new.trail.event.name(),
            &new.trail.actor.name(),
            &new.trail.address,
            &new.trail.request_id,
        ],
    )
    .await
    .map(|_| ())
}

fn is_unique_violation(source: &(dyn std::error::Error + 'static)) -> bool {
    source
        .downcast_ref::<tokio_postgres::Error>()
        .is_some_and(|e| e.code() == Some(&tokio_postgres::error::SqlState::UNIQUE_VIOLATION))
}

pub(super) async fn by_id(db: &Database, id: UserId) -> Result<Option<User>> {
    let found = db
        .ask(concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id = $1"), &[&id.uuid()])
        .await?;
    found.first().map(rows::user).transpose()
}

pub(super) async fn by_name(db: &Database, key: &str) -> Result<Option<User>> {
    let sql = concat!(
        "SELECT ",
        user_columns!(),
        " FROM login_names n JOIN users u ON u.id = n.user_id
         WHERE n.key = $1"
    );
    db.ask(sql, &[&key]).await?.first().map(rows::user).transpose()
}

pub(super) async fn list(db: &Database, after: Option<UserId>, limit: u32) -> Result<Vec<User>> {
    let sql =
        concat!("SELECT ", user_columns!(), " FROM users u WHERE u.id > $1 ORDER BY u.id LIMIT $2");
    let after = after.map_or(uuid::Uuid::nil(), UserId::uuid);
    let found = db.ask(sql, &[&after, &i64::from(limit)]).await?;
    found.iter().map(rows::user).collect()
}

pub(super) async fn change_password(db: &Database, change: &ChangePassword) -> Result<bool> {
    let trail = &change.trail;
    let keys: Vec<&str> = change.refunds.iter().map(|refund| refund.key.as_str()).collect();
    let steps: Vec<i64> = change.refunds.iter().map(|refund| refund.step).collect();
    let row = db
        .tell_one(
            CHANGE,
            &[
                &change.user.uuid(),
                &change.epoch,
                &change.hash,
                &change.session.uuid(),
                &trail.id.uuid(),
                &trail.event.name(),
                &trail.actor.name(),
                &trail.address,
                &trail.request_id,
                &keys,
                &steps,
            ],
        )
        .await?;
    value(&row, 0)
}

pub(super) async fn lock(db: &Database, user: UserId, lock: bool, trail: &Trail) -> Result<bool> {
    let sql = if lock {
        by_operator!("locked_at = now(), epoch = epoch + 1")
    } else {
        by_operator!("locked_at = NULL", forgiven!())
    };
    operate(db, sql, user, trail, None).await
}

pub(super) async fn sign_out(db: &Database, user: UserId, trail: &Trail) -> Result<bool> {
    operate(db, by_operator!("epoch = epoch + 1"), user, trail, None).await
}

pub(super) async fn set_password(
    db: &Database,
    user: UserId,
    hash: &str,
    trail: &Trail,
) -> Result<bool> {
    let sql = by_operator!(
        "epoch = epoch + 1",
        "hashed AS (UPDATE passwords p SET hash = $7, changed_at = now()
                    FROM changed c WHERE p.user_id = c.id)",
        forgiven!()
    );
    operate(db, sql, user, trail, Some(hash)).await
}

async fn operate(
    db: &Database,
    sql: &str,
    user: UserId,
    trail: &Trail,
    hash: Option<&str>,
) -> Result<bool> {
    let (id, event) = (user.uuid(), trail.id.uuid());
    let (name, actor) = (trail.event.name(), trail.actor.name());
    let row = match &hash {
        None => {
            let params: [&(dyn Param + Sync); 6] =
                [&id, &event, &name, &actor, &trail.address, &trail.request_id];
            db.tell_one(sql, &params).await?
        }
        Some(hash) => {
            let params: [&(dyn Param + Sync); 7] =
                [&id, &event, &name, &actor, &trail.address, &trail.request_id, hash];
            db.tell_one(sql, &params).await?
        }
    };
    value(&row, 0)
}

pub(super) async fn delete(
    db: &Database,
    user: UserId,
    epoch: Option<i64>,
    trail: &Trail,
) -> Result<bool> {
    let row = db
        .tell_one(
            "WITH gone AS (
                DELETE FROM users WHERE id = $1 AND ($2::bigint IS NULL OR epoch = $2) RETURNING id),
             noted AS (
                INSERT INTO audit_events (id, at, event, actor, user_id, address, request_id)
                SELECT $3, now(), $4, $5, id, $6, $7 FROM gone ON CONFLICT (id) DO NOTHING)
             SELECT EXISTS (SELECT 1 FROM gone)",
            &[
                &user.uuid(),
                &epoch,
                &trail.id.uuid(),
                &trail.event.name(),
                &trail.actor.name(),
                &trail.address,
                &trail.request_id,
            ],
        )
        .await?;
    value(&row, 0)
}

pub(super) async fn export(
    db: &Database,
    key: &SessionKey,
    trail: &Trail,
) -> Result<Option<Export>> {
    let hash: &[u8] = &key.secret_hash;
    let found = db
        .tell(
            EXPORT,
            &[
                &key.id.uuid(),
                &hash,
                &key.user.uuid(),
                &trail.id.uuid(),
                &trail.event.name(),
                &trail.actor.name(),
                &trail.address,
                &trail.request_id,
                &i64::from(EXPORTED_EVENTS),
            ],
        )
        .await?;
    let Some((person, belongings)) = found.split_first() else { return Ok(None) };
    let mut export = Export {
        now: rows::instant(person, 7)?,
        user: rows::user(person)?,
        body: value(person, 6)?,
        sessions: Vec::new(),
        events: Vec::new(),
    };
    for row in belongings {
        if value::<Option<uuid::Uuid>>(row, SESSION)?.is_some() {
            export.sessions.push(rows::session_at(row, SESSION)?);
        } else {
            export.events.push(rows::event_at(row, EVENT)?);
        }
    }
    Ok(Some(export))
}
