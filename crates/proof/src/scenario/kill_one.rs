//! F1: one of the processes is killed, again and again, and started again at once, as any supervisor of
//! services does.

use std::time::Duration;

use super::book::Book;
use super::drive::drive;
use super::probe::Probe;
use super::stage::{LONG, Setup, Stage};
use super::{Context, Scenario, ran};
use crate::generator::Random;
use crate::haproxy::Health;
use crate::history::Nanos;

const EVERY: Duration = Duration::from_secs(2);
const WITHIN: Duration = Duration::from_millis(100);

pub(super) const SCENARIO: Scenario = Scenario {
    id: "F1",
    fault: "kill -9 of one of 4 processes, every 2 s",
    allowed: "requests in flight in that process",
    target: "replaced and answering within 100 ms",
    seconds: (14, 100),
    play: |ctx| {
        Box::pin(async move {
            let mut stage = Stage::start(Setup::default()).await?;
            let probe = Probe::register(stage.balancer.addr()).await?;
            let mut random = Random::new(ctx.seed);
            let played = drive(ctx, &mut stage, ctx.load(), async |stage, book| {
                let mut turn = tokio::time::interval(EVERY);
                for _ in 0..ctx.times(4, 45) {
                    turn.tick().await;
                    let number = usize::try_from(random.below(stage.places.len() as u64))?;
                    let place = &mut stage.places[number];
                    let window = book.fault(format!("kill -9 {}", place.name));
                    let killed = Nanos::now();
                    place.kill9().await?;
                    place.start().await?;
                    let answered = probe.first_answer(place.addr()).await?;
                    book.recovered(answered.since(killed));
                    stage.balancer.wait_for(number, Health::Up, LONG).await?;
                    book.over(window);
                }
                judge(ctx, book);
                Ok(())
            });
            ran(played.await?)
        })
    },
};

/// Whether who was killed was replaced in time.
pub(super) fn judge(ctx: &Context, book: &Book) {
    let took = ctx.decisive(&book.read().recoveries).unwrap_or(Duration::MAX);
    let measured = format!("{} ms", took.as_millis());
    let most = ctx.bound(WITHIN);
    let wanted = format!("< {} ms", most.as_millis());
    book.target("killed, replaced, answering", &wanted, measured, took < most);
}
