//! What applications are told when a session ends, and who has it on his hands.

use std::time::Duration;

use tokenhouse_rules::id::{LogoutId, SessionId, UserId};
use tokenhouse_rules::time::Timestamp;
use uuid::Uuid;

use super::{Ended, Trail};

/// How a session was ended on its own word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionEnd {
    /// Whether it was.
    pub ended: Ended,
    /// The settings of the applications it led to that are told by their own pages in a frame.
    pub fronted: Vec<String>,
}

/// The end of a session that a process has taken to tell an application's server of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logout {
    /// Identifier.
    pub id: LogoutId,
    /// To which client it is to be told.
    pub client: String,
    /// Its settings as they are by now; none when it is there no more.
    pub settings: Option<String>,
    /// The session that ended.
    pub session: SessionId,
    /// Whose it was. She may be there no more.
    pub user: UserId,
    /// When it ended.
    pub created_at: Timestamp,
    /// How often it was taken to be told, this time included.
    pub attempts: i32,
    /// Whether it was taken from a process whose lease ran out before it said how telling ended: the application
    /// may hear of it twice.
    pub is_retaken: bool,
}

/// What became of telling when it failed.
#[derive(Clone, Debug)]
pub struct LogoutFailed {
    /// Of which.
    pub id: LogoutId,
    /// Who had it.
    pub holder: Uuid,
    /// After which time it is due again; given up with none.
    pub again: Option<Duration>,
    /// Written when it is given up.
    pub trail: Trail,
}
