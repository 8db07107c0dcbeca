//! The faults by name: what each of them does to a deployment under load, which errors it may cause and
//! for how long, and which figures have to be met. One small file per fault or family of faults.
//!
//! How a scenario is carried out is in [`drive`], on what in [`stage`], what is noted in [`book`]. What
//! becomes of the results is left to [`crate::prove`].

pub mod aftermath;
pub mod book;
pub mod drive;
pub mod live;
pub mod locker;
pub mod place;
pub mod probe;
pub mod stage;

mod abuse;
mod by_hand;
mod clocks;
mod cold_start;
mod database_stop;
mod descriptors;
mod failover;
mod flood;
mod kill_all;
mod kill_one;
mod pair;
mod pooler;
mod roll;
mod rotation;
mod scaling;
mod slow_database;
mod small_disk;
mod split;
mod supervised;
mod throttle;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use futures_util::future::LocalBoxFuture;

pub use drive::{Load, Ran, Resolved};
pub use live::Live;

/// How a scenario is carried out this time.
#[derive(Clone, Debug)]
pub struct Context {
    /// What the load and the choices of the faults are made from.
    pub seed: u64,
    /// The short form: less of everything, and a target that is a time is met by the best of the rounds,
    /// since noise only ever adds.
    pub quick: bool,
    /// How much longer than usual the long form is.
    pub stretch: f64,
    /// What whoever watches is told.
    pub live: Arc<Live>,
}

impl Context {
    /// How often something is done, in the short form and in the long one.
    #[must_use]
    pub fn times(&self, quick: u32, full: u32) -> u32 {
        if self.quick {
            return quick;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small positive number"
        )]
        let times = (f64::from(full) * self.stretch).round() as u32;
        times.max(1)
    }

    /// The usual load: modest in the short form, so that a busy machine can carry it.
    #[must_use]
    pub fn load(&self) -> Load {
        match self.quick {
            true => Load { rate: 120, users: 24, undisturbed: Duration::from_millis(1500) },
            false => Load { rate: 750, users: 120, undisturbed: Duration::from_secs(6) },
        }
    }

    /// What a span may be: in the short form, which shares its machine with whatever else a test run does,
    /// twice the target.
    #[must_use]
    pub fn bound(&self, target: Duration) -> Duration {
        if self.quick { 2 * target } else { target }
    }

    /// Of several spans the one that has to meet a target.
    #[must_use]
    pub fn decisive(&self, spans: &[Duration]) -> Option<Duration> {
        let mut sorted = spans.to_vec();
        sorted.sort_unstable();
        sorted.get(if self.quick { 0 } else { sorted.len() / 2 }).copied()
    }
}

/// What came of a scenario.
#[derive(Debug)]
pub enum Outcome {
    /// It was carried out; whether it went well is in there.
    Ran(Box<Ran>),
    /// It was not, and why.
    NotRun(String),
}

/// How a scenario is carried out.
type Play = for<'a> fn(&'a Context) -> LocalBoxFuture<'a, Result<Outcome>>;

/// A named scenario.
#[derive(Clone, Copy)]
pub struct Scenario {
    /// Such as `F1`.
    pub id: &'static str,
    /// The fault.
    pub fault: &'static str,
    /// Which errors it may cause.
    pub allowed: &'static str,
    /// What has to be met besides: nothing lost, nothing wrong.
    pub target: &'static str,
    /// About how many seconds it takes, in the short form (0: not part of it) and in the long one.
    pub seconds: (u32, u32),
    /// Does it.
    pub play: Play,
}

/// All of them, in the order in which they are played.
pub const ALL: &[Scenario] = &[
    kill_one::SCENARIO,
    supervised::SCENARIO,
    roll::SCENARIO,
    kill_all::SCENARIO,
    database_stop::SCENARIO,
    failover::SYNCHRONOUS,
    failover::ASYNCHRONOUS,
    split::SCENARIO,
    NO_CACHE,
    slow_database::LATENCY,
    slow_database::FSYNC,
    slow_database::DISK_FULL,
    descriptors::SCENARIO,
    clocks::SCENARIO,
    scaling::SCENARIO,
    flood::SCENARIO,
    abuse::SCENARIO,
    cold_start::SCENARIO,
    pooler::SCENARIO,
    throttle::SCENARIO,
    rotation::SCENARIO,
    JOINS_LATER_SCHEMA,
];

const NO_CACHE: Scenario = Scenario {
    id: "F9",
    fault: "optional cache flushed, killed, filled with wrong data",
    allowed: "none",
    target: "no visible change",
    seconds: (0, 0),
    play: |_| Box::pin(async { not_run("there is no cache") }),
};

const JOINS_LATER_SCHEMA: Scenario = Scenario {
    id: "F13",
    fault: "schema N to N+1 while serving, and back",
    allowed: "none",
    target: "",
    seconds: (0, 0),
    play: |_| Box::pin(async { not_run("joins later: the schema has had no second release yet") }),
};

/// A scenario that cannot be carried out here.
fn not_run(why: impl Into<String>) -> Result<Outcome> {
    Ok(Outcome::NotRun(why.into()))
}

/// A scenario that was carried out.
fn ran(ran: Ran) -> Result<Outcome> {
    Ok(Outcome::Ran(Box::new(ran)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(quick: bool) -> Context {
        Context { seed: 1, quick, stretch: 2.0, live: Arc::default() }
    }

    #[test]
    fn the_best_round_decides_in_the_short_form_and_the_middle_one_in_the_long_one() {
        let spans = [30, 10, 20].map(Duration::from_millis);
        assert_eq!(context(true).decisive(&spans), Some(Duration::from_millis(10)));
        assert_eq!(context(false).decisive(&spans), Some(Duration::from_millis(20)));
        assert_eq!(context(true).decisive(&[]), None);
    }

    #[test]
    fn the_long_form_is_stretched_and_the_short_one_is_not() {
        assert_eq!(context(true).times(3, 20), 3);
        assert_eq!(context(false).times(3, 20), 40);
    }

    #[test]
    fn every_fault_of_the_list_has_its_name_once() {
        let mut ids: Vec<_> = ALL.iter().map(|scenario| scenario.id).collect();
        ids.sort_unstable();
        let count = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), count);
        // F4 is not one of them: the cut points have a stage of their own.
        for number in (1..=19).filter(|number| *number != 4) {
            let id = format!("F{number}");
            assert!(ids.contains(&id.as_str()), "{id}");
        }
    }
}
