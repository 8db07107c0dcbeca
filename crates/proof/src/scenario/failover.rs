//! F6 and F7: the primary dies and its standby takes over. With synchronous replication nothing that was
//! acknowledged may be gone, also when the standby had been cut off for a while before; with asynchronous
//! replication something has to be, or the checker is no good.

use std::time::Duration;

use anyhow::Result;

use super::book::Book;
use super::database_stop::every_process_recovered;
use super::drive::drive;
use super::pair::{Following, Pair};
use super::place::Place;
use super::probe::{Probe, accepts};
use super::stage::{DATABASE, Setup, Stage};
use super::{Scenario, ran};
use crate::fault_proxy::{Direction, Fate, Link, Reach};
use crate::postgres::StopMode;

const PAUSE: Duration = Duration::from_secs(2);
/// Longer than a process waits for a statement, so that it gives up on commits that wait.
const CUT_OFF: Duration = Duration::from_secs(4);
/// How far the asynchronous standby lags behind.
const LAG: Duration = Duration::from_millis(400);

pub(super) const SYNCHRONOUS: Scenario = Scenario {
    id: "F6",
    fault: "failover to the synchronous standby",
    allowed: "the outage",
    target: "lost 0; first 200 from each process within 500 ms after the new primary accepts",
    seconds: (26, 110),
    play: |ctx| {
        Box::pin(async move {
            // The pair outlives the load: without its standby no commit would ever be acknowledged.
            let (mut stage, mut pair) =
                Pair::start(Following::Synchronous, Setup::default()).await?;
            let probe = Probe::register(stage.balancer.addr()).await?;
            let played = drive(ctx, &mut stage, ctx.load(), async |stage, book| {
                for round in 0..ctx.times(2, 8) {
                    // Every other time the standby was cut off first: commits wait, and none may be
                    // acknowledged that only the primary has.
                    let cut_off = round % 2 == 1;
                    fail_over(stage, &pair, book, &probe, cut_off).await?;
                    pair.succeed(stage).await?;
                    tokio::time::sleep(PAUSE).await;
                }
                every_process_recovered(ctx, book);
                Ok(())
            });
            ran(played.await?)
        })
    },
};

pub(super) const ASYNCHRONOUS: Scenario = Scenario {
    id: "F7",
    fault: "failover to an asynchronous standby that lags 0.4 s, as a control",
    allowed: "the outage, and a loss",
    target: "the checker reports loss",
    seconds: (14, 30),
    play: |ctx| {
        Box::pin(async move {
            let (mut stage, pair) = Pair::start(Following::Asynchronous, Setup::default()).await?;
            let probe = Probe::register(stage.balancer.addr()).await?;
            let played = drive(ctx, &mut stage, ctx.load(), async |stage, book| {
                pair.stream.slow(Direction::Backend, Link { delay: LAG, rate: None });
                tokio::time::sleep(PAUSE).await;
                fail_over(stage, &pair, book, &probe, false).await
            });
            let mut played = played.await?;
            played.must_lose = true;
            ran(played)
        })
    },
};

async fn fail_over(
    stage: &mut Stage,
    pair: &Pair,
    book: &Book,
    probe: &Probe,
    cut_off: bool,
) -> Result<()> {
    let addrs: Vec<_> = stage.places.iter().map(Place::addr).collect();
    let window = match cut_off {
        true => {
            let window = book.fault("the standby is cut off");
            pair.stream.impose(Fate::BlackHole, Reach::All);
            tokio::time::sleep(CUT_OFF).await;
            book.harmless("the primary is killed");
            window
        }
        false => book.fault("the primary is killed"),
    };
    stage.cluster.stop(StopMode::Kill).await?;
    let url = format!("{}?target_session_attrs=read-write", pair.standby.url(DATABASE));
    let (promoted, accepted, answered) =
        tokio::join!(pair.standby.promote(), accepts(&url), probe.first_answers(&addrs));
    promoted?;
    let accepted = accepted?;
    for answered in answered? {
        book.recovered(answered.since(accepted));
    }
    book.over(window);
    Ok(())
}
