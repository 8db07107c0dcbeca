//! Takes operations down while they run: numbers them, reads the clock as close to the wire as it can,
//! and appends those that ended.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::{History, Kind, Nanos, Operation, OperationId, Outcome, Run, SessionNo, UserNo};

/// Appends operations; shared by all tasks of a client.
#[derive(Debug)]
pub struct Recorder {
    run: Run,
    next: AtomicU64,
    done: Mutex<Vec<Operation>>,
}

/// An operation that was numbered and is about to be sent.
#[derive(Debug)]
#[must_use = "an operation counts once its end is recorded"]
pub struct Started {
    id: OperationId,
    kind: Kind,
    user: UserNo,
    session: Option<SessionNo>,
    intended: Nanos,
    invoke: Nanos,
}

impl Started {
    /// Its number.
    #[must_use]
    pub fn id(&self) -> OperationId {
        self.id
    }
}

impl Recorder {
    /// An empty history.
    #[must_use]
    pub fn new(run: Run) -> Self {
        Self { run, next: AtomicU64::new(1), done: Mutex::default() }
    }

    /// An empty history of the same run, whose numbers are none of this one's.
    #[must_use]
    pub fn beside(&self) -> Self {
        let next = self.next.load(Ordering::Relaxed).saturating_add(1 << 40);
        Self { run: self.run.clone(), next: AtomicU64::new(next), done: Mutex::default() }
    }

    /// Which run it is.
    #[must_use]
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// A number for an operation or a value, never given twice.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Call it just before sending.
    pub fn start(
        &self,
        kind: Kind,
        user: UserNo,
        session: Option<SessionNo>,
        intended: Nanos,
    ) -> Started {
        let id = OperationId(self.number());
        Started { id, kind, user, session, intended, invoke: Nanos::now() }
    }

    /// Takes down the end at `ret`, which was read just after the answer came; gives the operation as it
    /// was recorded.
    pub fn end(
        &self,
        started: Started,
        ret: Nanos,
        process: Option<String>,
        outcome: Outcome,
    ) -> Operation {
        let Started { id, kind, user, session, intended, invoke } = started;
        let operation =
            Operation { id, kind, user, session, process, intended, invoke, ret, outcome };
        self.done.lock().unwrap_or_else(PoisonError::into_inner).push(operation.clone());
        operation
    }

    /// How many have ended so far.
    #[must_use]
    pub fn ended(&self) -> usize {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// What has ended so far.
    #[must_use]
    pub fn history(&self) -> History {
        let operations = self.done.lock().unwrap_or_else(PoisonError::into_inner).clone();
        History { run: self.run.clone(), operations }
    }
}
