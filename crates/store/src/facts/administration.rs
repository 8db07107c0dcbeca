//! Administrators, setup, and the end of an account.

use std::time::Duration;

use tokenhouse_rules::id::{LinkId, UserId};
use tokenhouse_rules::time::Timestamp;

use super::{NewMail, NewUser, Refund, Trail, User};

/// Whether this server is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetupState {
    /// When setup was closed, for good.
    pub closed_at: Option<Timestamp>,
    /// How many administrators there are.
    pub administrators: u32,
}

/// The first administrator.
#[derive(Clone, Debug)]
pub struct SetUp {
    /// The link that allows it; none for who has the configuration in hand.
    pub link: Option<LinkId>,
    /// The account; its address counts as confirmed.
    pub new: NewUser,
}

/// How setting up ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SetUpDone {
    /// The first administrator exists (or did so already by the same request); setup is closed.
    Done,
    /// These of the names are somebody else's. Nothing was written.
    Taken(Vec<String>),
    /// The link may not be used (any more).
    Gone,
    /// Setup was closed before.
    Closed,
}

/// How taking an administrator's rights ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// She is an administrator no more.
    Done,
    /// She was none.
    NotOne,
    /// She is the last one, who stays.
    Last,
}

/// How removing an account ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    /// It is gone, or will be.
    Done,
    /// There is no such user, or she is in another epoch than the one she was judged in.
    Changed,
    /// She is the last administrator, who stays.
    LastAdministrator,
}

/// An account to be deleted later, unless its owner thinks again. Its sessions end.
#[derive(Clone, Debug)]
pub struct ScheduleDeletion {
    /// The user.
    pub user: UserId,
    /// The epoch she was judged in.
    pub epoch: i64,
    /// How long she can think again, from the database's time on.
    pub grace: Duration,
    /// Told to the confirmed address.
    pub mail: Option<NewMail>,
    /// Attempts given back.
    pub refunds: Vec<Refund>,
    /// The audit row.
    pub trail: Trail,
}

/// What a person sees of herself.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The database's time.
    pub now: Timestamp,
    /// The session's two ends.
    pub expiry: tokenhouse_rules::session::Expiry,
    /// The user.
    pub user: User,
    /// When she showed that mail to her address reaches her.
    pub email_confirmed_at: Option<Timestamp>,
    /// The address that she asked for and has not confirmed.
    pub pending_email: Option<String>,
    /// When her account will be deleted.
    pub delete_after: Option<Timestamp>,
    /// The language she chose (a BCP 47 tag).
    pub language: Option<String>,
    /// `light` or `dark`, where she chose.
    pub theme: Option<String>,
    /// Whether she is an administrator.
    pub is_administrator: bool,
}
