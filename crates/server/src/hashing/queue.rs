//! The queue before the hashing threads. It is bounded in time: who would wait longer than the budget is
//! refused at once, and who waited that long, or gave up, is not hashed for. And in length: a balancer gives
//! a process so many connections, and those on which logins wait are missing for everything else.
//!
//! A place can be taken before there is anything to hash, so that an attempt which would be refused
//! does not trouble the database first: in a flood that is nearly every one.

#![expect(
    clippy::disallowed_types,
    reason = "work in progress: it ends with the requests it belongs to"
)]

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Busy;
use super::work::{Hasher, Work};

/// Seconds per hash that are assumed until some were measured.
const FIRST_GUESS: f64 = 0.02;
/// Most that wait, however quickly they would be served: a quarter of the connections that the shipped
/// `deploy/haproxy.cfg` gives a process. In a flood of logins, reads would wait at the balancer behind them.
const LONGEST: usize = 250;

struct Job {
    work: Work,
    arrived: Instant,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    /// Places that are taken by who has not come yet.
    reserved: usize,
    closed: bool,
    /// Smoothed seconds per hash, to judge how long the queue is in time.
    seconds: f64,
}

pub(super) struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
    permits: usize,
    budget: Duration,
}

impl Queue {
    pub(super) fn new(permits: usize, budget: Duration) -> Self {
        let state = Mutex::new(State { seconds: FIRST_GUESS, ..State::default() });
        Self { state, arrived: Condvar::new(), permits, budget }
    }

    pub(super) fn length(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Lets the threads end.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
    }

    /// Takes a place, if the queue is not too long.
    pub(super) fn reserve(self: &Arc<Self>) -> Result<Reserved, Busy> {
        let mut state = self.lock();
        let waiting = state.waiting.len() + state.reserved;
        let ahead = waiting as f64 / self.permits as f64;
        if waiting >= LONGEST || ahead * state.seconds > self.budget.as_secs_f64() {
            return Err(Busy);
        }
        state.reserved += 1;
        Ok(Reserved(Arc::clone(self)))
    }

    fn push(&self, work: Work) {
        self.lock().waiting.push_back(Job { work, arrived: Instant::now() });
        self.arrived.notify_one();
    }

    /// What a thread does until the queue is closed.
    pub(super) fn work_off(&self, mut hasher: Hasher) {
        while let Some(job) = self.next() {
            let started = Instant::now();
            // Nobody waits for it any more, or waited too long: dropping the job says busy.
            if job.work.is_abandoned() || started.duration_since(job.arrived) > self.budget {
                continue;
            }
            job.work.carry_out(&mut hasher);
            let took = started.elapsed().as_secs_f64();
            let mut state = self.lock();
            state.seconds += (took - state.seconds) * 0.1;
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self
            .arrived
            .wait_while(self.lock(), |state| state.waiting.is_empty() && !state.closed)
            .unwrap_or_else(PoisonError::into_inner);
        state.waiting.pop_front()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the queue; given back by being dropped.
pub(super) struct Reserved(Arc<Queue>);

impl Reserved {
    /// Lines up at it.
    pub(super) fn take(self, work: Work) {
        self.0.push(work);
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        self.0.lock().reserved -= 1;
    }
}
