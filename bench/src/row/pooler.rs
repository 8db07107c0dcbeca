//! Row 15: what pgbouncer in transaction mode costs, for which statements cannot be prepared. Nothing is
//! asked of it: the same requests straight to PostgreSQL stand beside it.

use anyhow::{Context, Result};
use tokenhouse_proof::postgres::Pooler;
use tokenhouse_store::Engine;

use crate::figure::{Bar, Figure};
use crate::ground::Ground;
use crate::load::Reads;
use crate::server::{Server, shipped};
use crate::table::Table;
use crate::turn::{self, CONNECTIONS};

/// As many as one process opens.
const THROUGH: u16 = 12;

pub(super) async fn measure(ground: &Ground, table: &mut Table) -> Result<()> {
    let plan = &ground.plan;
    let place = ground.place(Engine::Postgres).await?;
    let pooler = Pooler::start(ground.cluster().await?, THROUGH).await?;
    let (_, database) = place.url.rsplit_once('/').context("a URL with a database")?;
    let straight = Server::start(shipped(&place.url)).await?;
    let builder = shipped(&pooler.url(database)).env("TOKENHOUSE_DB_PREPARE", "off");
    let pooled = Server::start(builder).await?;
    let mut reads = Reads::of(&place.people);
    let (mut through, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        let outcome = turn::per_second(plan, straight.addr(), &mut reads, CONNECTIONS)?;
        beside.push(outcome.per_second());
        let outcome = turn::per_second(plan, pooled.addr(), &mut reads, CONNECTIONS)?;
        through.push(outcome.per_second());
    }
    let name = "`GET /data` through pgbouncer in transaction mode, 64 connections";
    let figure = Figure::new(15, name, "/s", Bar::Shown).rounds(through).beside(
        "straight to PostgreSQL",
        "/s",
        beside,
    );
    table.figures.push(figure);
    Ok(())
}
