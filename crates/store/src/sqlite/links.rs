//! Links that may be used once: made, looked at, used up.

use rusqlite::{Connection, OptionalExtension, params};
use tokenhouse_rules::id::{LinkId, UserId};
use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::time::Timestamp;
use uuid::Uuid;

use super::mails::{self, Recipient};
use super::person::{self, Person};
use super::rows::{self, blob};
use super::{administration, clock};
use crate::{LinkFacts, LinkState, MakeLink, NewLink};

/// What a link is for besides its purpose.
#[derive(Default)]
pub(super) struct Subject<'a> {
    /// The number of the user.
    pub(super) user: Option<i64>,
    pub(super) email: Option<&'a str>,
    pub(super) epoch: Option<i64>,
}

/// A link as it is stored.
pub(super) struct Link {
    id: LinkId,
    purpose: Purpose,
    pub(super) email: Option<String>,
    pub(super) person: Option<Person>,
    epoch: Option<i64>,
    expires_at: Timestamp,
    used_at: Option<Timestamp>,
    used_by: Option<Uuid>,
}

impl Link {
    /// Whether it may be used. What it was made for must not have changed.
    pub(super) fn state(&self, c: &Connection, now: Timestamp) -> rusqlite::Result<LinkState> {
        let is_closed = || administration::setup_state(c).map(|setup| setup.closed_at.is_some());
        if self.used_at.is_some() || (self.purpose == Purpose::Setup && is_closed()?) {
            return Ok(LinkState::Used);
        }
        let person = self.person.as_ref();
        let is_current = match self.purpose {
            Purpose::Recover => person.map(|person| person.epoch) == self.epoch,
            Purpose::Confirm => person.and_then(Person::to_confirm) == self.email.as_deref(),
            Purpose::Invite | Purpose::Setup => true,
        };
        let lives = self.expires_at > now && is_current;
        Ok(if lives { LinkState::Open } else { LinkState::Expired })
    }

    /// Whether this very operation has used it before.
    pub(super) fn was_used_by(&self, operation: Uuid) -> bool {
        self.used_by == Some(operation)
    }

    /// Uses it up.
    pub(super) fn use_up(&self, c: &Connection, operation: Uuid) -> rusqlite::Result<usize> {
        c.prepare_cached(
            "UPDATE links SET used_at = ?2, used_by = ?3, expires_at = min(expires_at, ?2)
             WHERE id = ?1",
        )?
        .execute(params![blob(self.id.uuid()), clock().micros(), blob(operation)])
    }
}

/// The link of that identifier and purpose.
pub(super) fn find(c: &Connection, id: LinkId, purpose: Purpose) -> rusqlite::Result<Option<Link>> {
    let found = c
        .prepare_cached(
            "SELECT l.email, l.epoch, l.expires_at, l.used_at, l.used_by, u.id
             FROM links l LEFT JOIN users u ON u.number = l.user WHERE l.id = ?1 AND l.purpose = ?2",
        )?
        .query_row(params![blob(id.uuid()), purpose.name()], |row| {
            let link = Link {
                id,
                purpose,
                email: row.get(0)?,
                person: None,
                epoch: row.get(1)?,
                expires_at: rows::instant(row, 2)?,
                used_at: rows::optional_instant(row, 3)?,
                used_by: rows::optional_id(row, 4)?,
            };
            Ok((link, rows::optional_id(row, 5)?.map(UserId::from_uuid)))
        })
        .optional()?;
    let Some((link, user)) = found else { return Ok(None) };
    let person = user.map(|user| person::find(c, user)).transpose()?.flatten();
    Ok(Some(Link { person, ..link }))
}

/// Writes a new one; `false` when it is there already.
pub(super) fn insert(
    c: &Connection,
    purpose: Purpose,
    link: &NewLink,
    subject: &Subject<'_>,
) -> rusqlite::Result<bool> {
    let now = clock();
    c.prepare_cached(
        "INSERT INTO links (id, purpose, user, email, epoch, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING",
    )?
    .execute(params![
        blob(link.id.uuid()),
        purpose.name(),
        subject.user,
        subject.email,
        subject.epoch,
        now.micros(),
        now.plus(link.lifetime).micros(),
    ])
    .map(|rows| rows > 0)
}

/// The links of a user to confirm an address end, but one.
pub(super) fn end_confirmations(
    c: &Connection,
    user: i64,
    but: Option<LinkId>,
) -> rusqlite::Result<usize> {
    c.prepare_cached(
        "UPDATE links SET expires_at = created_at
         WHERE user = ?1 AND purpose = 'confirm' AND used_at IS NULL AND id IS NOT ?2",
    )?
    .execute(params![user, but.map(|link| blob(link.uuid()))])
}

pub(super) fn make(c: &Connection, link: &MakeLink) -> rusqlite::Result<bool> {
    if find(c, link.link.id, link.purpose)?.is_some() {
        return Ok(true);
    }
    if link.purpose == Purpose::Setup && administration::setup_state(c)?.closed_at.is_some() {
        return Ok(false);
    }
    let email = link.email.as_deref();
    insert(c, link.purpose, &link.link, &Subject { email, ..Subject::default() })?;
    if let (Some(mail), Some(address)) = (&link.mail, email) {
        let link = Some(link.link.id);
        mails::write(c, mail, &Recipient { address, user: None, language: None, link })?;
    }
    rows::note(c, UserId::from_uuid(Uuid::nil()), None, &link.trail)?;
    Ok(true)
}

pub(super) fn facts(
    c: &Connection,
    id: LinkId,
    purpose: Purpose,
) -> rusqlite::Result<Option<LinkFacts>> {
    let now = clock();
    let Some(link) = find(c, id, purpose)? else { return Ok(None) };
    let state = link.state(c, now)?;
    let user = link.person.map(|person| person.user);
    Ok(Some(LinkFacts { now, state, user, email: link.email }))
}
