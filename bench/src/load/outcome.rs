//! What a turn of load saw.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, ensure};
use hdrhistogram::Histogram;

/// Latencies are counted up to a minute, in microseconds, to three digits.
const LONGEST: u64 = 60_000_000;
/// How many texts of wrong answers are kept.
const SHOWN: usize = 3;

/// Counts and latencies of one turn.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// Answers that were what was asked for.
    pub(crate) good: u64,
    /// Answers that were not.
    pub(crate) wrong: u64,
    /// Requests that were due but found no connection.
    pub(crate) unsent: u64,
    /// Answers by status.
    pub(crate) statuses: BTreeMap<u16, u64>,
    /// Microseconds until the answer, wrong ones included.
    pub(crate) latency: Histogram<u64>,
    /// Microseconds between the instant a request was due and its sending; of an open loop.
    pub(crate) late: Histogram<u64>,
    /// How long the turn took.
    pub(crate) elapsed: Duration,
    shown: Vec<String>,
}

impl Outcome {
    pub(super) fn new() -> Result<Self> {
        let empty = Histogram::new_with_bounds(1, LONGEST, 3)?;
        Ok(Self {
            good: 0,
            wrong: 0,
            unsent: 0,
            statuses: BTreeMap::new(),
            late: empty.clone(),
            latency: empty,
            elapsed: Duration::ZERO,
            shown: Vec::new(),
        })
    }

    pub(super) fn count(&mut self, took: Duration, status: u16, judged: Result<(), String>) {
        self.latency.saturating_record(micros(took));
        *self.statuses.entry(status).or_default() += 1;
        match judged {
            Ok(()) => self.good += 1,
            Err(text) => {
                self.wrong += 1;
                if self.shown.len() < SHOWN {
                    self.shown.push(text);
                }
            }
        }
    }

    pub(super) fn lateness(&mut self, late: Duration) {
        self.late.saturating_record(micros(late));
    }

    /// The same, if nothing went wrong: a figure with failures in it is none.
    pub(crate) fn flawless(self) -> Result<Self> {
        let Self { wrong, unsent, shown, .. } = &self;
        ensure!(*wrong == 0, "{wrong} wrong answers: {}", shown.join("; "));
        ensure!(*unsent == 0, "{unsent} requests found no connection");
        ensure!(self.good > 0, "nothing was answered");
        Ok(self)
    }

    /// Good answers a second.
    pub(crate) fn per_second(&self) -> f64 {
        let good = self.good as f64;
        good / self.elapsed.as_secs_f64()
    }
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}
