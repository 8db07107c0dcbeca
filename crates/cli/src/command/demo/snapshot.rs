//! The picture that the page paints: the JSON of the event stream, one type per object.
//!
//! A picture is complete in itself, so a page that lost its connection needs nothing but the next one.

use serde::Serialize;

/// Everything the page shows at one instant.
#[derive(Serialize, Default)]
pub(super) struct Snapshot {
    /// Which demo this is; a page that meets another reloads itself.
    pub(super) run: String,
    pub(super) processes: Vec<Process>,
    /// The colour of the process that answered, oldest first; or one of the two numbers below.
    pub(super) recent: Vec<i8>,
    pub(super) counts: Counts,
    /// Requests per second.
    pub(super) rate: u64,
    /// The last failures, newest first.
    pub(super) mishaps: Vec<Mishap>,
}

impl Snapshot {
    /// In `recent`: the request failed.
    pub(super) const FAILED: i8 = -1;
    /// In `recent`: answered by a process that is not listed yet.
    pub(super) const UNKNOWN: i8 = -2;
}

/// One tile.
#[derive(Serialize)]
pub(super) struct Process {
    pub(super) slot: usize,
    pub(super) pid: u32,
    pub(super) id: Option<String>,
    /// `starting`, `ready` or `stopping`.
    pub(super) phase: &'static str,
    pub(super) colour: usize,
    pub(super) up_ms: u64,
    pub(super) answered: u64,
    pub(super) replaced_ms: Option<u64>,
}

/// The counters, since the demo opened.
#[derive(Serialize, Default, Clone)]
pub(super) struct Counts {
    pub(super) requests: u64,
    pub(super) logins: u64,
    pub(super) reads: u64,
    pub(super) writes: u64,
    pub(super) logouts: u64,
    pub(super) failed: u64,
    pub(super) logins_lost: u64,
    pub(super) writes_lost: u64,
    pub(super) revocations_missed: u64,
    /// Repetitions that a load balancer would have been allowed as well.
    pub(super) retries: u64,
    /// Acknowledged logins that are open now.
    pub(super) held: usize,
    /// Processes that ended without having been asked to.
    pub(super) died: u64,
}

/// A failure, in words.
#[derive(Serialize, Clone)]
pub(super) struct Mishap {
    /// Seconds after the demo opened.
    pub(super) after_s: u64,
    pub(super) what: String,
}
