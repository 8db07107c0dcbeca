//! Judges a history: does it show anything that a correct deployment cannot have done?
//!
//! One invariant, one small check, one file per subject. All of them are exact in the same sense: a
//! history that some correct server could have produced is never blamed. Each takes O(n log n). What is
//! decided here is which checks there are; what becomes of their findings is in [`report`].

mod account;
mod aftermath;
mod audit;
mod document;
mod grants;
mod identity;
mod index;
mod keys;
mod life;
mod password;
mod report;
mod session;
mod throttle;
mod together;
mod trouble;

#[cfg(test)]
mod planted;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod story;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use aftermath::{Account, Aftermath, AuditRow};
pub use keys::Published;
pub use report::{Judgement, Report, Verdict, Violation, at_most};
pub use throttle::Ceiling;

use crate::history::{History, Nanos};
use index::Index;

/// What must hold, by the numbers under which it is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Invariant {
    /// The token of an acknowledged login is accepted until its session ends.
    I1,
    /// After the answer to whatever ended it, no token of the session is accepted.
    I2,
    /// After a token was refused it is never accepted again.
    I3,
    /// An answer is about the user whose token was sent.
    I4,
    /// A token that nobody was given is never accepted.
    I5,
    /// One token sent to several processes at once gets the same class of answer.
    I6,
    /// No 5xx without a fault; 503 with `Retry-After` within the deadline during one.
    I7,
    /// After the answer to a password change the new password works and the old one does not.
    I8,
    /// A family of refresh tokens has one living tip.
    I9,
    /// The throttle's ceiling holds over all processes together.
    I10,
    /// A name is registered once.
    I11,
    /// Exactly one audit row per acknowledged security operation.
    I12,
    /// Every process publishes the keys of all issued tokens.
    I13,
    /// Codes and nonces work once.
    I14,
    /// Afterwards the database's constraints hold and nothing is orphaned.
    I15,
    /// An acknowledged write is there, whole, and none is lost to another.
    I16,
}

/// What is known about a run besides its history.
#[derive(Clone, Debug, Default)]
pub struct Circumstances {
    /// When something was deliberately broken; none if that is not known, and then errors prove nothing.
    pub faults: Option<Vec<Fault>>,
    /// How long an answer may take during a fault.
    pub deadline: Option<Duration>,
    /// How many wrong passwords an account allows.
    pub ceiling: Option<Ceiling>,
    /// What was found in the database after the run.
    pub aftermath: Option<Aftermath>,
    /// How long keys are published around what they sign.
    pub published: Option<Published>,
}

/// A span of time in which errors are to be expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Its first instant.
    pub from: Nanos,
    /// Its last instant, recovery included.
    pub to: Nanos,
}

/// What one check found: how often it looked, and what was wrong.
struct Findings {
    looked: u64,
    violations: Vec<Violation>,
}

impl Findings {
    fn new() -> Self {
        Self { looked: 0, violations: Vec::new() }
    }
}

/// Judges a history under its circumstances.
#[must_use]
pub fn check(history: &History, circumstances: &Circumstances) -> Report {
    let index = Index::new(history);
    let sessions = session::lives(&index);
    let aftermath = circumstances.aftermath.as_ref();
    let needs_database = "the database was not looked at afterwards";
    let judgements = vec![
        Judgement::of(Invariant::I1, session::lost(&sessions)),
        Judgement::of(Invariant::I2, session::outlived(&sessions, &index)),
        Judgement::of(Invariant::I3, session::revived(&sessions)),
        Judgement::of(Invariant::I4, identity::answers_belong_to_the_asker(&index)),
        Judgement::of(Invariant::I5, identity::counterfeits_are_refused(&index)),
        Judgement::of(Invariant::I6, together::answers_agree(&index)),
        Judgement::maybe(
            Invariant::I7,
            circumstances
                .faults
                .as_ref()
                .map(|faults| trouble::only_during_faults(history, faults, circumstances.deadline)),
            "whether there were faults is not known",
        ),
        Judgement::of(Invariant::I8, password::old_and_new(&index)),
        Judgement::of(Invariant::I9, grants::one_living_tip(&index)),
        Judgement::maybe(
            Invariant::I10,
            circumstances.ceiling.map(|ceiling| throttle::ceiling_holds(&index, ceiling)),
            "the limit is not known",
        ),
        Judgement::of(Invariant::I11, account::names_are_unique(&index, aftermath)),
        Judgement::maybe(
            Invariant::I12,
            aftermath.map(|found| audit::one_row_each(&index, found)),
            needs_database,
        ),
        Judgement::maybe(
            Invariant::I13,
            circumstances.published.map(|span| keys::are_published_everywhere(history, span)),
            "how long keys are published is not known",
        ),
        Judgement::of(Invariant::I14, grants::codes_work_once(&index)),
        Judgement::maybe(
            Invariant::I15,
            aftermath.map(aftermath::nothing_is_broken),
            needs_database,
        ),
        Judgement::of(Invariant::I16, document::writes_are_kept(&index)),
    ];
    Report::new(history, judgements)
}
