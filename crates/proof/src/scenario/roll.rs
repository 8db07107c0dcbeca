//! F2: every process is asked to end and replaced, one after the other, round after round. Nobody may
//! notice: a process says that it leaves, is given no more, finishes what it has, and goes.

use super::drive::drive;
use super::stage::{LONG, Setup, Stage};
use super::{Scenario, ran};
use crate::haproxy::Health;

pub(super) const SCENARIO: Scenario = Scenario {
    id: "F2",
    fault: "rolling SIGTERM through all processes",
    allowed: "none",
    target: "0 failed requests (20 rounds in the long form)",
    seconds: (14, 110),
    play: |ctx| {
        Box::pin(async move {
            let setup = Setup { places: 3, running: 3, ..Setup::default() };
            let mut stage = Stage::start(setup).await?;
            let played = drive(ctx, &mut stage, ctx.load(), async |stage, book| {
                let rounds = ctx.times(2, 20);
                for _ in 0..rounds {
                    for (number, place) in stage.places.iter_mut().enumerate() {
                        book.harmless(format!("SIGTERM {}", place.name));
                        place.drain().await?;
                        place.start().await?;
                        stage.balancer.wait_for(number, Health::Up, LONG).await?;
                    }
                }
                book.figure("rolling restarts of all processes", rounds.to_string());
                Ok(())
            });
            let mut played = played.await?;
            let failed = played.report.unknown;
            played.notes.targets.push(super::book::Target {
                what: "failed requests".to_owned(),
                wanted: "0".to_owned(),
                measured: failed.to_string(),
                met: failed == 0,
            });
            ran(played)
        })
    },
};
