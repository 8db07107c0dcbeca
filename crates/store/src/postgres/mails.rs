//! The outbox: mails taken to be sent, and what became of them.
//!
//! A lease is held by who took the mail. It stays in the row when it runs out, so that who takes the mail
//! next knows that its reader may get it twice, and when the mail is sent, so that to say so again is true
//! again.

use std::time::Duration;

use tokenhouse_rules::id::{LinkId, MailId, UserId};
use tokenhouse_rules::mail::Kind;
use tokio_postgres::Row;
use uuid::Uuid;

use super::connection::Database;
use super::rows::{self, value};
use crate::{Mail, MailState, Result};

/// The columns that [`mail`] reads.
macro_rules! mail_columns {
    () => {
        "id, kind, recipient, user_id, language, words, link_id, created_at, due_at, attempts, sent_at,
         dead_at, last_error"
    };
}

/// Those that others are taking at this moment are left to them.
const CLAIM: &str = concat!(
    "WITH due AS MATERIALIZED (
        SELECT id, lease_id FROM mails
        WHERE due_at <= now() AND sent_at IS NULL AND dead_at IS NULL
          AND (lease_until IS NULL OR lease_until <= now())
        ORDER BY due_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
     UPDATE mails SET lease_id = $1, lease_until = now() + $2::float8 * interval '1 second',
                      attempts = attempts + 1
     WHERE id = ANY (ARRAY(SELECT id FROM due))
     RETURNING ",
    mail_columns!(),
    ", id = ANY (ARRAY(SELECT id FROM due WHERE lease_id IS NOT NULL))"
);

pub(super) async fn claim(
    db: &Database,
    holder: Uuid,
    lease: Duration,
    limit: u32,
) -> Result<Vec<Mail>> {
    let found = db.tell(CLAIM, &[&holder, &lease.as_secs_f64(), &i64::from(limit)]).await?;
    let mut mails = found.iter().map(taken).collect::<Result<Vec<_>>>()?;
    mails.sort_by_key(|mail| (mail.due_at, mail.id));
    Ok(mails)
}

pub(super) async fn sent(db: &Database, id: MailId, holder: Uuid) -> Result<bool> {
    let found = db
        .tell_again(
            "UPDATE mails SET sent_at = coalesce(sent_at, now()), lease_until = NULL
             WHERE id = $1 AND lease_id = $2 AND dead_at IS NULL RETURNING id",
            &[&id.uuid(), &holder],
        )
        .await?;
    Ok(!found.is_empty())
}

pub(super) async fn failed(
    db: &Database,
    id: MailId,
    holder: Uuid,
    error: &str,
    again: Option<Duration>,
) -> Result<bool> {
    let found = db
        .tell(
            "UPDATE mails SET lease_id = NULL, lease_until = NULL, last_error = $3,
                due_at = coalesce(now() + $4::float8 * interval '1 second', due_at),
                dead_at = CASE WHEN $4::float8 IS NULL THEN now() END
             WHERE id = $1 AND lease_id = $2 AND sent_at IS NULL RETURNING id",
            &[&id.uuid(), &holder, &error, &again.map(|again| again.as_secs_f64())],
        )
        .await?;
    Ok(!found.is_empty())
}

pub(super) async fn list(
    db: &Database,
    state: Option<MailState>,
    before: Option<MailId>,
    limit: u32,
) -> Result<Vec<Mail>> {
    let state = state.map(|state| match state {
        MailState::Waiting => "waiting",
        MailState::Sent => "sent",
        MailState::Dead => "dead",
    });
    let sql = concat!(
        "SELECT ",
        mail_columns!(),
        " FROM mails WHERE id < $1 AND ($2::text IS NULL OR $2 = CASE
            WHEN sent_at IS NOT NULL THEN 'sent' WHEN dead_at IS NOT NULL THEN 'dead'
            ELSE 'waiting' END)
         ORDER BY id DESC LIMIT $3"
    );
    let before = before.map_or(Uuid::max(), MailId::uuid);
    let found = db.ask(sql, &[&before, &state, &i64::from(limit)]).await?;
    found.iter().map(mail).collect()
}

/// Who holds it at this moment goes on.
pub(super) async fn retry(db: &Database, id: MailId) -> Result<bool> {
    let found = db
        .tell_again(
            "UPDATE mails SET due_at = now(), dead_at = NULL
             WHERE id = $1 AND sent_at IS NULL RETURNING id",
            &[&id.uuid()],
        )
        .await?;
    Ok(!found.is_empty())
}

/// Reads [`CLAIM`].
fn taken(row: &Row) -> Result<Mail> {
    Ok(Mail { is_retaken: value(row, 13)?, ..mail(row)? })
}

fn mail(row: &Row) -> Result<Mail> {
    let kind_name: String = value(row, 1)?;
    Ok(Mail {
        id: MailId::from_uuid(value(row, 0)?),
        kind: Kind::named(&kind_name),
        kind_name,
        recipient: value(row, 2)?,
        user: value::<Option<Uuid>>(row, 3)?.map(UserId::from_uuid),
        language: value(row, 4)?,
        words: value(row, 5)?,
        link: value::<Option<Uuid>>(row, 6)?.map(LinkId::from_uuid),
        created_at: rows::instant(row, 7)?,
        due_at: rows::instant(row, 8)?,
        attempts: value(row, 9)?,
        is_retaken: false,
        sent_at: rows::optional_instant(row, 10)?,
        dead_at: rows::optional_instant(row, 11)?,
        last_error: value(row, 12)?,
    })
}
