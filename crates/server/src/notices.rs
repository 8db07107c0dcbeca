//! The mails that handlers add to what they commit: who is told what, in which words.
//!
//! A mail is a row that is written with the fact it tells of, or not at all; the store knows to whom. What is said
//! is never more than its reader may know; names that somebody chose are tamed when a mail is written out.

use serde_json::{Value, json};
use tokenhouse_rules::device::Device;
use tokenhouse_rules::id::LinkId;
use tokenhouse_rules::mail::Kind;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{NewLink, NewMail};

use crate::app::App;
use crate::entropy;
use crate::error::Problem;
use crate::extract::client::Client;
use crate::{mail, pages};

/// A link that shows that mail to an address reaches this person.
///
/// # Errors
/// Where no mail is sent.
pub(crate) fn confirmation(
    app: &App,
    client: &Client,
    username: &str,
) -> Result<(NewLink, NewMail), Problem> {
    let words = json!({ "username": username });
    let mail = draft(app, client, Kind::Confirm, words).ok_or_else(Problem::no_mail)?;
    Ok((link(app, app.settings.confirmation_lifetime), mail))
}

/// A link to a new password. Whose it is is not known here.
///
/// # Errors
/// Where no mail is sent.
pub(crate) fn recovery(app: &App, client: &Client) -> Result<(NewLink, NewMail), Problem> {
    let mail = draft(app, client, Kind::Recover, json!({})).ok_or_else(Problem::no_mail)?;
    Ok((link(app, app.settings.recovery_lifetime), mail))
}

/// Somebody signed in.
pub(crate) fn new_device(
    app: &App,
    client: &Client,
    username: &str,
    at: Timestamp,
) -> Option<NewMail> {
    let Device { program, system } = Device::of(client.user_agent().as_deref().unwrap_or(""));
    let device = [program, system].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let address = client.address_text().unwrap_or_default();
    let words = json!({ "username": username, "device": device, "address": address,
        "at": at.rfc3339() });
    draft(app, client, Kind::NewDevice, words)
}

/// The password was changed, or set by a link.
pub(crate) fn password_changed(
    app: &App,
    client: &Client,
    username: &str,
    at: Timestamp,
) -> Option<NewMail> {
    let address = client.address_text().unwrap_or_default();
    let words = json!({ "username": username, "address": address, "at": at.rfc3339() });
    draft(app, client, Kind::PasswordChanged, words)
}

/// Another address was confirmed: one mail to it, one to the former.
pub(crate) fn address_changed(
    app: &App,
    client: &Client,
    username: &str,
    email: &str,
) -> Option<[NewMail; 2]> {
    let told = || {
        let words = json!({ "username": username, "email": email });
        draft(app, client, Kind::AddressChanged, words)
    };
    Some([told()?, told()?])
}

/// The account will be deleted.
pub(crate) fn deletion_scheduled(
    app: &App,
    client: &Client,
    username: &str,
    until: Timestamp,
) -> Option<NewMail> {
    let words = json!({ "username": username, "until": until.rfc3339() });
    draft(app, client, Kind::DeletionScheduled, words)
}

/// The account is deleted.
pub(crate) fn account_deleted(
    app: &App,
    client: &Client,
    username: &str,
    at: Timestamp,
) -> Option<NewMail> {
    let words = json!({ "username": username, "at": at.rfc3339() });
    draft(app, client, Kind::AccountDeleted, words)
}

fn draft(app: &App, client: &Client, kind: Kind, words: Value) -> Option<NewMail> {
    mail::draft(app, kind, pages::language_of(app, client), words)
}

fn link(app: &App, lifetime: std::time::Duration) -> NewLink {
    NewLink { id: LinkId::new(app.ordering_time(), entropy::bytes()), lifetime }
}
