//! One point of a curve: a closed loop for cost and speed, then a moderate fixed rate for latency.

use std::sync::Arc;

use anyhow::{Context, Result};

use super::curve::Point;
use crate::figure::Latency;
use crate::fill::People;
use crate::ground::Ground;
use crate::load::{Arrivals, Crowd, Ending, Outcome, Reads};
use crate::server::Server;
use crate::stats;
use crate::turn::{self, Metered};

/// Reads a second at which latency is measured.
const RATE: f64 = 1000.0;

/// What is the same for all rounds of a point.
pub(super) struct Subject<'a> {
    pub(super) server: &'a Server,
    /// The postmaster, if there is one.
    pub(super) database: Option<u32>,
    pub(super) people: &'a Arc<People>,
    pub(super) connections: usize,
    /// Latency at a fixed rate; without, that of the closed loop.
    pub(super) paced: bool,
}

impl Subject<'_> {
    /// The medians of all rounds.
    pub(super) fn measure(&self, ground: &Ground, at: u32) -> Result<Point> {
        let mut reads = Reads::of(self.people);
        let rounds = (0..ground.plan.rounds)
            .map(|_| self.round(ground, &mut reads))
            .collect::<Result<Vec<[f64; 5]>>>()?;
        let median = |index: usize| {
            let values: Vec<f64> = rounds.iter().map(|round| round[index]).collect();
            stats::median(&values).context("no round")
        };
        Ok(Point {
            at,
            per_second: median(0)?,
            server: median(1)?,
            database: median(2)?,
            p50: median(3)?,
            p99: median(4)?,
        })
    }

    fn round(&self, ground: &Ground, reads: &mut Reads) -> Result<[f64; 5]> {
        let (plan, addr) = (&ground.plan, self.server.addr());
        let metered = Metered { server: self.server.pid(), database: self.database };
        let turn = turn::metered(plan, addr, reads, self.connections, metered)?;
        let paced = if self.paced { Some(self.paced(ground, reads)?) } else { None };
        let latency = Latency::of("", &paced.as_ref().unwrap_or(&turn.outcome).latency);
        Ok([turn.outcome.per_second(), turn.server, turn.database, latency.p50, latency.p99])
    }

    fn paced(&self, ground: &Ground, reads: &mut Reads) -> Result<Outcome> {
        let arrivals =
            Arrivals { rate: RATE, turn: ground.plan.turn, most: 1000, ending: Ending::Await };
        tokio::task::block_in_place(|| {
            Crowd::connect(&[self.server.addr()], self.connections)?
                .open(reads, arrivals)?
                .flawless()
        })
    }
}
