//! What a person sees of herself, what she chooses, and everything that is stored about her.

use rusqlite::{Connection, OptionalExtension, Row, params};
use tokenhouse_rules::id::UserId;
use tokenhouse_rules::time::Timestamp;

use super::applications::groups::claims_of;
use super::applications::rows::{LIVES, groups_of};
use super::rows::{self, USER, blob};
use super::{housekeeping, session};
use crate::{Consent, Export, HeldGrant, Profile, SessionKey, Trail, User};

/// The most audit rows in an export.
const EXPORTED_EVENTS: u32 = 10_000;

/// A user with all that is stored in her row but the document.
pub(super) struct Person {
    /// By which the other tables know her.
    pub(super) number: i64,
    pub(super) user: User,
    pub(super) epoch: i64,
    pub(super) email_confirmed_at: Option<Timestamp>,
    pub(super) pending_email: Option<String>,
    pub(super) delete_after: Option<Timestamp>,
    pub(super) language: Option<String>,
    pub(super) theme: Option<String>,
    pub(super) is_administrator: bool,
}

impl Person {
    /// Her address, if mail to it is known to reach her.
    pub(super) fn confirmed_email(&self) -> Option<&str> {
        self.email_confirmed_at.and(self.user.email.as_deref())
    }

    /// The address that is to be confirmed, if one is.
    pub(super) fn to_confirm(&self) -> Option<&str> {
        let unconfirmed = || match self.email_confirmed_at {
            None => self.user.email.as_deref(),
            Some(_) => None,
        };
        self.pending_email.as_deref().or_else(unconfirmed)
    }
}

/// The user of that identifier.
pub(super) fn find(c: &Connection, id: UserId) -> rusqlite::Result<Option<Person>> {
    c.prepare_cached(&format!(
        "SELECT {USER}, u.number, u.epoch, u.email_confirmed_at, u.pending_email, u.delete_after,
                u.language, u.theme, u.administrator_since IS NOT NULL
         FROM users u WHERE u.id = ?1"
    ))?
    .query_row([blob(id.uuid())], person)
    .optional()
}

fn person(row: &Row<'_>) -> rusqlite::Result<Person> {
    Ok(Person {
        user: rows::user(row)?,
        number: row.get(6)?,
        epoch: row.get(7)?,
        email_confirmed_at: rows::optional_instant(row, 8)?,
        pending_email: row.get(9)?,
        delete_after: rows::optional_instant(row, 10)?,
        language: row.get(11)?,
        theme: row.get(12)?,
        is_administrator: row.get(13)?,
    })
}

/// The user in the epoch that she was judged in.
pub(super) fn judged(c: &Connection, id: UserId, epoch: i64) -> rusqlite::Result<Option<Person>> {
    Ok(find(c, id)?.filter(|person| person.epoch == epoch))
}

/// The owner of a living session.
pub(super) fn of_session(c: &Connection, key: &SessionKey) -> rusqlite::Result<Option<Person>> {
    match rows::living(c, key)? {
        Some(living) => find(c, living.user.id),
        None => Ok(None),
    }
}

pub(super) fn profile(c: &Connection, key: &SessionKey) -> rusqlite::Result<Option<Profile>> {
    let Some(living) = rows::living(c, key)? else { return Ok(None) };
    let Some(person) = find(c, living.user.id)? else { return Ok(None) };
    Ok(Some(Profile {
        now: living.now,
        expiry: living.expiry,
        user: person.user,
        email_confirmed_at: person.email_confirmed_at,
        pending_email: person.pending_email,
        delete_after: person.delete_after,
        language: person.language,
        theme: person.theme,
        is_administrator: person.is_administrator,
    }))
}

pub(super) fn choose(
    c: &Connection,
    key: &SessionKey,
    language: Option<&str>,
    theme: Option<&str>,
) -> rusqlite::Result<bool> {
    let Some(living) = rows::living(c, key)? else { return Ok(false) };
    c.prepare_cached("UPDATE users SET language = ?2, theme = ?3 WHERE id = ?1")?
        .execute(params![blob(living.user.id.uuid()), language, theme])?;
    Ok(true)
}

pub(super) fn export(
    c: &Connection,
    key: &SessionKey,
    trail: &Trail,
) -> rusqlite::Result<Option<Export>> {
    let Some(living) = rows::living(c, key)? else { return Ok(None) };
    let user = living.user.id;
    let Some(person) = find(c, user)? else { return Ok(None) };
    rows::note(c, user, Some(key.id), trail)?;
    Ok(Some(Export {
        now: living.now,
        email_confirmed_at: person.email_confirmed_at,
        pending_email: person.pending_email,
        claims: claims_of(c, user)?,
        groups: groups_of(c, person.number)?,
        consents: consents(c, person.number)?,
        grants: grants(c, person.number, living.now)?,
        sessions: session::of_user(c, user, None, u32::MAX)?,
        events: housekeeping::events(c, Some(user), None, EXPORTED_EVENTS)?,
        body: living.body,
        user: living.user,
    }))
}

/// What the user of that number agreed to.
fn consents(c: &Connection, user: i64) -> rusqlite::Result<Vec<Consent>> {
    c.prepare_cached(
        "SELECT client_id, scope, granted_at FROM consents WHERE user = ?1 ORDER BY client_id",
    )?
    .query_map([user], |row| {
        Ok(Consent { client: row.get(0)?, scope: row.get(1)?, since: rows::instant(row, 2)? })
    })?
    .collect()
}

/// The grants of the user of that number that live now.
fn grants(c: &Connection, user: i64, now: Timestamp) -> rusqlite::Result<Vec<HeldGrant>> {
    c.prepare_cached(&format!(
        "SELECT given.client_id, given.authorized, given.created_at, given.last_used_at,
                given.expires_at
         FROM grants given JOIN users u ON u.number = given.user
              JOIN clients c ON c.id = given.client_id
         WHERE given.user = ?2 AND {LIVES} ORDER BY given.created_at, given.id"
    ))?
    .query_map(params![now.micros(), user], |row| {
        Ok(HeldGrant {
            client: row.get(0)?,
            authorized: row.get(1)?,
            created_at: rows::instant(row, 2)?,
            last_used_at: rows::instant(row, 3)?,
            expires_at: rows::instant(row, 4)?,
        })
    })?
    .collect()
}
