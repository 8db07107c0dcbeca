//! An open loop: requests come when they come, at a fixed rate, whether or not earlier ones were
//! answered. Latency counts from the instant a request was due, not from when it could be sent, so a
//! server that stalls is not excused from the requests it kept from being asked (coordinated omission).

use std::time::{Duration, Instant};

use anyhow::Result;

use super::asking::Asking;
use super::crowd::Crowd;
use super::outcome::Outcome;

/// When requests come and over how many connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrivals {
    /// Requests a second.
    pub(crate) rate: f64,
    /// For how long.
    pub(crate) turn: Duration,
    /// Connections are opened as they are needed, up to this many.
    pub(crate) most: usize,
    /// What becomes of requests under way at the end.
    pub(crate) ending: Ending,
}

/// How an open loop ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Their answers are waited for.
    Await,
    /// Their clients hang up.
    HangUp,
}

impl Arrivals {
    fn due(&self, began: Instant, number: u64) -> Instant {
        let seconds = number as f64 / self.rate;
        began + Duration::from_secs_f64(seconds)
    }
}

impl Crowd {
    /// Asks at a fixed rate.
    pub(crate) fn open(&mut self, asking: &mut impl Asking, arrivals: Arrivals) -> Result<Outcome> {
        wake_on_time();
        let mut outcome = Outcome::new()?;
        let began = Instant::now();
        let until = began + arrivals.turn;
        let mut idle: Vec<usize> = (0..self.connections.len()).rev().collect();
        let mut sent = 0;
        let mut due = began;
        loop {
            while due < until && due <= Instant::now() {
                let number = match idle.pop() {
                    Some(number) => number,
                    None if self.connections.len() < arrivals.most => self.add()?,
                    None => break,
                };
                outcome.lateness(due.elapsed());
                self.ask(number, asking, due)?;
                sent += 1;
                due = arrivals.due(began, sent);
            }
            let over = due >= until || Instant::now() >= until;
            if over && (self.busy == 0 || arrivals.ending == Ending::HangUp) {
                break;
            }
            let may_send = !idle.is_empty() || self.connections.len() < arrivals.most;
            let events =
                self.wait(if over { None } else { Some(if may_send { due } else { until }) })?;
            for event in &events {
                let number = usize::try_from(event.data.u64())?;
                if self.hear(number, asking, &mut outcome)? {
                    idle.push(number);
                }
            }
            self.waited(events);
        }
        outcome.elapsed = began.elapsed().min(arrivals.turn);
        outcome.unsent = arrivals.expected().saturating_sub(sent);
        Ok(outcome)
    }
}

impl Arrivals {
    /// How many requests fall due.
    fn expected(&self) -> u64 {
        (self.rate * self.turn.as_secs_f64()) as u64
    }
}

/// The kernel may wake a thread 50 µs late to save power, which would count as latency.
fn wake_on_time() {
    // Only the figure's floor is worse without it.
    rustix::thread::set_current_timer_slack(std::num::NonZeroU64::new(1)).ok();
}
