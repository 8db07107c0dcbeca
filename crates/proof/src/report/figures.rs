//! Numbers from a history: latencies before, during and after the faults, errors inside and outside their
//! windows, and what happened in each second.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

use crate::checker::Fault;
use crate::history::{History, Nanos, Operation};
use crate::scenario::book::{Mark, Notes};

/// Milliseconds of latency, from the moment that each operation was to be sent.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Latency {
    /// How many operations.
    pub count: u64,
    /// Half of them took no longer.
    pub p50: f64,
    /// All but one in a hundred took no longer.
    pub p99: f64,
    /// The slowest.
    pub max: f64,
}

/// Before the first fault, while errors are allowed, and after the last fault. What lies between two
/// windows belongs to none of them.
#[derive(Clone, Debug, Serialize)]
pub struct Phases {
    /// After all users had registered.
    pub before: Option<Latency>,
    /// From the first mark to the last end of a window.
    pub during: Option<Latency>,
    /// From there on.
    pub after: Option<Latency>,
}

/// Several spans, in milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Spread {
    /// How many.
    pub count: usize,
    /// The shortest.
    pub min: f64,
    /// The one in the middle.
    pub median: f64,
    /// The longest.
    pub max: f64,
}

/// What happened when, in seconds from the first operation.
#[derive(Clone, Debug, Serialize)]
pub struct Timeline {
    /// One for each second.
    pub seconds: Vec<Second>,
    /// What was done.
    pub marks: Vec<(f64, String)>,
    /// When errors were allowed.
    pub windows: Vec<(f64, f64)>,
}

/// One second: operations by the moment that they ended.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Second {
    /// How many were answered, with whatever answer.
    pub answered: u32,
    /// How many had an unknown outcome.
    pub errors: u32,
    /// Milliseconds.
    pub p50: f64,
    /// Milliseconds.
    pub p99: f64,
}

#[expect(clippy::cast_precision_loss, reason = "shown with a few digits")]
fn milliseconds(microseconds: u64) -> f64 {
    microseconds as f64 / 1000.0
}

fn microseconds(operation: &Operation) -> u64 {
    let span = operation.ret.since(operation.intended).as_micros();
    u64::try_from(span).unwrap_or(u64::MAX)
}

impl Latency {
    fn of<'a>(operations: impl Iterator<Item = &'a Operation>) -> Option<Self> {
        let mut spans = Histogram::<u64>::new_with_bounds(1, 600_000_000, 3).ok()?;
        for operation in operations {
            spans.saturating_record(microseconds(operation));
        }
        (!spans.is_empty()).then(|| Self {
            count: spans.len(),
            p50: milliseconds(spans.value_at_quantile(0.5)),
            p99: milliseconds(spans.value_at_quantile(0.99)),
            max: milliseconds(spans.max()),
        })
    }
}

impl Phases {
    pub(super) fn of(history: &History, notes: &Notes, warm: Nanos) -> Self {
        let marks = notes.marks.iter().map(|mark| mark.at);
        let first = marks.clone().chain(notes.windows.iter().map(|window| window.from)).min();
        let last = marks.chain(notes.windows.iter().map(|window| window.to)).max();
        let (first, last) = (first.unwrap_or(Nanos::NEVER), last.unwrap_or(Nanos::NEVER));
        let of = |from: Nanos, to: Nanos| {
            Latency::of(history.operations.iter().filter(move |o| from <= o.intended && o.ret < to))
        };
        Self {
            before: of(warm, first),
            during: Latency::of(
                history.operations.iter().filter(|o| o.ret >= first && o.intended < last),
            ),
            after: of(last, Nanos::NEVER),
        }
    }
}

impl Spread {
    pub(super) fn of(spans: &[Duration]) -> Option<Self> {
        let mut spans: Vec<f64> = spans.iter().map(|span| span.as_secs_f64() * 1000.0).collect();
        spans.sort_by(f64::total_cmp);
        Some(Self {
            count: spans.len(),
            min: *spans.first()?,
            median: spans[spans.len() / 2],
            max: *spans.last()?,
        })
    }
}

/// Errors outside and inside the windows.
pub(super) fn errors(history: &History, windows: &[Fault]) -> (usize, usize) {
    let inside = |operation: &Operation| {
        windows.iter().any(|w| w.from <= operation.ret && w.to >= operation.invoke)
    };
    let unknown = history.operations.iter().filter(|operation| operation.is_unknown());
    let (inside, outside): (Vec<_>, Vec<_>) = unknown.partition(|operation| inside(operation));
    (outside.len(), inside.len())
}

impl Timeline {
    pub(super) fn of(history: &History, notes: &Notes) -> Self {
        let begun = history.operations.iter().map(|operation| operation.invoke).min();
        let begun = begun.unwrap_or_default();
        let after = |at: Nanos| at.since(begun).as_secs_f64();
        let ended = history.operations.iter().map(|operation| operation.ret).max();
        let ended = ended.unwrap_or_default();
        let mut seconds: Vec<Vec<&Operation>> = Vec::new();
        seconds.resize_with(place(after(ended)) + 1, Vec::new);
        for operation in &history.operations {
            seconds[place(after(operation.ret))].push(operation);
        }
        let mark = |mark: &Mark| (after(mark.at), mark.what.clone());
        let window = |window: &Fault| (after(window.from), after(window.to.min(ended)));
        Self {
            seconds: seconds.iter().map(|operations| Second::of(operations)).collect(),
            marks: notes.marks.iter().map(mark).collect(),
            windows: notes.windows.iter().map(window).collect(),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds of one run, never negative"
)]
fn place(seconds: f64) -> usize {
    seconds as usize
}

impl Second {
    fn of(operations: &[&Operation]) -> Self {
        let errors = operations.iter().filter(|operation| operation.is_unknown()).count();
        let latency = Latency::of(operations.iter().copied());
        Self {
            answered: u32::try_from(operations.len() - errors).unwrap_or(u32::MAX),
            errors: u32::try_from(errors).unwrap_or(u32::MAX),
            p50: latency.map_or(0.0, |latency| latency.p50),
            p99: latency.map_or(0.0, |latency| latency.p99),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Kind, OperationId, Outcome, Run, Seen, Trouble, UserNo};

    const SECOND: u64 = 1_000_000_000;

    fn history(operations: &[(u64, u64, Outcome)]) -> History {
        let operation = |(id, (invoke, ret, outcome)): (u64, &(u64, u64, Outcome))| Operation {
            id: OperationId(id),
            kind: Kind::Read { together: None },
            user: UserNo(1),
            session: None,
            process: None,
            intended: Nanos(*invoke),
            invoke: Nanos(*invoke),
            ret: Nanos(*ret),
            outcome: outcome.clone(),
        };
        History {
            run: Run { name: "r".to_owned(), seed: 1 },
            operations: (1..).zip(operations).map(operation).collect(),
        }
    }

    fn ok() -> Outcome {
        Outcome::Ok(Seen::default())
    }

    fn error() -> Outcome {
        Outcome::Unknown(Trouble::Timeout)
    }

    #[test]
    fn an_error_is_inside_a_window_that_it_touches() {
        let history = history(&[
            (1, 2, error()),
            (5, 11, error()),
            (19, 30, error()),
            (21, 30, error()),
            (12, 13, ok()),
        ]);
        let windows = [Fault { from: Nanos(10), to: Nanos(20) }];
        assert_eq!(errors(&history, &windows), (2, 2));
    }

    #[test]
    fn the_timeline_counts_by_the_second_of_the_answer() {
        let history = history(&[
            (SECOND, SECOND + 1_000_000, ok()),
            (SECOND, 2 * SECOND + 1, error()),
            (2 * SECOND, 2 * SECOND + 2_000_000, ok()),
        ]);
        let mark = Mark { at: Nanos(3 * SECOND / 2), what: "a fault".to_owned() };
        let notes = Notes { marks: vec![mark], ..Notes::default() };
        let timeline = Timeline::of(&history, &notes);
        let counts: Vec<_> = timeline.seconds.iter().map(|s| (s.answered, s.errors)).collect();
        assert_eq!(counts, [(1, 0), (1, 1)]);
        assert_eq!(timeline.marks, [(0.5, "a fault".to_owned())]);
    }

    #[test]
    fn latencies_are_told_before_during_and_after() {
        let history = history(&[
            (SECOND, SECOND + 1_000_000, ok()),
            (2 * SECOND, 2 * SECOND + 50_000_000, ok()),
            (4 * SECOND, 4 * SECOND + 2_000_000, ok()),
        ]);
        let window = Fault { from: Nanos(2 * SECOND), to: Nanos(3 * SECOND) };
        let notes = Notes { windows: vec![window], ..Notes::default() };
        let phases = Phases::of(&history, &notes, Nanos(0));
        let max = |phase: Option<Latency>| phase.map(|latency| latency.max.round());
        assert_eq!(max(phases.before), Some(1.0));
        assert_eq!(max(phases.during), Some(50.0));
        assert_eq!(max(phases.after), Some(2.0));
    }
}
