//! A load on some processes, with or without harm meanwhile, and what the checker says of it.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::checker::{Circumstances, Fault, Report, check};
use crate::generator::{Generator, Plan};
use crate::history::Nanos;
use crate::server::Tokenhouse;

/// What a detector saw.
#[derive(Debug)]
pub(super) struct Trial {
    /// How much was asked.
    pub(super) operations: usize,
    /// What must not be, if it was seen.
    pub(super) wrong: Option<String>,
}

impl Trial {
    /// What the checker found: by which invariant, and the first violation of it.
    pub(super) fn of(report: &Report) -> Result<Self> {
        ensure!(report.operations > 0, "nothing was asked");
        let wrong = report.judgements.iter().find_map(|judgement| {
            let first = judgement.violations().first()?;
            Some(format!("{:?}, {}", judgement.invariant, first.message))
        });
        Ok(Self { operations: report.operations, wrong })
    }
}

/// How hard a detector asks.
#[derive(Clone, Copy)]
pub(super) struct Load {
    pub(super) seed: u64,
    pub(super) rate: u32,
    pub(super) users: u32,
    pub(super) lasts: Duration,
}

impl Load {
    /// Enough for every kind of operation to be asked in every state.
    pub(super) const USUAL: Self =
        Self { seed: 11, rate: 150, users: 8, lasts: Duration::from_secs(3) };
}

/// Asks the processes while `harm` is done; it says in which spans errors are to be expected.
pub(super) async fn judge(
    processes: &[&Tokenhouse],
    load: Load,
    harm: impl Future<Output = Result<Vec<Fault>>>,
) -> Result<Trial> {
    let addresses: Vec<SocketAddr> = processes.iter().map(|process| process.addr()).collect();
    let plan = Plan {
        addresses,
        host: None,
        seed: load.seed,
        rate: load.rate,
        users: load.users,
        duration: load.lasts,
        deadline: Duration::from_secs(15),
    };
    let generator = Generator::new(plan, None);
    let ((), faults) = tokio::join!(generator.run(), harm);
    let circumstances = Circumstances { faults: Some(faults?), ..Circumstances::default() };
    Trial::of(&check(&generator.history(), &circumstances))
}

/// No harm.
pub(super) async fn peace() -> Result<Vec<Fault>> {
    Ok(Vec::new())
}

/// How long after a fault a process may still find connections dead.
const RECOVERY: Duration = Duration::from_millis(400);

/// The span in which `harm` was done, recovery included.
pub(super) async fn during(harm: impl Future<Output = Result<()>>) -> Result<Vec<Fault>> {
    let from = Nanos::now();
    harm.await?;
    tokio::time::sleep(RECOVERY).await;
    Ok(vec![Fault { from, to: Nanos::now() }])
}
