//! `tokenhouse user create`.

use anyhow::Result;
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::{LinkId, UserId};
use tokenhouse_rules::mail::Kind;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_rules::user::{Email, Username};
use tokenhouse_server::mail;
use tokenhouse_store::{NewLink, NewMail, NewUser, Registered};

use super::{find, password, show};
use crate::command::{Refused, by_operator, random, with_store};
use crate::config::{Flags, Written, used};

/// Makes a user; without an operator's word for the address a mail asks for confirmation.
pub(super) fn create(
    flags: &Flags,
    (username, email): (&str, Option<&str>),
    is_confirmed: bool,
    json: bool,
) -> Result<()> {
    let usage = |what: &str, why: String| Refused { text: format!("the {what} {why}"), code: 2 };
    let name = Username::parse(username).map_err(|bad| usage("user name", bad.to_string()))?;
    let email =
        email.map(Email::parse).transpose().map_err(|bad| usage("address", bad.to_string()))?;
    let email = email.or_else(|| name.as_email());
    let chosen = password::ask()?;
    with_store(flags, async |store, written| {
        store.migrate().await?;
        let names = [Some(username), email.as_ref().map(Email::shown)];
        let names: Vec<&str> = names.into_iter().flatten().collect();
        let hash = password::hash(&written, &chosen, &names).await?;
        let mut keys = vec![name.key().to_owned()];
        keys.extend(email.as_ref().map(|email| email.key().to_owned()));
        keys.dedup();
        let now = store.now().await?;
        let id = UserId::new(now, random()?);
        let confirmation = match email {
            Some(_) if !is_confirmed => confirmation(&written, now, name.shown())?,
            _ => None,
        };
        let new = NewUser {
            id,
            username: name.shown().to_owned(),
            email: email.as_ref().map(|email| email.shown().to_owned()),
            email_confirmed: is_confirmed && email.is_some(),
            pending_email: None,
            names: keys,
            password: hash,
            created_at: now,
            session: None,
            confirmation,
            invitation: None,
            trail: by_operator(Event::UserRegistered, now)?,
        };
        match store.register(new).await? {
            // Nobody needs an invitation from an operator.
            Registered::Done | Registered::NotInvited => {}
            Registered::Taken(names) => {
                let text = format!("taken: {}", names.join(", "));
                return Err(Refused { text, code: 5 }.into());
            }
        }
        Ok(show(&find(store.as_ref(), &id.to_string()).await?, false, json)?)
    })
}

/// The link that confirms her address, and the mail that brings it; none where no mails are sent.
fn confirmation(
    written: &Written,
    now: Timestamp,
    username: &str,
) -> Result<Option<(NewLink, NewMail)>> {
    let settings = used::settings(written)?;
    let words = json!({ "site": settings.site_name, "username": username });
    let link =
        NewLink { id: LinkId::new(now, random()?), lifetime: settings.confirmation_lifetime };
    Ok(mail::compose(&settings, now, (Kind::Confirm, "en"), words).map(|mail| (link, mail)))
}
