//! F1 with the product's own supervisor: two parents of four processes each, of which one child is killed
//! every second. The parent replaces it.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use futures_util::future::join_all;
use rustix::process::{Signal, kill_process};

use super::drive::drive;
use super::probe::Probe;
use super::stage::{LONG, Setup, Stage};
use super::{Scenario, kill_one, ran};
use crate::generator::Random;
use crate::haproxy::Health;
use crate::history::Nanos;
use crate::http::Client;
use crate::process::children_of;
use crate::server::Ready;

const EVERY: Duration = Duration::from_secs(1);

pub(super) const SCENARIO: Scenario = Scenario {
    id: "F1s",
    fault: "kill -9 of one of 2 × 4 processes under supervisors, every second",
    allowed: "requests in flight in that process",
    target: "replaced and answering within 100 ms",
    seconds: (10, 70),
    play: |ctx| {
        Box::pin(async move {
            let setup = Setup {
                places: 2,
                running: 2,
                adjust: |builder| builder.arg("--processes").arg("4"),
                ..Setup::default()
            };
            let mut stage = Stage::start(setup).await?;
            let probe = Probe::register(stage.balancer.addr()).await?;
            let mut random = Random::new(ctx.seed);
            let played = drive(ctx, &mut stage, ctx.load(), async |stage, book| {
                let mut turn = tokio::time::interval(EVERY);
                for _ in 0..ctx.times(4, 55) {
                    turn.tick().await;
                    let window = book.fault("kill -9 of one child");
                    book.recovered(kill_a_child(stage, &probe, &mut random).await?);
                    for number in 0..stage.places.len() {
                        stage.balancer.wait_for(number, Health::Up, LONG).await?;
                    }
                    book.over(window);
                }
                kill_one::judge(ctx, book);
                Ok(())
            });
            ran(played.await?)
        })
    },
};

/// From the signal to the first answer of the process that came in its place.
async fn kill_a_child(stage: &Stage, probe: &Probe, random: &mut Random) -> Result<Duration> {
    let number = usize::try_from(random.below(stage.places.len() as u64))?;
    let parent = stage.places[number].server().context("nobody is here")?;
    let children = children_of(parent.pid())?;
    let child = children[usize::try_from(random.below(children.len() as u64))?];
    let mark = parent.stdout().mark();
    let killed = Nanos::now();
    kill_process(child, Signal::KILL)?;
    let new = parent.stdout().wait_from(mark, LONG, Ready::of_process).await?;
    // The four share a socket: several are asked at once, so that the new one is among them.
    let client = Client::fresh(parent.addr());
    loop {
        let asked = (0..12).map(|_| client.get("/data").bearer(probe.token()).send());
        let answers = join_all(asked).await.into_iter().flatten();
        let mut by_it = answers.filter(|answer| answer.process() == new.process.as_deref());
        if by_it.any(|answer| answer.status == 200) {
            return Ok(Nanos::now().since(killed));
        }
        ensure!(Nanos::now().since(killed) < LONG, "it never answers");
    }
}
