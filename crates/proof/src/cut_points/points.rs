//! The cut points of a request: which messages it is, and which cases come of that.

use std::fmt;

use anyhow::{Result, ensure};

use super::Selection;
use super::endpoint::{Endpoint, Who};
use super::facts::Facts;
use super::person::Person;
use super::stage::Stage;
use crate::fault_proxy::{Direction, Passed};

/// What is done at the cut point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is reset.
    Reset,
    /// The connection swallows everything; new ones work.
    BlackHole,
    /// All connections swallow everything, new ones too.
    Outage,
    /// The process is killed with SIGKILL.
    Kill,
}

const WAYS: usize = 4;

impl Fault {
    const ALL: [Self; WAYS] = [Self::Reset, Self::BlackHole, Self::Outage, Self::Kill];
}

/// A case, by what it does.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The endpoint.
    pub endpoint: &'static str,
    /// Messages of this direction are counted.
    pub direction: Direction,
    /// After so many of them.
    pub after: u64,
    /// The last one that passes; none for 0.
    pub message: Option<&'static str>,
    /// What happens then.
    pub fault: Fault,
}

impl fmt::Display for Case {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { endpoint, direction, after, message, fault } = self;
        let message = message.unwrap_or("nothing");
        write!(out, "{endpoint}, {fault:?} after {direction} message {after} ({message})")
    }
}

/// The messages of one request that nothing disturbs.
#[derive(Debug)]
pub(super) struct Points {
    pub(super) frontend: Vec<&'static str>,
    pub(super) backend: Vec<&'static str>,
}

impl Points {
    /// Records them, until they are the same twice: were they not, cases would not be where they say. Every ten
    /// seconds a process reads the keys that sign once more.
    pub(super) async fn of(stage: &Stage, endpoint: &Endpoint) -> Result<Self> {
        stage.make_ready(endpoint).await?;
        let (mut last, mut rounds) = (record(stage, endpoint).await?, 0..3);
        loop {
            let next = record(stage, endpoint).await?;
            if next == last {
                break;
            }
            let more = rounds.next();
            ensure!(more.is_some(), "{}: {last:?}, then {next:?}", endpoint.name);
            last = next;
        }
        let of = |direction| {
            let of = last.iter().filter(move |(way, _)| *way == direction);
            of.map(|(_, name)| *name).collect()
        };
        Ok(Self { frontend: of(Direction::Frontend), backend: of(Direction::Backend) })
    }

    /// The cases of an endpoint; `place` makes few of them differ between endpoints.
    pub(super) fn cases(
        &self,
        endpoint: &Endpoint,
        selection: Selection,
        place: usize,
    ) -> Vec<Case> {
        let frontend = (0..=self.frontend.len()).map(|after| (Direction::Frontend, after));
        let backend = (1..=self.backend.len()).map(|after| (Direction::Backend, after));
        let all: Vec<_> = frontend.chain(backend).collect();
        let mut cases = Vec::new();
        for (turn, fault) in Fault::ALL.into_iter().enumerate() {
            let other = (place * 5 + turn * 7) % all.len();
            for (index, (direction, after)) in all.iter().copied().enumerate() {
                let message = self.message(direction, after);
                let few = match endpoint.who {
                    Who::Using(_) => {
                        self.statement(direction, after) == Some((place + turn) % WAYS)
                    }
                    _ => after == 0 || message == Some("Sync") || index == other,
                };
                if selection == Selection::Every || few {
                    let (endpoint, after) = (endpoint.name, after as u64);
                    cases.push(Case { endpoint, direction, after, message, fault });
                }
            }
        }
        cases
    }

    /// Which statement, modulo the number of ways, is sent whole by then, if one just was.
    fn statement(&self, direction: Direction, after: usize) -> Option<usize> {
        let ends =
            direction == Direction::Frontend && self.message(direction, after) == Some("Sync");
        let sent = self.frontend.iter().take(after).filter(|name| **name == "Sync").count();
        ends.then_some(sent % WAYS)
    }

    fn message(&self, direction: Direction, after: usize) -> Option<&'static str> {
        let names = match direction {
            Direction::Frontend => &self.frontend,
            Direction::Backend => &self.backend,
        };
        names.get(after.checked_sub(1)?).copied()
    }
}

async fn record(stage: &Stage, endpoint: &Endpoint) -> Result<Vec<(Direction, &'static str)>> {
    let person = Person::make(endpoint.who, stage).await?;
    let before = Facts::of(&person, &stage.db).await?;
    stage.control.record();
    let answer = (endpoint.ask)(&stage.subject(), &person).send().await;
    let mut passed: Vec<Passed> = stage.control.recorded();
    let answer = answer?;
    ensure!(endpoint.is_done(&answer), "{}: {answer:?}", endpoint.name);
    let after = Facts::of(&person, &stage.db).await?;
    let expected = before.after(endpoint.effect);
    ensure!(after == expected, "{}: {after:?} instead of {expected:?}", endpoint.name);
    // Which of two ways was first is chance; the order within each is not.
    passed.sort_by_key(|passed| passed.direction == Direction::Backend);
    Ok(passed.into_iter().map(|passed| (passed.direction, passed.kind.name())).collect())
}
