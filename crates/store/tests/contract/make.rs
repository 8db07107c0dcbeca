//! The values that cases write, from small numbers.
//!
//! Every case has a database of its own, so identifiers are plain numbers: they say who is meant, and
//! their order is the order of the pages.

use std::time::Duration;

use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::{EventId, LinkId, MailId, SessionId, UserId};
use tokenhouse_rules::limit::{Cost, Limit};
use tokenhouse_rules::mail::Kind;
use tokenhouse_rules::session::{Expiry, Lifetime};
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{NewLink, NewMail, NewSession, NewUser, SessionKey, SignIn, Trail};
use uuid::Uuid;

/// Long enough for the slowest run.
pub(crate) const HOUR: Duration = Duration::from_secs(3_600);

pub(crate) const LIFETIME: Lifetime =
    Lifetime { idle: HOUR, absolute: Duration::from_secs(24 * 3_600) };

pub(crate) fn user_id(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn session_id(number: u128) -> SessionId {
    SessionId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn event_id(number: u128) -> EventId {
    EventId::from_uuid(Uuid::from_u128(number))
}

/// The digest of the secret of a session.
fn secret_hash(session: u128) -> [u8; 32] {
    let mut hash = [7; 32];
    hash[..16].copy_from_slice(&session.to_be_bytes());
    hash
}

/// What the token of a session of a user proves.
pub(crate) fn key(session: u128, user: u128) -> SessionKey {
    SessionKey { id: session_id(session), user: user_id(user), secret_hash: secret_hash(session) }
}

/// An audit row by the person herself.
pub(crate) fn trail(number: u128, event: Event) -> Trail {
    Trail {
        id: event_id(number),
        event,
        actor: Actor::User,
        address: Some("192.0.2.7".to_owned()),
        request_id: Some(format!("request-{number}")),
    }
}

/// A session that starts now.
pub(crate) fn session(number: u128, now: Timestamp) -> NewSession {
    session_until(number, now, LIFETIME.open(now))
}

/// A session with given ends.
pub(crate) fn session_until(number: u128, now: Timestamp, expiry: Expiry) -> NewSession {
    NewSession {
        id: session_id(number),
        secret_hash: secret_hash(number),
        created_at: now,
        expiry,
        address: Some("192.0.2.7".to_owned()),
        user_agent: Some("Browser/1.0".to_owned()),
    }
}

/// The login name of a person.
pub(crate) fn name(number: u128) -> String {
    format!("person{number}")
}

/// The e-mail address of a person.
pub(crate) fn email(number: u128) -> String {
    format!("person{number}@example.org")
}

/// The hash that a person registers with.
pub(crate) fn first_hash(number: u128) -> String {
    format!("$argon2id$first-{number}")
}

/// A person without a session; her audit row has her number.
pub(crate) fn person(number: u128, now: Timestamp) -> NewUser {
    NewUser {
        id: user_id(number),
        username: format!("Person{number}"),
        email: Some(format!("Person{number}@Example.org")),
        email_confirmed: false,
        pending_email: None,
        names: vec![name(number), email(number)],
        password: first_hash(number),
        created_at: now,
        session: None,
        confirmation: None,
        invitation: None,
        trail: trail(number, Event::UserRegistered),
    }
}

/// A person whose address is known to reach her.
pub(crate) fn confirmed(number: u128, now: Timestamp) -> NewUser {
    NewUser { email_confirmed: true, ..person(number, now) }
}

pub(crate) fn link_id(number: u128) -> LinkId {
    LinkId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn mail_id(number: u128) -> MailId {
    MailId::from_uuid(Uuid::from_u128(number))
}

/// An operation that uses a link.
pub(crate) fn operation(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A link that lives for an hour.
pub(crate) fn link(number: u128) -> NewLink {
    NewLink { id: link_id(number), lifetime: HOUR }
}

/// A mail that counts against no limit.
pub(crate) fn mail(number: u128, kind: Kind) -> NewMail {
    NewMail {
        id: mail_id(number),
        kind,
        language: "en".to_owned(),
        words: format!("{{\"number\":\"{number}\"}}"),
        limit: None,
    }
}

/// The same with a limit.
pub(crate) fn limited(number: u128, kind: Kind, limit: &str) -> NewMail {
    NewMail { limit: Some(cost(limit)), ..mail(number, kind) }
}

/// A question that nothing is charged for.
pub(crate) fn sign_in(name: &str) -> SignIn {
    SignIn { name: name.to_owned(), unknown_key: format!("n:{name}"), account: None, address: None }
}

/// The cost of a limit, as the configuration writes it.
pub(crate) fn cost(limit: &str) -> Cost {
    Limit::parse(limit).expect("a limit").expect("not off").cost()
}
