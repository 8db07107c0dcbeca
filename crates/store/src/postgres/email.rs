//! A person's address: asked for, confirmed by the link that was sent to it, or withdrawn.

use super::connection::Database;
use super::parts::{self, clock, linked, mailed, noted, refunds, to_confirm, unlinked};
use super::register::is_unique_violation;
use super::rows::{self, living, user_columns, value};
use crate::{
    AskAgain, AskEmail, Asking, ConfirmEmail, Confirmed, Ended, Error, Result, SessionKey, Trail,
};

/// How often the address may be taken and free again before confirming it is given up.
const ROUNDS: usize = 3;

const ASK: &str = concat!(
    "WITH ",
    clock!(),
    ",
     asker AS (
        UPDATE users SET pending_email = $3::text WHERE id = $1 AND epoch = $2
        RETURNING id, language),",
    unlinked!("asker", "$4"),
    ",",
    linked!("$4", "$5", "'confirm', id, $3::text, NULL::bigint", "asker"),
    ",",
    noted!("$6", "id", "NULL::uuid", "asker"),
    ",",
    refunds!("$7", "$8", "EXISTS (SELECT 1 FROM asker)"),
    ",",
    mailed!("mailed", "$9", "SELECT $3::text, id, language, $4::uuid FROM asker"),
    " SELECT EXISTS (SELECT 1 FROM asker)"
);

/// One more mail with a new link, after the part `asker` (the user and the address to confirm; she is locked as by
/// whoever else ends links of hers, since two that met them in different orders would wait for each other). Where the
/// recipient's limit leaves the mail out, the former link stays good.
macro_rules! again {
    () => {
        concat!(
            mailed!(
                "mailed",
                "$6",
                "SELECT address, id, language, $4::uuid FROM asker WHERE address IS NOT NULL"
            ),
            ",",
            unlinked!("(SELECT user_id AS id FROM mailed)", "$4"),
            ",",
            linked!(
                "$4",
                "$5",
                "'confirm', a.id, a.address, NULL::bigint",
                "asker a JOIN mailed m ON m.user_id = a.id"
            ),
            " SELECT address IS NOT NULL FROM asker"
        )
    };
}

const ASK_AGAIN: &str = concat!(
    "WITH ",
    clock!(),
    ",",
    living!(),
    ",
     asker AS MATERIALIZED (
        SELECT u.id, u.language, ",
    to_confirm!(),
    " AS address FROM living l JOIN users u ON u.id = l.id FOR NO KEY UPDATE OF u),",
    again!()
);

const ASK_AGAIN_JUDGED: &str = concat!(
    "WITH ",
    clock!(),
    ",
     asker AS MATERIALIZED (
        SELECT u.id, u.language, ",
    to_confirm!(),
    " AS address FROM users u WHERE u.id = $1::uuid AND u.epoch = $2::bigint FOR NO KEY UPDATE),",
    refunds!("$3", "$7", "EXISTS (SELECT 1 FROM asker)"),
    ",",
    again!()
);

const WITHDRAW: &str = concat!(
    "WITH ",
    living!(),
    ",
     withdrawn AS (
        UPDATE users u SET pending_email = NULL FROM living l
        WHERE u.id = l.id AND u.pending_email IS NOT NULL RETURNING u.id),",
    unlinked!("withdrawn", "NULL"),
    ",",
    noted!("$4", "id", "$1::uuid", "withdrawn"),
    " SELECT EXISTS (SELECT 1 FROM living)"
);

/// The user is locked before the link, as everywhere; whoever waited for her finds what is to be confirmed
/// then. A name that is taken after this statement looked fails it whole.
const CONFIRM: &str = concat!(
    "WITH ",
    clock!(),
    ",
     owner AS MATERIALIZED (
        SELECT ",
    user_columns!(),
    ", u.email_confirmed_at, u.language, l.email AS address, l.used_at IS NOT NULL AS again
        FROM links l JOIN users u ON u.id = l.user_id
        WHERE l.id = $1::uuid AND l.purpose = 'confirm' AND (l.used_by = $2::uuid
            OR (l.used_at IS NULL AND l.expires_at > now() AND l.email = ",
    to_confirm!(),
    "))
        FOR NO KEY UPDATE OF u),
     used AS (
        UPDATE links l SET used_at = now(), used_by = $2::uuid,
                           expires_at = least(l.expires_at, now())
        FROM owner o WHERE l.id = $1::uuid AND l.used_at IS NULL AND l.expires_at > now()
        RETURNING o.id, o.email, o.email_confirmed_at, o.language, o.address),
     confirmed AS (
        UPDATE users u SET email = o.address, email_confirmed_at = now(), pending_email = NULL,
                           version = u.version + (u.email IS DISTINCT FROM o.address)::integer
        FROM used o WHERE u.id = o.id AND NOT EXISTS (
            SELECT 1 FROM login_names n WHERE n.key = ANY ($3::text[]) AND n.user_id <> o.id)
        RETURNING ",
    user_columns!(),
    "),
     dropped AS (
        DELETE FROM login_names n USING confirmed c
        WHERE n.user_id = c.id AND n.key <> ALL ($3::text[])),
     named AS (
        INSERT INTO login_names (key, user_id)
        SELECT wanted.key, c.id FROM confirmed c, unnest($3::text[]) AS wanted (key)
        WHERE NOT EXISTS (SELECT 1 FROM login_names n WHERE n.key = wanted.key)
        ORDER BY wanted.key),",
    noted!("$4", "id", "NULL::uuid", "confirmed"),
    ",
     moved AS (
        SELECT o.* FROM used o JOIN confirmed USING (id)
        WHERE o.email_confirmed_at IS NOT NULL AND lower(o.email) <> lower(o.address)),",
    mailed!("told", "$5", "SELECT address, id, language, NULL::uuid FROM moved"),
    ",",
    mailed!("told_before", "$6", "SELECT email, id, language, NULL::uuid FROM moved"),
    " SELECT ",
    user_columns!(),
    ", EXISTS (SELECT 1 FROM used) OR EXISTS (SELECT 1 FROM owner WHERE again)
     FROM (SELECT 1) one LEFT JOIN (
        SELECT ",
    user_columns!(),
    " FROM confirmed u
        UNION ALL SELECT ",
    user_columns!(),
    " FROM owner u WHERE u.again AND u.email = u.address AND u.email_confirmed_at IS NOT NULL
     ) u ON true"
);

pub(super) async fn ask(db: &Database, asked: &AskEmail) -> Result<bool> {
    let (keys, steps) = parts::given_back(&asked.refunds);
    let row = db
        .tell_one(
            ASK,
            &[
                &asked.user.uuid(),
                &asked.epoch,
                &asked.email,
                &asked.link.id.uuid(),
                &asked.link.lifetime.as_secs_f64(),
                &parts::trail(&asked.trail),
                &keys,
                &steps,
                &parts::mail(Some(&asked.mail)),
            ],
        )
        .await?;
    value(&row, 0)
}

pub(super) async fn ask_again(db: &Database, asked: &AskAgain) -> Result<Option<bool>> {
    let (link, lifetime) = (asked.link.id.uuid(), asked.link.lifetime.as_secs_f64());
    let mail = parts::mail(Some(&asked.mail));
    let found = match &asked.who {
        Asking::Session(key) => {
            let hash: &[u8] = &key.secret_hash;
            db.tell(ASK_AGAIN, &[&key.id.uuid(), &hash, &key.user.uuid(), &link, &lifetime, &mail])
                .await?
        }
        Asking::Judged { user, epoch, refunds } => {
            let (keys, steps) = parts::given_back(refunds);
            db.tell(
                ASK_AGAIN_JUDGED,
                &[&user.uuid(), epoch, &keys, &link, &lifetime, &mail, &steps],
            )
            .await?
        }
    };
    found.first().map(|row| value(row, 0)).transpose()
}

pub(super) async fn withdraw(db: &Database, key: &SessionKey, trail: &Trail) -> Result<Ended> {
    let hash: &[u8] = &key.secret_hash;
    let row = db
        .tell_one(WITHDRAW, &[&key.id.uuid(), &hash, &key.user.uuid(), &parts::trail(trail)])
        .await?;
    Ok(if value(&row, 0)? { Ended::Done } else { Ended::NoSession })
}

pub(super) async fn confirm(db: &Database, confirm: &ConfirmEmail) -> Result<Confirmed> {
    let mails = confirm.mails.as_ref();
    for _ in 0..ROUNDS {
        let told = db
            .tell_again(
                CONFIRM,
                &[
                    &confirm.link.uuid(),
                    &confirm.operation,
                    &confirm.names,
                    &parts::trail(&confirm.trail),
                    &parts::mail(mails.map(|[now, _]| now)),
                    &parts::mail(mails.map(|[_, before]| before)),
                ],
            )
            .await;
        let found = match told {
            Err(error) if is_unique_violation(&error) => continue,
            other => other?,
        };
        let Some(row) = found.first() else { return Ok(Confirmed::Gone) };
        return Ok(match (value::<Option<uuid::Uuid>>(row, 0)?, value(row, 6)?) {
            (Some(_), _) => Confirmed::Done(rows::user(row)?),
            (None, true) => Confirmed::Taken,
            (None, false) => Confirmed::Gone,
        });
    }
    Err(Error::Unavailable("the address changes hands too quickly".to_owned()))
}
