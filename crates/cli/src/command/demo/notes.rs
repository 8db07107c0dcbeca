//! What the board is told: each request of a client with what was wrong about it, and each press of a kill button.

use std::time::Instant;

/// What a client did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Act {
    Login,
    Read,
    Write,
    Logout,
    /// Tries a token that was given back.
    Check,
}

/// What was wrong with an answer, if anything was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Finding {
    /// The request did not get the answer it had a right to.
    Failed(String),
    /// The token of an acknowledged login was refused.
    LoginLost,
    /// An acknowledged write was not there.
    WriteLost {
        /// The value that was acknowledged.
        promised: u64,
        /// The value that was found.
        found: u64,
    },
    /// A token that was given back was accepted.
    RevocationMissed,
}

/// One request of one client, from the first attempt to the judgement.
pub(super) struct Observation {
    pub(super) client: usize,
    pub(super) act: Act,
    /// Which process answered; none if no whole answer came.
    pub(super) process: Option<String>,
    pub(super) retries: u32,
    /// How many acknowledged logins this client holds now.
    pub(super) held: usize,
    pub(super) findings: Vec<Finding>,
}

/// What the board is told.
pub(super) enum Note {
    /// A client has observed something.
    Seen(Observation),
    /// The kill button of a process was pressed.
    Shot {
        /// The process id of the operating system.
        pid: u32,
        /// When.
        at: Instant,
    },
}
