//! A person's address: asked for, confirmed by the link that was sent to it, or withdrawn.

use rusqlite::{Connection, OptionalExtension, params};
use tokenhouse_rules::link::Purpose;

use super::links::{self, Link, Subject};
use super::mails::{self, Recipient};
use super::person::{self, Person};
use super::rows::{self, blob};
use super::{account, clock, sign_in};
use crate::{
    AskAgain, AskEmail, Asking, ConfirmEmail, Confirmed, Ended, LinkState, NewMail, SessionKey,
    Trail,
};

pub(super) fn ask(c: &Connection, asked: &AskEmail) -> rusqlite::Result<bool> {
    let Some(person) = person::judged(c, asked.user, asked.epoch)? else { return Ok(false) };
    sign_in::refund(c, &asked.refunds)?;
    c.prepare_cached("UPDATE users SET pending_email = ?2 WHERE id = ?1")?
        .execute(params![blob(asked.user.uuid()), asked.email])?;
    links::end_confirmations(c, person.number, Some(asked.link.id))?;
    let subject = Subject { user: Some(person.number), email: Some(&asked.email), epoch: None };
    links::insert(c, Purpose::Confirm, &asked.link, &subject)?;
    let to = Recipient {
        address: &asked.email,
        user: Some(asked.user),
        language: person.language.as_deref(),
        link: Some(asked.link.id),
    };
    mails::write(c, &asked.mail, &to)?;
    rows::note(c, asked.user, None, &asked.trail)?;
    Ok(true)
}

/// Where the recipient's limit leaves the mail out, the former link stays good.
pub(super) fn ask_again(c: &Connection, asked: &AskAgain) -> rusqlite::Result<Option<bool>> {
    let asker = match &asked.who {
        Asking::Session(key) => person::of_session(c, key)?,
        Asking::Judged { user, epoch, .. } => person::judged(c, *user, *epoch)?,
    };
    let Some(person) = asker else { return Ok(None) };
    if let Asking::Judged { refunds, .. } = &asked.who {
        sign_in::refund(c, refunds)?;
    }
    let Some(address) = person.to_confirm() else { return Ok(Some(false)) };
    let to = Recipient {
        address,
        user: Some(person.user.id),
        language: person.language.as_deref(),
        link: Some(asked.link.id),
    };
    if mails::write(c, &asked.mail, &to)? {
        links::end_confirmations(c, person.number, Some(asked.link.id))?;
        let subject = Subject { user: Some(person.number), email: Some(address), epoch: None };
        links::insert(c, Purpose::Confirm, &asked.link, &subject)?;
    }
    Ok(Some(true))
}

pub(super) fn withdraw(c: &Connection, key: &SessionKey, trail: &Trail) -> rusqlite::Result<Ended> {
    let Some(person) = person::of_session(c, key)? else { return Ok(Ended::NoSession) };
    if person.pending_email.is_some() {
        c.prepare_cached("UPDATE users SET pending_email = NULL WHERE id = ?1")?
            .execute([blob(person.user.id.uuid())])?;
        links::end_confirmations(c, person.number, None)?;
        rows::note(c, person.user.id, Some(key.id), trail)?;
    }
    Ok(Ended::Done)
}

pub(super) fn confirm(c: &Connection, confirm: &ConfirmEmail) -> rusqlite::Result<Confirmed> {
    let Some(link) = links::find(c, confirm.link, Purpose::Confirm)? else {
        return Ok(Confirmed::Gone);
    };
    if link.was_used_by(confirm.operation) {
        return Ok(repeated(link));
    }
    if link.state(c, clock())? != LinkState::Open {
        return Ok(Confirmed::Gone);
    }
    link.use_up(c, confirm.operation)?;
    let (Some(person), Some(address)) = (&link.person, &link.email) else {
        return Ok(Confirmed::Gone);
    };
    for name in &confirm.names {
        if owner(c, name)?.is_some_and(|owner| owner != person.number) {
            return Ok(Confirmed::Taken);
        }
    }
    take(c, person, address)?;
    rename(c, person.number, &confirm.names)?;
    tell(c, person, address, confirm.mails.as_ref())?;
    rows::note(c, person.user.id, None, &confirm.trail)?;
    Ok(account::by_id(c, person.user.id)?.map_or(Confirmed::Gone, Confirmed::Done))
}

/// What came of it when the same operation confirmed the address before.
fn repeated(link: Link) -> Confirmed {
    let email = link.email;
    match link.person {
        Some(person) if person.confirmed_email() == email.as_deref() => {
            Confirmed::Done(person.user)
        }
        _ => Confirmed::Taken,
    }
}

/// The number of the user who signs in by a name.
fn owner(c: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
    c.prepare_cached("SELECT user FROM login_names WHERE key = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

fn take(c: &Connection, person: &Person, address: &str) -> rusqlite::Result<usize> {
    c.prepare_cached(
        "UPDATE users SET version = version + (email IS NOT ?2), email = ?2,
                          email_confirmed_at = ?3, pending_email = NULL
         WHERE number = ?1",
    )?
    .execute(params![person.number, address, clock().micros()])
}

/// Gives a user these names to sign in with, and no others.
fn rename(c: &Connection, number: i64, names: &[String]) -> rusqlite::Result<()> {
    let had: Vec<String> = c
        .prepare_cached("SELECT key FROM login_names WHERE user = ?1")?
        .query_map([number], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for name in had.iter().filter(|name| !names.contains(name)) {
        c.prepare_cached("DELETE FROM login_names WHERE key = ?1")?.execute([name])?;
    }
    for name in names.iter().filter(|name| !had.contains(name)) {
        c.prepare_cached("INSERT INTO login_names (key, user) VALUES (?1, ?2)")?
            .execute(params![name, number])?;
    }
    Ok(())
}

/// Tells the new address and the former confirmed one, if there was one that differs.
fn tell(
    c: &Connection,
    person: &Person,
    address: &str,
    mails: Option<&[NewMail; 2]>,
) -> rusqlite::Result<()> {
    let former = person.confirmed_email().filter(|f| f.to_lowercase() != address.to_lowercase());
    let (Some(mails), Some(former)) = (mails, former) else { return Ok(()) };
    for (mail, address) in mails.iter().zip([address, former]) {
        let language = person.language.as_deref();
        let to = Recipient { address, user: Some(person.user.id), language, link: None };
        mails::write(c, mail, &to)?;
    }
    Ok(())
}
