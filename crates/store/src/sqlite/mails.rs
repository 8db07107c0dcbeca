//! The outbox: mails written with the fact they tell of, taken to be sent, and what became of them.
//!
//! A lease stays in the row when it runs out, so that who takes the mail next knows that its reader may get
//! it twice, and when the mail is sent, so that to say so again is true again.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Row, params};
use tokenhouse_rules::id::{LinkId, MailId, UserId};
use tokenhouse_rules::mail::Kind;
use uuid::Uuid;

use super::rows::{self, blob};
use super::{clock, sign_in};
use crate::{Mail, MailState, NewMail, mail_key};

/// The columns that [`mail`] reads.
const MAIL: &str =
    "id, kind, recipient, user_id, language, words, link_id, created_at, due_at, attempts,
    sent_at, dead_at, last_error";

const DUE: &str = "SELECT id, lease_id IS NOT NULL FROM mails
    WHERE due_at <= ?1 AND sent_at IS NULL AND dead_at IS NULL
      AND (lease_until IS NULL OR lease_until <= ?1) ORDER BY due_at, id LIMIT ?2";

/// Whom a mail goes to.
pub(super) struct Recipient<'a> {
    pub(super) address: &'a str,
    /// Whom it is about, if a user.
    pub(super) user: Option<UserId>,
    /// What she chose.
    pub(super) language: Option<&'a str>,
    /// The link in it.
    pub(super) link: Option<LinkId>,
}

/// Writes a mail, unless the recipient's limit leaves it out; whether it was. One that is there already
/// (the write is being repeated) costs nothing and is not written.
pub(super) fn write(c: &Connection, mail: &NewMail, to: &Recipient<'_>) -> rusqlite::Result<bool> {
    let id = blob(mail.id.uuid());
    if c.prepare_cached("SELECT 1 FROM mails WHERE id = ?1")?.exists([id])? {
        return Ok(false);
    }
    let now = clock();
    if let Some(cost) = mail.limit
        && sign_in::charge(c, &mail_key(mail.kind, to.address), cost, now)?.is_some()
    {
        return Ok(false);
    }
    c.prepare_cached(
        "INSERT INTO mails (id, kind, recipient, user_id, language, words, link_id, created_at, due_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
    )?
    .execute(params![
        id,
        mail.kind.name(),
        to.address,
        to.user.map(|user| blob(user.uuid())),
        to.language.unwrap_or(&mail.language),
        mail.words,
        to.link.map(|link| blob(link.uuid())),
        now.micros(),
    ])?;
    Ok(true)
}

/// Writes a mail to the confirmed address of a user, if there is a mail and she has one.
pub(super) fn tell(c: &Connection, user: UserId, mail: Option<&NewMail>) -> rusqlite::Result<()> {
    let Some(mail) = mail else { return Ok(()) };
    let found: Option<(String, Option<String>)> = c
        .prepare_cached(
            "SELECT email, language FROM users WHERE id = ?1 AND email_confirmed_at IS NOT NULL",
        )?
        .query_row([blob(user.uuid())], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((address, language)) = &found {
        let language = language.as_deref();
        write(c, mail, &Recipient { address, user: Some(user), language, link: None })?;
    }
    Ok(())
}

pub(super) fn is_due(c: &Connection) -> rusqlite::Result<bool> {
    c.prepare_cached(DUE)?.exists(params![clock().micros(), 1])
}

pub(super) fn claim(
    c: &Connection,
    holder: Uuid,
    lease: Duration,
    limit: u32,
) -> rusqlite::Result<Vec<Mail>> {
    let now = clock();
    let due = c
        .prepare_cached(DUE)?
        .query_map(params![now.micros(), limit], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<Vec<([u8; 16], bool)>>>()?;
    let sql = format!(
        "UPDATE mails SET lease_id = ?2, lease_until = ?3, attempts = attempts + 1 WHERE id = ?1
         RETURNING {MAIL}"
    );
    let mut take = c.prepare_cached(&sql)?;
    let until = now.plus(lease).micros();
    due.into_iter()
        .map(|(id, is_retaken)| {
            let mail = take.query_row(params![id, blob(holder), until], mail)?;
            Ok(Mail { is_retaken, ..mail })
        })
        .collect()
}

pub(super) fn sent(c: &Connection, id: MailId, holder: Uuid) -> rusqlite::Result<bool> {
    c.prepare_cached(
        "UPDATE mails SET sent_at = coalesce(sent_at, ?3), lease_until = NULL
         WHERE id = ?1 AND lease_id = ?2 AND dead_at IS NULL",
    )?
    .execute(params![blob(id.uuid()), blob(holder), clock().micros()])
    .map(|rows| rows > 0)
}

pub(super) fn failed(
    c: &Connection,
    id: MailId,
    holder: Uuid,
    error: &str,
    again: Option<Duration>,
) -> rusqlite::Result<bool> {
    let now = clock();
    let due = again.map(|again| now.plus(again).micros());
    let dead = again.is_none().then(|| now.micros());
    c.prepare_cached(
        "UPDATE mails SET lease_id = NULL, lease_until = NULL, last_error = ?3,
                          due_at = coalesce(?4, due_at), dead_at = ?5
         WHERE id = ?1 AND lease_id = ?2 AND sent_at IS NULL",
    )?
    .execute(params![blob(id.uuid()), blob(holder), error, due, dead])
    .map(|rows| rows > 0)
}

pub(super) fn list(
    c: &Connection,
    state: Option<MailState>,
    before: Option<MailId>,
    limit: u32,
) -> rusqlite::Result<Vec<Mail>> {
    let state = match state {
        None => "true",
        Some(MailState::Waiting) => "sent_at IS NULL AND dead_at IS NULL",
        Some(MailState::Sent) => "sent_at IS NOT NULL",
        Some(MailState::Dead) => "dead_at IS NOT NULL",
    };
    let before = before.map_or([0xff; 16], |id| blob(id.uuid()));
    c.prepare_cached(&format!(
        "SELECT {MAIL} FROM mails WHERE id < ?1 AND {state} ORDER BY id DESC LIMIT ?2"
    ))?
    .query_map(params![before, limit], mail)?
    .collect()
}

/// Who holds it at this moment goes on.
pub(super) fn retry(c: &Connection, id: MailId) -> rusqlite::Result<bool> {
    c.prepare_cached(
        "UPDATE mails SET due_at = ?2, dead_at = NULL WHERE id = ?1 AND sent_at IS NULL",
    )?
    .execute(params![blob(id.uuid()), clock().micros()])
    .map(|rows| rows > 0)
}

/// Removes the mails of a user who is deleted: those that were sent, given up or hold a link that goes with
/// her. What tells of a fact and waits is still sent.
pub(super) fn clear(c: &Connection, user: UserId) -> rusqlite::Result<usize> {
    c.prepare_cached(
        "DELETE FROM mails WHERE user_id = ?1
            AND (sent_at IS NOT NULL OR dead_at IS NOT NULL OR link_id IS NOT NULL)",
    )?
    .execute([blob(user.uuid())])
}

fn mail(row: &Row<'_>) -> rusqlite::Result<Mail> {
    let kind_name: String = row.get(1)?;
    Ok(Mail {
        id: MailId::from_uuid(rows::id(row, 0)?),
        kind: Kind::named(&kind_name),
        kind_name,
        recipient: row.get(2)?,
        user: rows::optional_id(row, 3)?.map(UserId::from_uuid),
        language: row.get(4)?,
        words: row.get(5)?,
        link: rows::optional_id(row, 6)?.map(LinkId::from_uuid),
        created_at: rows::instant(row, 7)?,
        due_at: rows::instant(row, 8)?,
        attempts: row.get(9)?,
        is_retaken: false,
        sent_at: rows::optional_instant(row, 10)?,
        dead_at: rows::optional_instant(row, 11)?,
        last_error: row.get(12)?,
    })
}
