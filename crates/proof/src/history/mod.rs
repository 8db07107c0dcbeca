//! What was asked of a deployment and what it answered, in the order of the answers, as one run saw it.
//!
//! Nothing is judged here; that is [`crate::checker`]'s. What an operation is, is in [`operation`]; where
//! its times come from, in [`clock`]; how it is kept as JSON lines, in [`lines`].

mod clock;
mod lines;
mod operation;
mod recorder;

use serde::{Deserialize, Serialize};

pub use clock::Nanos;
pub use lines::BadHistory;
pub use operation::{
    Counterfeit, Document, Kind, Operation, OperationId, Outcome, PasswordNo, Refusal, Seen,
    SessionNo, TokenNo, Trouble, UserNo,
};
pub use recorder::{Recorder, Started};

/// Which run it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Begins the name of every user and the id of every request.
    pub name: String,
    /// What the schedule was made from.
    pub seed: u64,
}

impl Run {
    /// The `X-Request-Id` of an operation, which the audit trail keeps.
    #[must_use]
    pub fn request_id(&self, operation: OperationId) -> String {
        format!("{}-{}", self.name, operation.0)
    }

    /// The operation that a request id belongs to, if it is one of this run.
    #[must_use]
    pub fn operation_of(&self, request_id: &str) -> Option<OperationId> {
        let number = request_id.strip_prefix(&self.name)?.strip_prefix('-')?;
        number.parse().ok().map(OperationId)
    }
}

/// All operations of a run that ended, with or without an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Which run it was.
    pub run: Run,
    /// In the order in which they ended.
    pub operations: Vec<Operation>,
}
