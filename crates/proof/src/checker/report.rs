//! What is said about a run. Zero failures in n say that the probability of one is at most 3/n, with 95 %
//! confidence, and no more than that is ever claimed.

use std::fmt;

use serde::Serialize;

use super::{Findings, Invariant};
use crate::history::{History, OperationId};

/// How many violations of one invariant are printed.
const SHOWN: usize = 10;

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// What happened, naming the operations.
    pub message: String,
    /// The operations that contradict each other.
    pub operations: Vec<OperationId>,
}

/// The judgement on one invariant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Verdict {
    /// Nothing contradicts it.
    Held,
    /// Something does.
    Violated(Vec<Violation>),
    /// Nothing can be said, and why.
    NotJudged(&'static str),
}

/// One invariant and what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// Which one.
    pub invariant: Invariant,
    /// How many times it could have been broken.
    pub looked: u64,
    /// What was found.
    pub verdict: Verdict,
}

/// The whole judgement on a history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Operations that ended.
    pub operations: usize,
    /// Those that were acknowledged.
    pub ok: usize,
    /// Those that were refused.
    pub refused: usize,
    /// Those of which nobody knows whether they were done.
    pub unknown: usize,
    /// One for each invariant, in their order.
    pub judgements: Vec<Judgement>,
}

impl Judgement {
    pub(super) fn of(invariant: Invariant, findings: Findings) -> Self {
        let verdict = match (findings.looked, findings.violations.is_empty()) {
            (_, false) => Verdict::Violated(findings.violations),
            (0, true) => Verdict::NotJudged("nothing in this history bears on it"),
            (_, true) => Verdict::Held,
        };
        Self { invariant, looked: findings.looked, verdict }
    }

    pub(super) fn maybe(
        invariant: Invariant,
        findings: Option<Findings>,
        why: &'static str,
    ) -> Self {
        match findings {
            Some(findings) => Self::of(invariant, findings),
            None => Self::not_judged(invariant, why),
        }
    }

    pub(super) fn not_judged(invariant: Invariant, why: &'static str) -> Self {
        Self { invariant, looked: 0, verdict: Verdict::NotJudged(why) }
    }

    /// What is wrong.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        match &self.verdict {
            Verdict::Violated(violations) => violations,
            Verdict::Held | Verdict::NotJudged(_) => &[],
        }
    }
}

impl Report {
    pub(super) fn new(history: &History, judgements: Vec<Judgement>) -> Self {
        let operations = history.operations.len();
        let ok = history.operations.iter().filter(|operation| operation.is_ok()).count();
        let unknown = history.operations.iter().filter(|operation| operation.is_unknown()).count();
        Self { operations, ok, refused: operations - ok - unknown, unknown, judgements }
    }

    /// What was found about one invariant.
    #[must_use]
    pub fn violations(&self, invariant: Invariant) -> &[Violation] {
        let found = self.judgements.iter().find(|judgement| judgement.invariant == invariant);
        found.map_or(&[], Judgement::violations)
    }

    /// Acknowledged things that are gone: logins, writes.
    #[must_use]
    pub fn lost(&self) -> usize {
        self.violations(Invariant::I1).len() + self.violations(Invariant::I16).len()
    }

    /// All other violations.
    #[must_use]
    pub fn wrong(&self) -> usize {
        let all: usize = self.judgements.iter().map(|judgement| judgement.violations().len()).sum();
        all - self.lost()
    }

    /// Whether nothing was violated. It is no proof that nothing can be.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.lost() + self.wrong() == 0
    }
}

/// What no failure in `n` says about the rate of failures.
#[must_use]
pub fn at_most(n: u64) -> String {
    match n {
        0 => "nothing is known".to_owned(),
        #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
        n => format!("at most {:.2e} (3/{n}) with 95 % confidence", 3.0 / n as f64),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} operations: {} acknowledged, {} refused, {} of unknown outcome",
            self.operations, self.ok, self.refused, self.unknown
        )?;
        writeln!(f, "lost {}, wrong {}", self.lost(), self.wrong())?;
        for judgement in &self.judgements {
            write!(f, "{judgement}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = format!("{:?}", self.invariant);
        match &self.verdict {
            Verdict::Held => {
                writeln!(f, "{name:<4} no violation in {}: {}", self.looked, at_most(self.looked))
            }
            Verdict::NotJudged(why) => writeln!(f, "{name:<4} not judged: {why}"),
            Verdict::Violated(all) => {
                writeln!(f, "{name:<4} VIOLATED {} times in {}", all.len(), self.looked)?;
                for violation in all.iter().take(SHOWN) {
                    writeln!(f, "     {}", violation.message)?;
                }
                match all.len().saturating_sub(SHOWN) {
                    0 => Ok(()),
                    more => writeln!(f, "     and {more} more"),
                }
            }
        }
    }
}
