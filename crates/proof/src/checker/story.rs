//! Histories made by hand, for tests.

use super::{Circumstances, Fault, Invariant, Report, check};
use crate::history::{
    Document, History, Kind, Nanos, Operation, OperationId, Outcome, PasswordNo, Refusal, Run,
    Seen, SessionNo, Trouble, UserNo,
};

pub(super) const REFUSED: Outcome = Outcome::Fail(Refusal::Token);
pub(super) const TIMEOUT: Outcome = Outcome::Unknown(Trouble::Timeout);
pub(super) const READ: Kind = Kind::Read { together: None };

/// A history that grows, and what is known besides.
#[derive(Clone, Debug)]
pub(super) struct Story {
    pub(super) history: History,
    pub(super) circumstances: Circumstances,
}

pub(super) fn done() -> Outcome {
    Outcome::Ok(Seen::default())
}

pub(super) fn saw(version: u64, document: Document) -> Outcome {
    Outcome::Ok(Seen { version: Some(version), document: Some(document), ..Seen::default() })
}

pub(super) fn about(user: &str) -> Outcome {
    Outcome::Ok(Seen { user: Some(user.to_owned()), ..Seen::default() })
}

pub(super) fn login(password: u32) -> Kind {
    Kind::Login { password: PasswordNo(password) }
}

pub(super) fn change(old: u32, new: u32) -> Kind {
    Kind::PasswordChange { old: PasswordNo(old), new: PasswordNo(new) }
}

pub(super) fn write(value: u64, if_match: Option<u64>) -> Kind {
    Kind::Write { value, if_match }
}

impl Story {
    pub(super) fn new() -> Self {
        let run = Run { name: "run".to_owned(), seed: 0 };
        let history = History { run, operations: Vec::new() };
        Self { history, circumstances: Circumstances::default() }
    }

    /// One with a user 1 who registered with password 1, at 0 to 1, and her session.
    pub(super) fn of_one_user() -> (Self, SessionNo) {
        let mut story = Self::new();
        let kind = Kind::Register { name: "ada".to_owned(), password: PasswordNo(1) };
        let session = story.tell(kind, None, (0, 1), done());
        (story, SessionNo(session))
    }

    /// Something of user 1.
    pub(super) fn tell(
        &mut self,
        kind: Kind,
        session: Option<SessionNo>,
        times: (u64, u64),
        outcome: Outcome,
    ) -> OperationId {
        self.tell_of(UserNo(1), kind, session, times, outcome)
    }

    pub(super) fn tell_of(
        &mut self,
        user: UserNo,
        kind: Kind,
        session: Option<SessionNo>,
        (invoke, ret): (u64, u64),
        outcome: Outcome,
    ) -> OperationId {
        let last = self.history.operations.last().map(|operation| operation.id.0);
        let id = OperationId(last.unwrap_or_default() + 1);
        let (invoke, ret) = (Nanos(invoke), Nanos(ret));
        self.history.operations.push(Operation {
            id,
            kind,
            user,
            session,
            process: None,
            intended: invoke,
            invoke,
            ret,
            outcome,
        });
        id
    }

    /// From the first instant to the last everything may fail.
    pub(super) fn disturbed_throughout(&mut self) {
        self.circumstances.faults = Some(vec![Fault { from: Nanos(0), to: Nanos::NEVER }]);
    }

    pub(super) fn report(&self) -> Report {
        check(&self.history, &self.circumstances)
    }

    /// # Panics
    /// When anything is found wrong.
    pub(super) fn is_good(&self) {
        let report = self.report();
        assert!(report.is_clean(), "{report}");
    }

    /// # Panics
    /// When this invariant is not violated by exactly these operations, in a message that names them.
    pub(super) fn breaks(&self, invariant: Invariant, operations: &[OperationId]) {
        let report = self.report();
        let [found] = report.violations(invariant) else {
            panic!("one violation of {invariant:?} was expected:\n{report}");
        };
        let mut named = found.operations.clone();
        named.sort_unstable();
        assert_eq!(named, operations, "{report}");
        for id in operations {
            assert!(found.message.contains(&id.to_string()), "{}", found.message);
        }
    }
}
