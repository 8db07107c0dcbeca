//! Rows 1, 2, 7 and 8: `GET /data` by people of whom each is met once before any is met again, over 64
//! connections that ask as fast as they are answered.

use anyhow::Result;
use hdrhistogram::Histogram;
use tokenhouse_store::Engine;

use super::name;
use crate::figure::{Bar, Figure, Latency};
use crate::ground::{Ground, Place};
use crate::load::Reads;
use crate::server::{Server, shipped};
use crate::stats;
use crate::table::Table;
use crate::turn::{self, CONNECTIONS, Metered, Turn};
use crate::yardstick::bare::Bare;
use crate::yardstick::pgbench;

const SERVER: Bar = Bar::AtMost { bar: 20.0, stretch: 14.0 };
const DATABASE: Bar = Bar::AtMost { bar: 15.0, stretch: 10.0 };

/// The turns of all rounds.
struct Turns {
    per_second: Vec<f64>,
    server: Vec<f64>,
    database: Vec<f64>,
    client: Vec<f64>,
    latency: Histogram<u64>,
}

impl Turns {
    fn new() -> Result<Self> {
        Ok(Self {
            per_second: Vec::new(),
            server: Vec::new(),
            database: Vec::new(),
            client: Vec::new(),
            latency: Histogram::new(3)?,
        })
    }

    fn add(&mut self, turn: &Turn) -> Result<()> {
        self.per_second.push(turn.outcome.per_second());
        self.server.push(turn.server);
        self.database.push(turn.database);
        self.client.push(turn.client);
        self.latency.add(&turn.outcome.latency)?;
        Ok(())
    }

    fn note(&self, place: &Place) -> String {
        let client = stats::median(&self.client).unwrap_or_default();
        let users = place.people.count();
        format!("{users} distinct users in turn; the load generator used {client:.1} µs for each")
    }

    fn tell(&self, engine: Engine, table: &mut Table) {
        let engine = name(engine);
        let server = format!("server CPU per `GET /data`, {engine}");
        table.figures.push(Figure::new(7, &server, "µs", SERVER).rounds(self.server.clone()));
        let latency =
            format!("`GET /data`, {engine}, {CONNECTIONS} connections, as fast as it goes");
        table.latencies.push(Latency::of(&latency, &self.latency));
    }
}

pub(super) async fn on_postgres(ground: &Ground, table: &mut Table) -> Result<()> {
    let plan = &ground.plan;
    let cluster = ground.with_pgbench().await?;
    let place = ground.place(Engine::Postgres).await?;
    let server = Server::start(shipped(&place.url)).await?;
    let metered = Metered { server: server.pid(), database: Some(ground.postmaster().await?) };
    let mut reads = Reads::of(&place.people);
    let (mut turns, mut yardstick) = (Turns::new()?, Vec::new());
    for _ in 0..plan.rounds {
        yardstick.push(pgbench::per_second(cluster, plan.turn).await?);
        turns.add(&turn::metered(plan, server.addr(), &mut reads, CONNECTIONS, metered)?)?;
    }
    let bar = Bar::AtLeast { bar: 1.0, stretch: 1.3 };
    let figure = Figure::new(1, "`GET /data`, PostgreSQL, 64 connections", "/s", bar)
        .rounds(turns.per_second.clone())
        .beside("`pgbench -S -M prepared -c 32`", "/s", yardstick)
        .note(turns.note(place));
    table.figures.push(figure);
    turns.tell(Engine::Postgres, table);
    let figure = Figure::new(8, "PostgreSQL CPU per `GET /data`, 64 connections", "µs", DATABASE)
        .rounds(turns.database);
    table.figures.push(figure);
    Ok(())
}

pub(super) async fn on_sqlite(ground: &Ground, table: &mut Table) -> Result<()> {
    let plan = &ground.plan;
    let place = ground.place(Engine::Sqlite).await?;
    let server = Server::start(shipped(&place.url)).await?;
    let metered = Metered { server: server.pid(), database: None };
    let (bare, mut same) = Bare::like(&place.people, ground.content().await?)?;
    let mut reads = Reads::of(&place.people);
    let (mut turns, mut yardstick) = (Turns::new()?, Vec::new());
    for _ in 0..plan.rounds {
        let outcome = turn::per_second(plan, bare.addr(), &mut same, CONNECTIONS)?;
        yardstick.push(outcome.per_second());
        turns.add(&turn::metered(plan, server.addr(), &mut reads, CONNECTIONS, metered)?)?;
    }
    let bar = Bar::AtLeast { bar: 0.5, stretch: 0.7 };
    let figure = Figure::new(2, "`GET /data`, SQLite, 64 connections", "/s", bar)
        .rounds(turns.per_second.clone())
        .beside("bare axum route, same answer", "/s", yardstick)
        .note(turns.note(place));
    table.figures.push(figure);
    turns.tell(Engine::Sqlite, table);
    Ok(())
}
