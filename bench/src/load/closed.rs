//! A closed loop: every connection asks again as soon as it is answered, so the server is as busy as so
//! many connections can make it.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::asking::Asking;
use super::crowd::Crowd;
use super::outcome::Outcome;

impl Crowd {
    /// Keeps every connection asking for so long, then waits for the answers under way.
    pub(crate) fn closed(&mut self, asking: &mut impl Asking, turn: Duration) -> Result<Outcome> {
        let began = Instant::now();
        self.repeat(asking, |_| began.elapsed() < turn)
    }

    /// Keeps every connection asking until so many requests were sent.
    pub(crate) fn count(&mut self, asking: &mut impl Asking, requests: u64) -> Result<Outcome> {
        self.repeat(asking, |sent| sent < requests)
    }

    fn repeat(
        &mut self,
        asking: &mut impl Asking,
        goes_on: impl Fn(u64) -> bool,
    ) -> Result<Outcome> {
        let mut outcome = Outcome::new()?;
        let began = Instant::now();
        let mut sent = 0;
        for number in 0..self.connections.len() {
            if goes_on(sent) {
                self.ask(number, asking, Instant::now())?;
                sent += 1;
            }
        }
        while self.busy > 0 {
            let events = self.wait(None)?;
            for event in &events {
                let number = usize::try_from(event.data.u64())?;
                if self.hear(number, asking, &mut outcome)? && goes_on(sent) {
                    self.ask(number, asking, Instant::now())?;
                    sent += 1;
                }
            }
            self.waited(events);
        }
        outcome.elapsed = began.elapsed();
        Ok(outcome)
    }
}
