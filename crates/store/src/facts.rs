//! The plain values that cross the storage boundary: what is asked with, and what comes back.

mod administration;
mod applications;
mod client_keys;
mod client_registrations;
mod clients;
mod device_codes;
mod exchange;
mod export;
mod links;
mod logouts;
mod mails;
mod pushed_requests;

use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::document::Version;
use tokenhouse_rules::id::{EventId, LinkId, SessionId, UserId};
use tokenhouse_rules::limit::{Cost, Verdict};
use tokenhouse_rules::session::Expiry;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_rules::token::Presented;

pub use administration::*;
pub use applications::*;
pub use client_keys::*;
pub use client_registrations::*;
pub use clients::*;
pub use device_codes::*;
pub use exchange::*;
pub use export::*;
pub use links::*;
pub use logouts::*;
pub use mails::*;
pub use pushed_requests::*;

/// What a genuine token proves; whether its session lives the row decides.
#[derive(Clone, Copy, Debug)]
pub struct SessionKey {
    /// The session.
    pub id: SessionId,
    /// The user the token was given to; must be the row's.
    pub user: UserId,
    /// SHA-256 of the token's random secret; must be the row's.
    pub secret_hash: [u8; 32],
}

impl From<Presented> for SessionKey {
    fn from(token: Presented) -> Self {
        Self { id: token.session, user: token.user, secret_hash: token.secret_hash }
    }
}

/// A user, as everybody may be shown who may see her.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Identifier.
    pub id: UserId,
    /// Name, as its owner writes it.
    pub username: String,
    /// E-mail address, as its owner writes it.
    pub email: Option<String>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When an operator locked it, if so.
    pub locked_at: Option<Timestamp>,
    /// Counts changes of the visible attributes.
    pub version: i64,
}

/// One row for the audit trail, written with the fact.
#[derive(Clone, Debug)]
pub struct Trail {
    /// Identifier, made before the write: a repeated write leaves one row.
    pub id: EventId,
    /// What happened.
    pub event: Event,
    /// Who did it.
    pub actor: Actor,
    /// The client's address, if known.
    pub address: Option<String>,
    /// The request it happened in.
    pub request_id: Option<String>,
}

/// A row of the audit trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// Identifier.
    pub id: EventId,
    /// When, by the database's clock.
    pub at: Timestamp,
    /// Stable name of what happened.
    pub event: String,
    /// `user` or `operator`.
    pub actor: String,
    /// Whom it concerns.
    pub user: UserId,
    /// The session it concerns, if one.
    pub session: Option<SessionId>,
    /// The client's address, if known.
    pub address: Option<String>,
    /// The request it happened in.
    pub request_id: Option<String>,
}

/// What is known before somebody registers.
#[derive(Clone, Debug)]
pub struct RegistrationFacts {
    /// The database's time.
    pub now: Timestamp,
    /// Whether the attempt may go ahead.
    pub verdict: Verdict,
    /// Those of the names that are taken.
    pub taken: Vec<String>,
}

/// A session to be opened.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// Identifier, made before the write.
    pub id: SessionId,
    /// SHA-256 of the token's random secret.
    pub secret_hash: [u8; 32],
    /// When it starts, by the database's clock.
    pub created_at: Timestamp,
    /// When it ends.
    pub expiry: Expiry,
    /// The client's address.
    pub address: Option<String>,
    /// What the client called itself.
    pub user_agent: Option<String>,
}

/// A user to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Identifier, made before the write.
    pub id: UserId,
    /// Name, as its owner writes it.
    pub username: String,
    /// E-mail address, as its owner writes it.
    pub email: Option<String>,
    /// Whether mail to the address is known to reach her (an operator's word, or a link's).
    pub email_confirmed: bool,
    /// An address that becomes hers when she confirms it.
    pub pending_email: Option<String>,
    /// The folded names to sign in with, all distinct.
    pub names: Vec<String>,
    /// PHC string of the password's hash.
    pub password: String,
    /// The database's time, from [`RegistrationFacts`].
    pub created_at: Timestamp,
    /// The session to open with it.
    pub session: Option<NewSession>,
    /// The link and the mail by which she confirms `pending_email`, or else `email`.
    pub confirmation: Option<(NewLink, NewMail)>,
    /// The invitation that she uses up; refused when it may not be used, or is for another address.
    pub invitation: Option<LinkId>,
    /// The audit row.
    pub trail: Trail,
}

/// How a registration ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Registered {
    /// The user exists now (or did so already by the same request).
    Done,
    /// These of the names are somebody else's.
    Taken(Vec<String>),
    /// The invitation may not be used (any more).
    NotInvited,
}

/// An attempt to sign in.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The folded login name.
    pub name: String,
    /// The throttle key that counts for it when it is nobody's.
    pub unknown_key: String,
    /// What an attempt costs the account.
    pub account: Option<Cost>,
    /// The throttle key of the client's address and what an attempt costs it.
    pub address: Option<(String, Cost)>,
}

/// What an attempt to sign in is judged by.
#[derive(Clone, Debug)]
pub struct SignInFacts {
    /// The database's time.
    pub now: Timestamp,
    /// Whether the attempt may go ahead.
    pub verdict: Verdict,
    /// The account, if the name is somebody's.
    pub credential: Option<Credential>,
}

/// An account and the hash of its password.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The user.
    pub user: User,
    /// PHC string of the password's hash.
    pub hash: String,
    /// The epoch of her sessions.
    pub epoch: i64,
    /// Whether mail to her address is known to reach her.
    pub email_confirmed: bool,
}

/// What a password check inside a session is judged by.
#[derive(Clone, Debug)]
pub struct CredentialFacts {
    /// The database's time.
    pub now: Timestamp,
    /// Whether the attempt may go ahead.
    pub verdict: Verdict,
    /// The account.
    pub credential: Credential,
}

/// An attempt that a success gives back.
#[derive(Clone, Debug)]
pub struct Refund {
    /// The throttle key.
    pub key: String,
    /// The step it was charged.
    pub step: i64,
}

/// A session to be opened for a judged account.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// The user.
    pub user: UserId,
    /// The epoch she was judged in.
    pub epoch: i64,
    /// The session.
    pub session: NewSession,
    /// The outdated hash and what replaces it.
    pub rehash: Option<(String, String)>,
    /// Attempts given back.
    pub refunds: Vec<Refund>,
    /// Told to the confirmed address when no other session of the account is from a client that calls itself
    /// the same.
    pub mail: Option<NewMail>,
    /// The audit row.
    pub trail: Trail,
}

/// How opening a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// The session is open.
    Open,
    /// The account was locked, deleted, or its password or sessions changed meanwhile.
    Changed,
}

/// A living session, its user and her document.
#[derive(Clone, Debug)]
pub struct SessionData {
    /// The database's time at the read.
    pub now: Timestamp,
    /// The session's two ends.
    pub expiry: Expiry,
    /// The user.
    pub user: User,
    /// The document as it was written.
    pub body: String,
    /// Version of document and user.
    pub version: Version,
}

/// How a write of the document ended.
#[derive(Clone, Debug)]
pub enum Written {
    /// The session is not alive; nothing was written.
    NoSession,
    /// The version was none of those asked for; nothing was written.
    Stale,
    /// Written and durable.
    Done {
        /// The user, for the answer.
        user: User,
        /// The new version.
        version: Version,
        /// The database's time.
        now: Timestamp,
        /// The session's two ends.
        expiry: Expiry,
    },
}

/// Which sessions to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The one that asks.
    This,
    /// Another one of the same user (or the one that asks, by its id).
    One(SessionId),
    /// All of the user's but the one that asks.
    Others,
    /// All of the user's.
    All,
}

/// How ending sessions ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The session that asked is not alive; nothing was ended.
    NoSession,
    /// The user has no such session.
    NoSuch,
    /// Ended, on every process, from now on.
    Done,
}

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Identifier.
    pub id: SessionId,
    /// When it was opened.
    pub created_at: Timestamp,
    /// Last use that was written down.
    pub last_used_at: Timestamp,
    /// Absolute expiry.
    pub expires_at: Timestamp,
    /// The address it was opened from.
    pub address: Option<String>,
    /// What the client called itself.
    pub user_agent: Option<String>,
}

/// A password to be replaced.
#[derive(Clone, Debug)]
pub struct ChangePassword {
    /// The session that asks; it survives.
    pub session: SessionId,
    /// The user.
    pub user: UserId,
    /// The epoch she was judged in.
    pub epoch: i64,
    /// PHC string of the new password's hash.
    pub hash: String,
    /// Attempts given back.
    pub refunds: Vec<Refund>,
    /// Told to the confirmed address.
    pub mail: Option<NewMail>,
    /// The audit row.
    pub trail: Trail,
}
