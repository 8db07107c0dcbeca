//! F5: PostgreSQL ends in each of its three ways and comes back. The processes go on; no one of them is
//! restarted, and each has to serve as soon as the database does.

use std::time::Duration;

use anyhow::Result;

use super::book::Book;
use super::drive::drive;
use super::place::Place;
use super::probe::{Probe, accepts};
use super::stage::{Setup, Stage};
use super::{Context, Scenario, ran};
use crate::postgres::StopMode;

pub(super) const WITHIN: Duration = Duration::from_millis(500);
const PAUSE: Duration = Duration::from_secs(1);
const MODES: [(StopMode, &str); 3] = [
    (StopMode::Fast, "stopped fast"),
    (StopMode::Immediate, "stopped immediately"),
    (StopMode::Kill, "killed with SIGKILL"),
];

pub(super) const SCENARIO: Scenario = Scenario {
    id: "F5",
    fault: "PostgreSQL stopped fast, immediately, by kill -9",
    allowed: "the outage",
    target: "first 200 from each process within 500 ms after PostgreSQL accepts",
    seconds: (16, 100),
    play: |ctx| {
        Box::pin(async move {
            let mut stage = Stage::start(Setup::default()).await?;
            let probe = Probe::register(stage.balancer.addr()).await?;
            let played = drive(ctx, &mut stage, ctx.load(), async |stage, book| {
                for _ in 0..ctx.times(1, 8) {
                    for (mode, how) in MODES {
                        outage(stage, book, &probe, mode, how).await?;
                        tokio::time::sleep(PAUSE).await;
                    }
                }
                every_process_recovered(ctx, book);
                Ok(())
            });
            ran(played.await?)
        })
    },
};

async fn outage(
    stage: &mut Stage,
    book: &Book,
    probe: &Probe,
    mode: StopMode,
    how: &str,
) -> Result<()> {
    let addrs: Vec<_> = stage.places.iter().map(Place::addr).collect();
    let window = book.fault(format!("PostgreSQL {how}"));
    stage.cluster.stop(mode).await?;
    let direct = stage.direct.clone();
    let (started, accepted, answered) =
        tokio::join!(stage.cluster.start_again(), accepts(&direct), probe.first_answers(&addrs));
    started?;
    let accepted = accepted?;
    for answered in answered? {
        book.recovered(answered.since(accepted));
    }
    book.over(window);
    Ok(())
}

/// The slowest process decides, in the short form that of the best outage.
pub(super) fn every_process_recovered(ctx: &Context, book: &Book) {
    let recoveries = book.read().recoveries;
    let slowest: Vec<Duration> =
        recoveries.chunks(4).filter_map(|outage| outage.iter().max().copied()).collect();
    let took = match ctx.quick {
        true => slowest.iter().min(),
        false => slowest.iter().max(),
    };
    let took = took.copied().unwrap_or(Duration::MAX);
    let measured = format!("{} ms", took.as_millis());
    book.target("first 200 of the last process", "≤ 500 ms", measured, took <= WITHIN);
}
