//! Accounts made: by who registers, and the first administrator's.

use rusqlite::types::Value;
use rusqlite::{Connection, params, params_from_iter};
use tokenhouse_rules::id::LinkId;
use tokenhouse_rules::limit::{Cost, Scope, Verdict};
use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::time::Timestamp;

use super::links::{self, Link, Subject};
use super::mails::{self, Recipient};
use super::rows::{self, blob};
use super::{account, administration, clock, sign_in};
use crate::{LinkState, NewUser, Registered, RegistrationFacts, SetUp, SetUpDone};

pub(super) fn facts(c: &Connection, names: &[String]) -> rusqlite::Result<RegistrationFacts> {
    Ok(RegistrationFacts { now: clock(), verdict: Verdict::Admitted, taken: taken(c, names)? })
}

/// The same, after counting an attempt of the client's address.
pub(super) fn counted_facts(
    c: &Connection,
    names: &[String],
    address: &str,
    cost: Cost,
) -> rusqlite::Result<RegistrationFacts> {
    let now = clock();
    let verdict = Verdict::of(Scope::Address, sign_in::charge(c, address, cost, now)?);
    Ok(RegistrationFacts { now, verdict, taken: taken(c, names)? })
}

fn taken(c: &Connection, names: &[String]) -> rusqlite::Result<Vec<String>> {
    let marks = vec!["?"; names.len()].join(",");
    c.prepare_cached(&format!("SELECT key FROM login_names WHERE key IN ({marks})"))?
        .query_map(params_from_iter(names.iter().cloned().map(Value::from)), |row| row.get(0))?
        .collect()
}

pub(super) fn register(c: &Connection, new: &NewUser) -> rusqlite::Result<Registered> {
    if account::by_id(c, new.id)?.is_some() {
        return Ok(Registered::Done);
    }
    let invitation = match new.invitation {
        None => None,
        Some(id) => {
            let link = open_link(c, id, Purpose::Invite)?.filter(|link| invites(link, new));
            if link.is_none() {
                return Ok(Registered::NotInvited);
            }
            link
        }
    };
    let taken = taken(c, &new.names)?;
    if !taken.is_empty() {
        return Ok(Registered::Taken(taken));
    }
    if let Some(link) = invitation {
        link.use_up(c, new.id.uuid())?;
    }
    insert(c, new, None)?;
    Ok(Registered::Done)
}

pub(super) fn set_up(c: &Connection, setup: &SetUp) -> rusqlite::Result<SetUpDone> {
    let new = &setup.new;
    if account::by_id(c, new.id)?.is_some() {
        return Ok(SetUpDone::Done);
    }
    if administration::setup_state(c)?.closed_at.is_some() {
        return Ok(SetUpDone::Closed);
    }
    let link = match setup.link {
        None => None,
        Some(id) => match open_link(c, id, Purpose::Setup)? {
            None => return Ok(SetUpDone::Gone),
            link => link,
        },
    };
    let taken = taken(c, &new.names)?;
    if !taken.is_empty() {
        return Ok(SetUpDone::Taken(taken));
    }
    if let Some(link) = link {
        link.use_up(c, new.id.uuid())?;
    }
    administration::count_one_more(c)?;
    insert(c, &NewUser { email_confirmed: true, ..new.clone() }, Some(clock()))?;
    Ok(SetUpDone::Done)
}

/// The link if it may be used.
fn open_link(c: &Connection, id: LinkId, purpose: Purpose) -> rusqlite::Result<Option<Link>> {
    let Some(link) = links::find(c, id, purpose)? else { return Ok(None) };
    let is_open = link.state(c, clock())? == LinkState::Open;
    Ok(is_open.then_some(link))
}

/// Whether an invitation is for whoever has it, or for the address of this account.
fn invites(invitation: &Link, new: &NewUser) -> bool {
    let address = new.pending_email.as_ref().or(new.email.as_ref());
    invitation.email.as_ref().is_none_or(|invited| {
        address.is_some_and(|address| address.to_lowercase() == invited.to_lowercase())
    })
}

fn insert(
    c: &Connection,
    new: &NewUser,
    administrator_since: Option<Timestamp>,
) -> rusqlite::Result<()> {
    let at = new.created_at.micros();
    let confirmed_at = (new.email_confirmed && new.email.is_some()).then_some(at);
    c.prepare_cached(
        "INSERT INTO users (id, username, email, created_at, email_confirmed_at, pending_email,
                            administrator_since)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        blob(new.id.uuid()),
        new.username,
        new.email,
        at,
        confirmed_at,
        new.pending_email,
        administrator_since.map(Timestamp::micros),
    ])?;
    let number = c.last_insert_rowid();
    for name in &new.names {
        c.prepare_cached("INSERT INTO login_names (key, user) VALUES (?1, ?2)")?
            .execute(params![name, number])?;
    }
    c.prepare_cached("INSERT INTO passwords (user, hash, changed_at) VALUES (?1, ?2, ?3)")?
        .execute(params![number, new.password, at])?;
    if let Some(session) = &new.session {
        rows::insert_session(c, number, 1, session)?;
    }
    confirmation(c, new, number)?;
    rows::note(c, new.id, new.session.as_ref().map(|session| session.id), &new.trail)?;
    Ok(())
}

/// The link by which she confirms her address, and the mail with it.
fn confirmation(c: &Connection, new: &NewUser, number: i64) -> rusqlite::Result<()> {
    let Some((link, mail)) = &new.confirmation else { return Ok(()) };
    let Some(address) = new.pending_email.as_deref().or(new.email.as_deref()) else {
        return Ok(());
    };
    let subject = Subject { user: Some(number), email: Some(address), epoch: None };
    links::insert(c, Purpose::Confirm, link, &subject)?;
    let to = Recipient { address, user: Some(new.id), language: None, link: Some(link.id) };
    mails::write(c, mail, &to)?;
    Ok(())
}
