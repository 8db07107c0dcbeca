//! A password that was forgotten: a link is asked for, and used.
//!
//! What asks is one statement whoever it asks for, and like a count it is committed without waiting for
//! the disk: otherwise a name that is somebody's would be answered later than one that is nobody's. A
//! server that crashes in that very second may forget the mail; who waits for it asks again.

use tokenhouse_rules::limit::{Scope, Verdict};

use super::connection::Database;
use super::parts::{self, charge, clock, counted_at, forgiven, linked, mailed, noted};
use super::rows::{self, user_columns};
use super::sign_in::wait;
use crate::{AskRecovery, ResetPassword, Result, User};

/// The lock on the user is the one that the link's foreign key takes anyway, taken first.
const ASK: &str = concat!(
    "WITH ",
    counted_at!(),
    ",",
    charge!("by_address", "$2::text", "$3", "$4", "true"),
    ",
     account AS MATERIALIZED (
        SELECT u.id, u.email, u.language, u.epoch
        FROM login_names n JOIN users u ON u.id = n.user_id
        WHERE n.key = $1::text AND u.email_confirmed_at IS NOT NULL AND u.locked_at IS NULL
          AND NOT coalesce((SELECT refused FROM by_address), false)
        FOR KEY SHARE OF u),",
    mailed!("mailed", "$7", "SELECT email, id, language, $5::uuid FROM account"),
    ",",
    linked!(
        "$5",
        "$6",
        "'recover', a.id, a.email, a.epoch",
        "account a JOIN mailed m ON m.user_id = a.id"
    ),
    ",",
    noted!("$8", "user_id", "NULL::uuid", "mailed"),
    " SELECT (SELECT wait FROM by_address WHERE refused)"
);

/// The user is locked before the link, as everywhere. Whoever waited for her finds another epoch then.
const RESET: &str = concat!(
    "WITH ",
    clock!(),
    ",
     owner AS MATERIALIZED (
        SELECT ",
    user_columns!(),
    ", l.used_at IS NOT NULL AS again
        FROM links l JOIN users u ON u.id = l.user_id
        WHERE l.id = $1::uuid AND l.purpose = 'recover' AND (l.used_by = $2::uuid
            OR (l.used_at IS NULL AND l.expires_at > now() AND u.epoch = l.epoch))
        FOR NO KEY UPDATE OF u),
     used AS (
        UPDATE links l SET used_at = now(), used_by = $2::uuid,
                           expires_at = least(l.expires_at, now())
        FROM owner o WHERE l.id = $1::uuid AND l.used_at IS NULL AND l.expires_at > now()
        RETURNING o.id),
     changed AS (
        UPDATE users u SET epoch = u.epoch + 1 FROM used WHERE u.id = used.id
        RETURNING ",
    user_columns!(),
    ", u.epoch, u.email_confirmed_at, u.language),
     hashed AS (
        UPDATE passwords p SET hash = $3::text, changed_at = now()
        FROM changed c WHERE p.user_id = c.id),
     ended AS (
        DELETE FROM sessions s USING changed c WHERE s.user_id = c.id AND s.epoch < c.epoch),",
    forgiven!(),
    ",",
    noted!("$4", "id", "NULL::uuid", "changed"),
    ",",
    mailed!(
        "mailed",
        "$5",
        "SELECT email, id, language, NULL::uuid FROM changed WHERE email_confirmed_at IS NOT NULL"
    ),
    " SELECT ",
    user_columns!(),
    " FROM changed u
     UNION ALL SELECT ",
    user_columns!(),
    " FROM owner u WHERE u.again"
);

pub(super) async fn ask(db: &Database, asked: &AskRecovery) -> Result<Verdict> {
    let (key, cost) = asked.address.clone().unzip();
    let row = db
        .tell_one(
            ASK,
            &[
                &asked.name,
                &key,
                &cost.map(|cost| cost.step),
                &cost.map(|cost| cost.tolerance),
                &asked.link.id.uuid(),
                &asked.link.lifetime.as_secs_f64(),
                &parts::mail(Some(&asked.mail)),
                &parts::trail(&asked.trail),
            ],
        )
        .await?;
    Ok(Verdict::of(Scope::Address, wait(&row, 0)?))
}

pub(super) async fn reset(db: &Database, reset: &ResetPassword) -> Result<Option<User>> {
    let found = db
        .tell_again(
            RESET,
            &[
                &reset.link.uuid(),
                &reset.operation,
                &reset.hash,
                &parts::trail(&reset.trail),
                &parts::mail(reset.mail.as_ref()),
            ],
        )
        .await?;
    found.first().map(rows::user).transpose()
}
