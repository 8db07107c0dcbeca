//! A password that was forgotten: a link is asked for, and used.

use rusqlite::Connection;
use tokenhouse_rules::limit::{Scope, Verdict};
use tokenhouse_rules::link::Purpose;

use super::links::{self, Subject};
use super::mails::{self, Recipient};
use super::{account, clock, person, rows, session, sign_in};
use crate::{AskRecovery, LinkState, ResetPassword, User};

pub(super) fn ask(c: &Connection, asked: &AskRecovery) -> rusqlite::Result<Verdict> {
    if let Some((key, cost)) = &asked.address {
        let verdict = Verdict::of(Scope::Address, sign_in::charge(c, key, *cost, clock())?);
        if verdict != Verdict::Admitted {
            return Ok(verdict);
        }
    }
    let found = match account::by_name(c, &asked.name)? {
        Some(user) => person::find(c, user.id)?.filter(|_| user.locked_at.is_none()),
        None => None,
    };
    let Some(person) = found else { return Ok(Verdict::Admitted) };
    let Some(address) = person.confirmed_email() else { return Ok(Verdict::Admitted) };
    let to = Recipient {
        address,
        user: Some(person.user.id),
        language: person.language.as_deref(),
        link: Some(asked.link.id),
    };
    if mails::write(c, &asked.mail, &to)? {
        let (user, epoch) = (Some(person.number), Some(person.epoch));
        let subject = Subject { user, email: Some(address), epoch };
        links::insert(c, Purpose::Recover, &asked.link, &subject)?;
        rows::note(c, person.user.id, None, &asked.trail)?;
    }
    Ok(Verdict::Admitted)
}

pub(super) fn reset(c: &Connection, reset: &ResetPassword) -> rusqlite::Result<Option<User>> {
    let Some(link) = links::find(c, reset.link, Purpose::Recover)? else { return Ok(None) };
    if link.was_used_by(reset.operation) {
        return Ok(link.person.map(|person| person.user));
    }
    if link.state(c, clock())? != LinkState::Open {
        return Ok(None);
    }
    link.use_up(c, reset.operation)?;
    let Some(person) = link.person else { return Ok(None) };
    let user = person.user.id;
    account::replace_hash(c, user, &reset.hash)?;
    session::end_all(c, user)?;
    sign_in::forgive(c, user)?;
    mails::tell(c, user, reset.mail.as_ref())?;
    rows::note(c, user, None, &reset.trail)?;
    Ok(Some(person.user))
}
