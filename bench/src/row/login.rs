//! Row 3: how much of the machine's hashing logins turn into logins.

use anyhow::Result;
use hdrhistogram::Histogram;
use tokenhouse_store::Engine;

use super::name;
use crate::figure::{Bar, Figure, Latency};
use crate::ground::Ground;
use crate::load::Logins;
use crate::server::{Server, shipped};
use crate::table::Table;
use crate::turn;
use crate::yardstick::hash::Ours;

const BAR: Bar = Bar::AtLeast { bar: 0.93, stretch: 0.97 };
/// Logins at once for each core: one is hashed, the others wait for the database or for their turn.
const AT_ONCE: usize = 4;

/// One engine's server and what it did.
struct Contender {
    engine: Engine,
    server: Server,
    logins: Logins,
    per_second: Vec<f64>,
    latency: Histogram<u64>,
}

impl Contender {
    async fn start(ground: &Ground, engine: Engine) -> Result<Self> {
        let place = ground.place(engine).await?;
        Ok(Self {
            engine,
            server: Server::start(shipped(&place.url)).await?,
            logins: Logins::of(&place.people),
            per_second: Vec::new(),
            latency: Histogram::new(3)?,
        })
    }
}

pub(super) async fn measure(ground: &Ground, table: &mut Table) -> Result<()> {
    let plan = &ground.plan;
    let cores = std::thread::available_parallelism()?.get();
    let ours = Ours::start(cores)?;
    let mut contenders = [
        Contender::start(ground, Engine::Postgres).await?,
        Contender::start(ground, Engine::Sqlite).await?,
    ];
    let mut yardstick = Vec::new();
    for _ in 0..plan.rounds {
        yardstick.push(ours.per_second(plan.turn).await?);
        for Contender { server, logins, per_second, latency, .. } in &mut contenders {
            let outcome = turn::per_second(plan, server.addr(), logins, AT_ONCE * cores)?;
            per_second.push(outcome.per_second());
            latency.add(&outcome.latency)?;
        }
    }
    for Contender { engine, per_second, latency, .. } in contenders {
        let title = format!("`POST /login`, {}", name(engine));
        let figure = Figure::new(3, &title, "/s", BAR).rounds(per_second).beside(
            "cores ÷ seconds per hash",
            "/s",
            yardstick.clone(),
        );
        table.figures.push(figure);
        let title = format!("{title}, {} at once", AT_ONCE * cores);
        table.latencies.push(Latency::of(&title, &latency));
    }
    Ok(())
}
