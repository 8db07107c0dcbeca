//! Replacing all processes one by one: a successor first, the old one only when the successor is ready.
//!
//! A roll remembers the numbers of two processes and looks at the crew for the rest, so it needs not be told of
//! anything: deaths, removals and kills in mid-roll are simply found. If a successor fails, the roll ends and the old
//! process stays.

use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::time::Duration;

use tokio::time::Instant;

use super::Phase;
use super::crew::Crew;

/// How long a successor may take to be ready.
const READY_WITHIN: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Roll {
    waiting: VecDeque<usize>,
    step: Step,
    /// Asked for again meanwhile: processes replaced already may have started too early for what was changed.
    again: bool,
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Next,
    Awaiting { successor: u32, old: u32, until: Instant },
    Retiring { old: u32 },
}

impl Roll {
    pub(super) fn over(crew: &Crew) -> Self {
        Self { waiting: crew.slots().collect(), step: Step::Next, again: false }
    }

    /// However often it is asked for during one roll, one more follows.
    pub(super) fn repeat(&mut self) {
        self.again = true;
    }

    /// The process being tried.
    pub(super) fn successor(&self) -> Option<u32> {
        match self.step {
            Step::Awaiting { successor, .. } => Some(successor),
            Step::Next | Step::Retiring { .. } => None,
        }
    }

    pub(super) fn alarm(&self) -> Option<Instant> {
        match self.step {
            Step::Awaiting { until, .. } => Some(until),
            Step::Next | Step::Retiring { .. } => None,
        }
    }

    /// Goes as far as the crew's present state allows; breaks when the roll is over.
    pub(super) fn advance(&mut self, crew: &mut Crew) -> ControlFlow<()> {
        loop {
            self.step = match self.step {
                Step::Next => self.begin_next(crew)?,
                Step::Retiring { old } if crew.phase(old).is_some() => break,
                Step::Retiring { .. } => Step::Next,
                Step::Awaiting { successor, old, until } => match crew.phase(successor) {
                    Some(Phase::Ready) => {
                        crew.retire(old);
                        Step::Retiring { old }
                    }
                    Some(Phase::Starting) if Instant::now() < until => break,
                    // Its slot was removed.
                    Some(Phase::Stopping) => Step::Next,
                    Some(Phase::Starting) | None => {
                        tracing::error!(
                            pid = successor,
                            "the successor did not become ready; the old processes stay"
                        );
                        crew.retire(successor);
                        return ControlFlow::Break(());
                    }
                },
            };
        }
        ControlFlow::Continue(())
    }

    fn begin_next(&mut self, crew: &mut Crew) -> ControlFlow<(), Step> {
        let Some(slot) = self.waiting.pop_front() else {
            if !std::mem::take(&mut self.again) {
                tracing::info!("all processes were replaced");
                return ControlFlow::Break(());
            }
            self.waiting = crew.slots().collect();
            return ControlFlow::Continue(Step::Next);
        };
        // An empty slot waits after a crash, or is gone; what starts there later is new anyway.
        let Some(old) = crew.current(slot) else {
            return ControlFlow::Continue(Step::Next);
        };
        match crew.start(slot) {
            Ok(successor) => ControlFlow::Continue(Step::Awaiting {
                successor,
                old,
                until: Instant::now() + READY_WITHIN,
            }),
            Err(error) => {
                tracing::error!(%error, "cannot start a successor; the old processes stay");
                ControlFlow::Break(())
            }
        }
    }
}
