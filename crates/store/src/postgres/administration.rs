//! Administrators, setup, and the end of an account.
//!
//! The last administrator is kept by the row of `setup`, which is locked before it is judged by: whoever
//! waits for it judges by the number that is there then. A user's row is locked before that row.

use tokenhouse_rules::id::UserId;
use tokio_postgres::Row;

use super::connection::Database;
use super::parts::{self, clock, mailed, noted, refunds};
use super::rows::{self, living, user_columns, value};
use crate::{
    Ended, NewMail, Removed, Result, Revoked, ScheduleDeletion, SessionKey, SetupState, Trail, User,
};

const GRANT: &str = concat!(
    "WITH found AS MATERIALIZED (
        SELECT id, administrator_since FROM users WHERE id = $1 FOR NO KEY UPDATE),
     granted AS (
        UPDATE users u SET administrator_since = now() FROM found f
        WHERE u.id = f.id AND f.administrator_since IS NULL RETURNING u.id),
     counted AS (
        UPDATE setup SET administrators = administrators + 1, closed_at = coalesce(closed_at, now())
        FROM granted),",
    noted!("$2", "id", "NULL::uuid", "granted"),
    " SELECT EXISTS (SELECT 1 FROM found)"
);

/// One administrator fewer, where the part `$of` has a row, as the part `counted`: without a row when it
/// would be the last. An update alone would look at the number before it waits.
macro_rules! one_fewer {
    ($of:literal) => {
        concat!(
            "counting AS MATERIALIZED (
                SELECT administrators FROM setup WHERE EXISTS (SELECT 1 FROM ",
            $of,
            ") FOR NO KEY UPDATE),
             counted AS (
                UPDATE setup SET administrators = setup.administrators - 1 FROM counting
                WHERE counting.administrators > 1 RETURNING one)"
        )
    };
}

const REVOKE: &str = concat!(
    "WITH found AS MATERIALIZED (
        SELECT id FROM users WHERE id = $1 AND administrator_since IS NOT NULL FOR NO KEY UPDATE),",
    one_fewer!("found"),
    ",
     revoked AS (
        UPDATE users u SET administrator_since = NULL FROM found f
        WHERE u.id = f.id AND EXISTS (SELECT 1 FROM counted) RETURNING u.id),",
    noted!("$2", "id", "NULL::uuid", "revoked"),
    " SELECT EXISTS (SELECT 1 FROM found), EXISTS (SELECT 1 FROM revoked)"
);

/// Mails that were sent, given up or hold a link that goes with her go too. What tells of a fact and
/// waits is still sent.
macro_rules! mails_of_gone {
    () => {
        "cleared AS (
            DELETE FROM mails m USING gone g WHERE m.user_id = g.id
                AND (m.sent_at IS NOT NULL OR m.dead_at IS NOT NULL OR m.link_id IS NOT NULL))"
    };
}
pub(super) use mails_of_gone;

const DELETE: &str = concat!(
    "WITH ",
    clock!(),
    ",
     target AS MATERIALIZED (
        SELECT id, email, email_confirmed_at, language, administrator_since FROM users
        WHERE id = $1 AND ($2::bigint IS NULL OR epoch = $2::bigint) FOR UPDATE),",
    one_fewer!("target WHERE administrator_since IS NOT NULL"),
    ",
     gone AS (
        DELETE FROM users u USING target t
        WHERE u.id = t.id AND (t.administrator_since IS NULL OR EXISTS (SELECT 1 FROM counted))
        RETURNING u.id),",
    mails_of_gone!(),
    ",",
    noted!("$3", "id", "NULL::uuid", "gone"),
    ",",
    mailed!(
        "mailed",
        "$4",
        "SELECT t.email, t.id, t.language, NULL::uuid FROM target t JOIN gone USING (id)
         WHERE t.email_confirmed_at IS NOT NULL"
    ),
    " SELECT EXISTS (SELECT 1 FROM target), EXISTS (SELECT 1 FROM gone)"
);

/// Her sessions end; what waits to be opened for her is of an earlier epoch then.
const SCHEDULE: &str = concat!(
    "WITH ",
    clock!(),
    ",
     target AS MATERIALIZED (
        SELECT id, administrator_since FROM users WHERE id = $1 AND epoch = $2 FOR NO KEY UPDATE),
     counting AS MATERIALIZED (
        SELECT administrators FROM setup
        WHERE EXISTS (SELECT 1 FROM target WHERE administrator_since IS NOT NULL) FOR SHARE),
     scheduled AS (
        UPDATE users u SET delete_after = now() + $3::float8 * interval '1 second',
                           epoch = u.epoch + 1
        FROM target t WHERE u.id = t.id AND (
            t.administrator_since IS NULL OR EXISTS (SELECT 1 FROM counting WHERE administrators > 1))
        RETURNING u.id, u.email, u.email_confirmed_at, u.language),
     ended AS (DELETE FROM sessions s USING scheduled d WHERE s.user_id = d.id),",
    noted!("$4", "id", "NULL::uuid", "scheduled"),
    ",",
    refunds!("$5", "$6", "EXISTS (SELECT 1 FROM target)"),
    ",",
    mailed!(
        "mailed",
        "$7",
        "SELECT email, id, language, NULL::uuid FROM scheduled WHERE email_confirmed_at IS NOT NULL"
    ),
    " SELECT EXISTS (SELECT 1 FROM target), EXISTS (SELECT 1 FROM scheduled)"
);

const KEEP: &str = concat!(
    "WITH ",
    living!(),
    ",
     kept AS (
        UPDATE users u SET delete_after = NULL FROM living l
        WHERE u.id = l.id AND u.delete_after IS NOT NULL RETURNING u.id),",
    noted!("$4", "id", "$1::uuid", "kept"),
    " SELECT EXISTS (SELECT 1 FROM living)"
);

pub(super) async fn setup_state(db: &Database) -> Result<SetupState> {
    let row = db.ask_one("SELECT closed_at, administrators FROM setup", &[]).await?;
    let administrators: i32 = value(&row, 1)?;
    Ok(SetupState {
        closed_at: rows::optional_instant(&row, 0)?,
        administrators: u32::try_from(administrators).unwrap_or(0),
    })
}

pub(super) async fn administrators(db: &Database) -> Result<Vec<User>> {
    let sql = concat!(
        "SELECT ",
        user_columns!(),
        " FROM users u WHERE u.administrator_since IS NOT NULL ORDER BY u.id"
    );
    db.ask(sql, &[]).await?.iter().map(rows::user).collect()
}

pub(super) async fn grant(db: &Database, user: UserId, trail: &Trail) -> Result<bool> {
    value(&db.tell_one(GRANT, &[&user.uuid(), &parts::trail(trail)]).await?, 0)
}

pub(super) async fn revoke(db: &Database, user: UserId, trail: &Trail) -> Result<Revoked> {
    let row = db.tell_one(REVOKE, &[&user.uuid(), &parts::trail(trail)]).await?;
    Ok(match (value(&row, 0)?, value(&row, 1)?) {
        (false, _) => Revoked::NotOne,
        (true, true) => Revoked::Done,
        (true, false) => Revoked::Last,
    })
}

pub(super) async fn delete(
    db: &Database,
    user: UserId,
    epoch: Option<i64>,
    mail: Option<&NewMail>,
    trail: &Trail,
) -> Result<Removed> {
    let row = db
        .tell_one(DELETE, &[&user.uuid(), &epoch, &parts::trail(trail), &parts::mail(mail)])
        .await?;
    removed(&row)
}

pub(super) async fn schedule(db: &Database, deletion: &ScheduleDeletion) -> Result<Removed> {
    let (keys, steps) = parts::given_back(&deletion.refunds);
    let row = db
        .tell_one(
            SCHEDULE,
            &[
                &deletion.user.uuid(),
                &deletion.epoch,
                &deletion.grace.as_secs_f64(),
                &parts::trail(&deletion.trail),
                &keys,
                &steps,
                &parts::mail(deletion.mail.as_ref()),
            ],
        )
        .await?;
    removed(&row)
}

/// What the two answers of [`DELETE`] and [`SCHEDULE`] say.
fn removed(row: &Row) -> Result<Removed> {
    Ok(match (value(row, 0)?, value(row, 1)?) {
        (false, _) => Removed::Changed,
        (true, true) => Removed::Done,
        (true, false) => Removed::LastAdministrator,
    })
}

pub(super) async fn keep(db: &Database, key: &SessionKey, trail: &Trail) -> Result<Ended> {
    let hash: &[u8] = &key.secret_hash;
    let row =
        db.tell_one(KEEP, &[&key.id.uuid(), &hash, &key.user.uuid(), &parts::trail(trail)]).await?;
    Ok(if value(&row, 0)? { Ended::Done } else { Ended::NoSession })
}
