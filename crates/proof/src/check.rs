//! One thing that was tried, and how it went, for reports: held, failed, or not run, and why. What
//! could not be tried is never counted as held.

use std::fmt;

use serde::Serialize;

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Verdict {
    /// It is as it should be.
    Held,
    /// It is not: what was seen instead.
    Failed(String),
    /// It was not tried, and why.
    NotRun(String),
}

/// One check and its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its stable name.
    pub id: &'static str,
    /// What was to hold, in a sentence.
    pub what: String,
    /// Whether it did.
    pub verdict: Verdict,
    /// What was counted or measured: name and value with its unit.
    pub figures: Vec<(String, String)>,
}

impl Check {
    /// A check that ended so.
    #[must_use]
    pub fn new(id: &'static str, what: impl Into<String>, verdict: Verdict) -> Self {
        Self { id, what: what.into(), verdict, figures: Vec::new() }
    }

    /// A check whose error says what was seen.
    #[must_use]
    pub fn of<T>(id: &'static str, what: impl Into<String>, outcome: &anyhow::Result<T>) -> Self {
        let verdict = match outcome {
            Ok(_) => Verdict::Held,
            Err(error) => Verdict::Failed(format!("{error:#}")),
        };
        Self::new(id, what, verdict)
    }

    /// Adds something that was counted or measured.
    #[must_use]
    pub fn figure(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.figures.push((name.to_owned(), value.to_string()));
        self
    }

    /// Whether it held.
    #[must_use]
    pub fn held(&self) -> bool {
        self.verdict == Verdict::Held
    }

    /// Whether it was tried and did not hold.
    #[must_use]
    pub fn failed(&self) -> bool {
        matches!(self.verdict, Verdict::Failed(_))
    }
}

/// One line: `held     pair-matrix  every step at another process (flows 6)`.
impl fmt::Display for Check {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, why) = match &self.verdict {
            Verdict::Held => ("held", None),
            Verdict::Failed(why) => ("FAILED", Some(why)),
            Verdict::NotRun(why) => ("not run", Some(why)),
        };
        write!(out, "{word:<8} {:<20} {}", self.id, self.what)?;
        if !self.figures.is_empty() {
            let figures: Vec<_> =
                self.figures.iter().map(|(name, value)| format!("{name} {value}")).collect();
            write!(out, " ({})", figures.join(", "))?;
        }
        match why {
            Some(why) => write!(out, ": {}", why.replace('\n', " | ")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_one_line_that_says_what_was_seen() {
        let check = Check::new("x", "it holds", Verdict::Failed("one\ntwo".to_owned()));
        let line = check.figure("tries", 3).to_string();
        assert_eq!(line, "FAILED   x                    it holds (tries 3): one | two");
    }

    #[test]
    fn what_was_not_run_has_neither_held_nor_failed() {
        let check = Check::new("x", "it holds", Verdict::NotRun("no rights".to_owned()));
        assert!(!check.held() && !check.failed());
        assert!(check.to_string().starts_with("not run "));
    }

    #[test]
    fn an_error_is_told_with_its_causes() {
        let outcome: anyhow::Result<()> = Err(anyhow::anyhow!("cause").context("effect"));
        let check = Check::of("x", "it holds", &outcome);
        assert_eq!(check.verdict, Verdict::Failed("effect: cause".to_owned()));
    }
}
