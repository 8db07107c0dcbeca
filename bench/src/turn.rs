//! One turn of reads: requests a second, latency, and processor time of server, database and generator
//! for each.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;

use crate::load::{Asking, Crowd, Outcome};
use crate::meter;
use crate::plan::Plan;

/// As many connections as the figures say.
pub(crate) const CONNECTIONS: usize = 64;

/// What is measured beside the answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Metered {
    pub(crate) server: u32,
    /// The postmaster, if there is one.
    pub(crate) database: Option<u32>,
}

/// What one turn gave.
pub(crate) struct Turn {
    pub(crate) outcome: Outcome,
    /// Microseconds of processor time for each answer.
    pub(crate) server: f64,
    pub(crate) database: f64,
    /// That of the load generator.
    pub(crate) client: f64,
}

/// A warm-up, then a closed loop over so many connections with meters read before and after.
pub(crate) fn metered(
    plan: &Plan,
    addr: SocketAddr,
    asking: &mut impl Asking,
    connections: usize,
    metered: Metered,
) -> Result<Turn> {
    tokio::task::block_in_place(|| {
        let mut crowd = Crowd::connect(&[addr], connections)?;
        crowd.closed(asking, plan.warm_up())?.flawless()?;
        let read = || -> Result<[Duration; 3]> {
            let database = metered.database.map_or(Ok(Duration::ZERO), meter::cpu)?;
            Ok([meter::cpu(metered.server)?, database, meter::this_thread()])
        };
        let before = read()?;
        let outcome = crowd.closed(asking, plan.turn)?.flawless()?;
        let after = read()?;
        let each =
            |index: usize| (after[index] - before[index]).as_secs_f64() * 1e6 / outcome.good as f64;
        Ok(Turn { server: each(0), database: each(1), client: each(2), outcome })
    })
}

/// Requests a second alone.
pub(crate) fn per_second(
    plan: &Plan,
    addr: SocketAddr,
    asking: &mut impl Asking,
    connections: usize,
) -> Result<Outcome> {
    tokio::task::block_in_place(|| {
        let mut crowd = Crowd::connect(&[addr], connections)?;
        crowd.closed(asking, plan.warm_up())?.flawless()?;
        crowd.closed(asking, plan.turn)?.flawless()
    })
}
