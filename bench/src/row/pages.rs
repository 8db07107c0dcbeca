//! Row 16: what pages cost: the sign-in page, which needs no database, and the account of somebody who is
//! signed in, each time another person's.

use anyhow::Result;
use tokenhouse_store::Engine;

use crate::figure::{Bar, Figure, Latency};
use crate::ground::Ground;
use crate::load::{Accounts, Asking, SignIns};
use crate::server::{Server, shipped};
use crate::table::Table;
use crate::turn::{self, CONNECTIONS, Metered};

/// Two milliseconds are what a page may take of a processor.
const SERVER: Bar = Bar::AtMost { bar: 2000.0, stretch: 500.0 };

pub(super) async fn measure(ground: &Ground, table: &mut Table) -> Result<()> {
    let place = ground.place(Engine::Sqlite).await?;
    let server = Server::start(shipped(&place.url)).await?;
    let mut accounts = Accounts::of(&place.people);
    page(ground, table, &server, ("sign-in page", &mut SignIns))?;
    page(ground, table, &server, ("account page, SQLite", &mut accounts))
}

fn page(
    ground: &Ground,
    table: &mut Table,
    server: &Server,
    (name, asking): (&str, &mut impl Asking),
) -> Result<()> {
    let plan = &ground.plan;
    let metered = Metered { server: server.pid(), database: None };
    let (mut per_second, mut cost) = (Vec::new(), Vec::new());
    let mut latency = hdrhistogram::Histogram::new(3)?;
    for _ in 0..plan.rounds {
        let turn = turn::metered(plan, server.addr(), asking, CONNECTIONS, metered)?;
        per_second.push(turn.outcome.per_second());
        cost.push(turn.server);
        latency.add(&turn.outcome.latency)?;
    }
    let figure = Figure::new(16, &format!("{name}, 64 connections"), "/s", Bar::Shown);
    table.figures.push(figure.rounds(per_second));
    let figure = Figure::new(16, &format!("server CPU per {name}"), "µs", SERVER);
    table.figures.push(figure.rounds(cost));
    table.latencies.push(Latency::of(&format!("{name}, {CONNECTIONS} connections"), &latency));
    Ok(())
}
