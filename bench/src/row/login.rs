//! Row 3: how much of the machine's hashing logins turn into logins.

use anyhow::Result;
use hdrhistogram::Histogram;
use tokenhouse_store::Engine;

use super::name;
use crate::figure::{Bar, Figure, Latency};
use crate::ground::Ground;
use crate::load::Logins;
use crate::plan::Plan;
use crate::server::{Server, shipped};
use crate::stats;
use crate::table::Table;
use crate::turn::{self, Metered};
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
    /// Microseconds of processor time for each login.
    in_server: Vec<f64>,
    in_database: Vec<f64>,
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
            in_server: Vec::new(),
            in_database: Vec::new(),
            latency: Histogram::new(3)?,
        })
    }

    fn turn(&mut self, plan: &Plan, at_once: usize, database: u32) -> Result<()> {
        let metered = Metered { server: self.server.pid(), database: Some(database) };
        let turn = turn::metered(plan, self.server.addr(), &mut self.logins, at_once, metered)?;
        self.per_second.push(turn.outcome.per_second());
        self.in_server.push(turn.server);
        self.in_database.push(turn.database);
        self.latency.add(&turn.outcome.latency)?;
        Ok(())
    }

    fn tell(self, yardstick: Vec<f64>, at_once: usize, table: &mut Table) {
        let title = format!("`POST /login`, {}", name(self.engine));
        let milliseconds = |values| stats::median(values).unwrap_or_default() / 1000.0;
        let mut note = format!(
            "processor time of each: {:.2} ms in the server, its hash included",
            milliseconds(&self.in_server)
        );
        if self.engine == Engine::Postgres {
            note.push_str(&format!(", {:.2} ms in PostgreSQL", milliseconds(&self.in_database)));
        }
        let figure = Figure::new(3, &title, "/s", BAR)
            .rounds(self.per_second)
            .beside("cores ÷ seconds per hash", "/s", yardstick)
            .note(note);
        table.figures.push(figure);
        table.latencies.push(Latency::of(&format!("{title}, {at_once} at once"), &self.latency));
    }
}

pub(super) async fn measure(ground: &Ground, table: &mut Table) -> Result<()> {
    let plan = &ground.plan;
    let cores = std::thread::available_parallelism()?.get();
    let (ours, at_once) = (Ours::start(cores)?, AT_ONCE * cores);
    let mut contenders = [
        Contender::start(ground, Engine::Postgres).await?,
        Contender::start(ground, Engine::Sqlite).await?,
    ];
    let database = ground.postmaster().await?;
    let mut yardstick = Vec::new();
    for _ in 0..plan.rounds {
        yardstick.push(ours.per_second(plan.turn).await?);
        for contender in &mut contenders {
            contender.turn(plan, at_once, database)?;
        }
    }
    for contender in contenders {
        contender.tell(yardstick.clone(), at_once, table);
    }
    Ok(())
}
