//! Accounts: looked up, given another password, locked.

use tokenhouse_rules::id::UserId;

use super::connection::Database;
use super::param::Param;
use super::parts::{self, clock, forgiven, mailed, noted, refunds};
use super::rows::{self, user_columns, value};
use crate::{ChangePassword, Result, Trail, User};

const CHANGE: &str = concat!(
    "WITH ",
    clock!(),
    ",
     bumped AS (
        UPDATE users SET epoch = epoch + 1 WHERE id = $1 AND epoch = $2
        RETURNING id, epoch, email, email_confirmed_at, language),
     hashed AS (
        UPDATE passwords p SET hash = $3, changed_at = now() FROM bumped b WHERE p.user_id = b.id),
     ended AS (
        DELETE FROM sessions s USING bumped b WHERE s.user_id = b.id AND s.id <> $4::uuid),
     kept AS (
        UPDATE sessions s SET epoch = b.epoch FROM bumped b
        WHERE s.id = $4::uuid AND s.user_id = b.id),",
    noted!("$5", "id", "$4::uuid", "bumped"),
    ",",
    refunds!("$6", "$7", "EXISTS (SELECT 1 FROM bumped)"),
    ",",
    mailed!(
        "mailed",
        "$8",
        "SELECT email, id, language, NULL::uuid FROM bumped WHERE email_confirmed_at IS NOT NULL"
    ),
    " SELECT EXISTS (SELECT 1 FROM bumped)"
);

/// What an operator does to an account, with `$1` the user and `$2` the audit row: the update of `users`
/// is given, sessions end when it moves the epoch.
macro_rules! by_operator {
    ($set:literal $(, $more:expr)*) => {
        concat!(
            "WITH changed AS (
                UPDATE users SET ", $set, " WHERE id = $1 RETURNING id, epoch),
             ended AS (
                DELETE FROM sessions s USING changed c WHERE s.user_id = c.id AND s.epoch < c.epoch),
             ", $($more, ",",)*
            noted!("$2", "id", "NULL::uuid", "changed"),
            " SELECT EXISTS (SELECT 1 FROM changed)"
        )
    };
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
    let (keys, steps) = parts::given_back(&change.refunds);
    let row = db
        .tell_one(
            CHANGE,
            &[
                &change.user.uuid(),
                &change.epoch,
                &change.hash,
                &change.session.uuid(),
                &parts::trail(&change.trail),
                &keys,
                &steps,
                &parts::mail(change.mail.as_ref()),
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
        "hashed AS (UPDATE passwords p SET hash = $3, changed_at = now()
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
    let (id, trail) = (user.uuid(), parts::trail(trail));
    let mut params: Vec<&(dyn Param + Sync)> = vec![&id, &trail];
    if let Some(hash) = &hash {
        params.push(hash);
    }
    value(&db.tell_one(sql, &params).await?, 0)
}
