//! One figure: what was measured, beside what, in how many rounds, and what was asked of it.

use serde::{Deserialize, Serialize};

use crate::stats;

/// With a yardstick that spreads further than this, in per cent, the machine was too noisy to say on
/// which side of a bar a figure lies if its rounds disagree.
const NOISY: f64 = 15.0;
/// With other programs (or other guests of the host) using more than this part of the machine, nothing
/// that is measured in time says anything.
const CROWDED: f64 = 0.1;

/// What is asked of a figure: of its ratio if it has a yardstick, of itself otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Bar {
    AtLeast {
        bar: f64,
        stretch: f64,
    },
    AtMost {
        bar: f64,
        stretch: f64,
    },
    Exactly(f64),
    /// Nothing is asked of it; it is shown beside what it is compared with.
    Shown,
}

/// How a figure stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mark {
    /// Beyond the stretch, or exact.
    Stretch,
    /// Beyond the bar.
    Bar,
    Missed,
    TooNoisy,
    /// The note says why.
    NotRun,
    /// There is no bar.
    Shown,
}

/// What a figure is compared with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Yardstick {
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) rounds: Vec<f64>,
}

/// One figure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Figure {
    pub(crate) row: u8,
    pub(crate) name: String,
    pub(crate) unit: String,
    pub(crate) rounds: Vec<f64>,
    pub(crate) yardstick: Option<Yardstick>,
    /// Where a figure is fitted or a difference: its 95 % interval. It is judged by its worse end.
    pub(crate) interval: Option<[f64; 2]>,
    pub(crate) bar: Bar,
    /// The part of the machine that others used meanwhile; of figures that are measured in time.
    pub(crate) others: Option<f64>,
    pub(crate) note: String,
}

impl Figure {
    pub(crate) fn new(row: u8, name: &str, unit: &str, bar: Bar) -> Self {
        Self {
            row,
            name: name.to_owned(),
            unit: unit.to_owned(),
            rounds: Vec::new(),
            yardstick: None,
            interval: None,
            bar,
            others: None,
            note: String::new(),
        }
    }

    pub(crate) fn rounds(self, rounds: Vec<f64>) -> Self {
        Self { rounds, ..self }
    }

    /// Beside a yardstick that was measured in the same rounds.
    pub(crate) fn beside(self, name: &str, unit: &str, rounds: Vec<f64>) -> Self {
        let yardstick = Yardstick { name: name.to_owned(), unit: unit.to_owned(), rounds };
        Self { yardstick: Some(yardstick), ..self }
    }

    pub(crate) fn within(self, interval: Option<[f64; 2]>) -> Self {
        Self { interval, ..self }
    }

    pub(crate) fn note(self, note: impl Into<String>) -> Self {
        Self { note: note.into(), ..self }
    }

    pub(crate) fn value(&self) -> Option<f64> {
        stats::median(&self.rounds)
    }

    /// What the bar is held against, round by round.
    pub(crate) fn judged(&self) -> Vec<f64> {
        match &self.yardstick {
            Some(yardstick) => stats::ratios(&self.rounds, &yardstick.rounds),
            None => self.rounds.clone(),
        }
    }

    pub(crate) fn mark(&self) -> Mark {
        let judged = self.judged();
        let Some(median) = stats::median(&judged) else { return Mark::NotRun };
        let at = self.interval.map_or(median, |interval| self.bar.worse(interval));
        let mark = self.bar.mark(at);
        if matches!(self.bar, Bar::Exactly(_)) {
            return mark;
        }
        let noise = self.yardstick.as_ref().map_or(&self.rounds, |yardstick| &yardstick.rounds);
        let noisy = stats::spread(noise).is_some_and(|spread| spread > NOISY);
        let reached = |at: f64| self.bar.mark(at) != Mark::Missed;
        let divided = judged.iter().any(|at| reached(*at) != reached(median));
        if self.is_crowded() || noisy && divided && self.interval.is_none() {
            Mark::TooNoisy
        } else {
            mark
        }
    }

    /// Whether others used too much of the machine to tell.
    pub(crate) fn is_crowded(&self) -> bool {
        self.others.is_some_and(|others| others > CROWDED)
    }

    /// Whether noise cannot explain it: an exact figure that is not, or a ratio whose best round is
    /// worse than twice what is asked. Absolute figures belong to a machine and say nothing on another.
    pub(crate) fn is_regression(&self) -> bool {
        let judged = self.judged();
        match self.bar {
            Bar::Exactly(_) => self.mark() != Mark::Stretch,
            Bar::Shown => false,
            _ if self.yardstick.is_none() || self.is_crowded() => false,
            Bar::AtLeast { bar, .. } => judged.iter().all(|at| *at < bar / 2.0),
            Bar::AtMost { bar, .. } => judged.iter().all(|at| *at > bar * 2.0),
        }
    }
}

impl Bar {
    fn mark(self, at: f64) -> Mark {
        let (stretch, bar) = match self {
            Self::AtLeast { bar, stretch } => (at >= stretch, at >= bar),
            Self::AtMost { bar, stretch } => (at <= stretch, at <= bar),
            Self::Exactly(wanted) => (at == wanted, at == wanted),
            Self::Shown => return Mark::Shown,
        };
        if stretch {
            Mark::Stretch
        } else if bar {
            Mark::Bar
        } else {
            Mark::Missed
        }
    }

    fn worse(self, [low, high]: [f64; 2]) -> f64 {
        if matches!(self, Self::AtLeast { .. }) { low } else { high }
    }
}

/// The latencies of one kind of request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Latency {
    pub(crate) name: String,
    pub(crate) answers: u64,
    /// Milliseconds.
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

impl Latency {
    /// Of a histogram of microseconds.
    pub(crate) fn of(name: &str, histogram: &hdrhistogram::Histogram<u64>) -> Self {
        let milliseconds = |micros: u64| micros as f64 / 1000.0;
        Self {
            name: name.to_owned(),
            answers: histogram.len(),
            p50: milliseconds(histogram.value_at_quantile(0.5)),
            p99: milliseconds(histogram.value_at_quantile(0.99)),
            max: milliseconds(histogram.max()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: Bar = Bar::AtMost { bar: 20.0, stretch: 14.0 };

    fn ratio(ours: &[f64], yardstick: &[f64]) -> Figure {
        Figure::new(1, "reads", "/s", Bar::AtLeast { bar: 1.0, stretch: 1.3 })
            .rounds(ours.to_vec())
            .beside("look-ups", "/s", yardstick.to_vec())
    }

    #[test]
    fn a_figure_with_a_yardstick_is_judged_by_the_ratios_of_its_rounds() {
        assert_eq!(ratio(&[140.0, 130.0, 150.0], &[100.0, 100.0, 100.0]).mark(), Mark::Stretch);
        assert_eq!(ratio(&[110.0, 120.0, 100.0], &[100.0, 100.0, 100.0]).mark(), Mark::Bar);
        assert_eq!(ratio(&[90.0, 40.0, 95.0], &[100.0, 50.0, 100.0]).mark(), Mark::Missed);
    }

    #[test]
    fn noise_is_blamed_only_where_rounds_disagree_about_the_bar() {
        let divided = ratio(&[100.0, 90.0, 130.0], &[60.0, 100.0, 140.0]);
        assert_eq!(divided.mark(), Mark::TooNoisy);
        let agreed = ratio(&[80.0, 120.0, 160.0], &[60.0, 100.0, 140.0]);
        assert_eq!(agreed.mark(), Mark::Bar);
        let quiet = ratio(&[101.0, 99.0, 102.0], &[100.0, 100.0, 100.0]);
        assert_eq!(quiet.mark(), Mark::Bar);
    }

    #[test]
    fn on_a_crowded_machine_nothing_measured_in_time_is_judged() {
        let mut figure = ratio(&[40.0], &[100.0]);
        figure.others = Some(0.05);
        assert!(figure.mark() == Mark::Missed && figure.is_regression());
        figure.others = Some(0.3);
        assert!(figure.mark() == Mark::TooNoisy && !figure.is_regression());
    }

    #[test]
    fn an_absolute_figure_is_judged_by_itself_and_an_interval_by_its_worse_end() {
        let figure = Figure::new(7, "CPU", "µs", MOST).rounds(vec![13.0, 14.0, 15.0]);
        assert_eq!(figure.mark(), Mark::Stretch);
        assert_eq!(figure.within(Some([10.0, 15.0])).mark(), Mark::Bar);
        assert_eq!(Figure::new(7, "CPU", "µs", MOST).mark(), Mark::NotRun);
    }

    #[test]
    fn only_exact_figures_and_ratios_far_off_in_every_round_are_regressions() {
        let exact = |found| Figure::new(6, "statements", "", Bar::Exactly(2.0)).rounds(vec![found]);
        assert!(exact(2.5).is_regression() && !exact(2.0).is_regression());
        assert!(ratio(&[40.0, 49.0], &[100.0, 100.0]).is_regression());
        assert!(!ratio(&[40.0, 51.0], &[100.0, 100.0]).is_regression());
        assert!(!Figure::new(7, "CPU", "µs", MOST).rounds(vec![90.0]).is_regression());
    }
}
