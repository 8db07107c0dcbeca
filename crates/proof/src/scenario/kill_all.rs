//! F3: all processes are killed at the same instant and started again.

use std::time::Duration;

use super::drive::drive;
use super::probe::Probe;
use super::stage::{Setup, Stage};
use super::{Scenario, ran};
use crate::history::Nanos;

const EVERY: Duration = Duration::from_secs(3);

pub(super) const SCENARIO: Scenario = Scenario {
    id: "F3",
    fault: "kill -9 of all processes at once",
    allowed: "until they are ready again",
    target: "lost 0",
    seconds: (14, 75),
    play: |ctx| {
        Box::pin(async move {
            let mut stage = Stage::start(Setup::default()).await?;
            let probe = Probe::register(stage.balancer.addr()).await?;
            let played = drive(ctx, &mut stage, ctx.load(), async |stage, book| {
                let addrs: Vec<_> = stage.places.iter().map(super::place::Place::addr).collect();
                let mut turn = tokio::time::interval(EVERY);
                for _ in 0..ctx.times(3, 20) {
                    turn.tick().await;
                    let window = book.fault("kill -9 of all");
                    book.count(stage.places.len() as u64 - 1);
                    let killed = Nanos::now();
                    for place in &mut stage.places {
                        place.kill9().await?;
                    }
                    stage.start_places(0..addrs.len()).await?;
                    for answered in probe.first_answers(&addrs).await? {
                        book.recovered(answered.since(killed));
                    }
                    stage.balanced().await?;
                    book.over(window);
                }
                Ok(())
            });
            ran(played.await?)
        })
    },
};
