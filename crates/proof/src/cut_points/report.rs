//! How the cases went.

use std::fmt;
use std::time::Duration;

use anyhow::Result;

use super::points::{Case, Points};

/// The cases that were run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Messages of an undisturbed request of each endpoint: from the process, and to it.
    pub messages: Vec<(&'static str, usize, usize)>,
    /// How many were run; none is left out in silence.
    pub cases: usize,
    /// How many of them held.
    pub passed: usize,
    /// The others.
    pub failed: Vec<Failed>,
    /// The longest that a client waited in a case that held.
    pub slowest: Duration,
    /// How often the process answered 503 to somebody else when the fault was over already.
    pub refusals: usize,
}

/// A case that did not hold.
#[derive(Clone, Debug)]
pub struct Failed {
    /// Which.
    pub case: Case,
    /// What was seen.
    pub why: String,
}

impl Report {
    pub(super) fn recorded(&mut self, endpoint: &'static str, points: &Points) {
        self.messages.push((endpoint, points.frontend.len(), points.backend.len()));
    }

    pub(super) fn ran(&mut self, case: Case, outcome: Result<Duration>) {
        self.cases += 1;
        match outcome {
            Ok(waited) => {
                self.passed += 1;
                self.slowest = self.slowest.max(waited);
            }
            Err(error) => self.failed.push(Failed { case, why: format!("{error:#}") }),
        }
    }

    pub(super) fn and(mut self, other: Self) -> Self {
        self.messages.extend(other.messages);
        self.cases += other.cases;
        self.passed += other.passed;
        self.failed.extend(other.failed);
        self.slowest = self.slowest.max(other.slowest);
        self.refusals += other.refusals;
        self
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (endpoint, frontend, backend) in &self.messages {
            writeln!(out, "{endpoint}: {frontend} messages to PostgreSQL, {backend} from it")?;
        }
        writeln!(out, "{} cases, {} held, slowest {:?}", self.cases, self.passed, self.slowest)?;
        writeln!(out, "{} times 503 after the end of a fault", self.refusals)?;
        for Failed { case, why } in &self.failed {
            writeln!(out, "FAILED {case}: {why}")?;
        }
        Ok(())
    }
}
