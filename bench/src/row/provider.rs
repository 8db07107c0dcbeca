//! Rows 17 to 22: what applications ask of the provider, over 32 connections that ask as fast as they are answered,
//! of everybody in turn.

use std::time::Duration;

use anyhow::{Result, ensure};
use hdrhistogram::Histogram;
use tokenhouse_proof::http::Client;
use tokenhouse_proof::server::Builder;
use tokenhouse_store::Engine;

use super::name;
use crate::figure::{Bar, Figure, Latency};
use crate::fill::applications::{ISSUER, MACHINE};
use crate::ground::{Ground, Place};
use crate::load::{Asking, Documents, Introspections, Machines, Refreshes, RoundTrips, UserInfos};
use crate::server::{Server, shipped};
use crate::stats;
use crate::table::Table;
use crate::turn::{self, Metered, Turn};
use crate::yardstick::pgbench;

/// As many as other servers were measured with.
pub(super) const CONNECTIONS: usize = 32;
const ENGINES: [Engine; 2] = [Engine::Postgres, Engine::Sqlite];

/// What a kind of request is beside on PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Yardstick {
    /// It reads.
    LookUps,
    /// It writes, and is durable.
    Changes,
    None,
}

/// A kind of request.
struct Kind {
    row: u8,
    name: &'static str,
    /// How many of them a second the best of today's servers answers on two processors with PostgreSQL.
    others: Option<f64>,
    yardstick: Yardstick,
    /// Requests that make one of it.
    requests: f64,
}

impl Kind {
    const fn new(row: u8, name: &'static str, others: Option<f64>, yardstick: Yardstick) -> Self {
        Self { row, name, others, yardstick, requests: 1.0 }
    }
}

/// A server on a place, as shipped, whose keys are made.
pub(super) async fn server(place: &Place) -> Result<Server> {
    server_with(place, |builder| builder).await
}

/// The same, but for what is different about it.
pub(super) async fn server_with(
    place: &Place,
    adjust: impl FnOnce(Builder) -> Builder,
) -> Result<Server> {
    let builder = shipped(&place.url).env("PUBLIC_URL", ISSUER);
    let server = Server::start(adjust(builder)).await?;
    let client = Client::fresh(server.addr());
    let keys = client.get("/oauth2/jwks").deadline(Duration::from_secs(60));
    let answer = keys.send().await?;
    ensure!(answer.status == 200, "no keys: {}", answer.text());
    Ok(server)
}

pub(super) async fn client_credentials(ground: &Ground, table: &mut Table) -> Result<()> {
    let kind = Kind::new(17, "client credentials", Some(1_900.0), Yardstick::LookUps);
    for engine in ENGINES {
        kind.on(ground, engine, &mut Machines(MACHINE), table).await?;
    }
    Ok(())
}

pub(super) async fn refresh(ground: &Ground, table: &mut Table) -> Result<()> {
    let kind = Kind::new(18, "refresh", Some(1_300.0), Yardstick::Changes);
    for engine in ENGINES {
        kind.on(ground, engine, &mut Refreshes::of(ground.granted().await?)?, table).await?;
    }
    Ok(())
}

pub(super) async fn introspection(ground: &Ground, table: &mut Table) -> Result<()> {
    let kind = Kind::new(19, "introspection", Some(5_600.0), Yardstick::LookUps);
    for engine in ENGINES {
        kind.on(ground, engine, &mut Introspections::of(ground.granted().await?), table).await?;
    }
    Ok(())
}

pub(super) async fn user_info(ground: &Ground, table: &mut Table) -> Result<()> {
    let kind = Kind::new(20, "userinfo", Some(5_900.0), Yardstick::LookUps);
    for engine in ENGINES {
        kind.on(ground, engine, &mut UserInfos::of(ground.granted().await?), table).await?;
    }
    Ok(())
}

/// Neither asks the database, so one engine tells as much as the other.
pub(super) async fn documents(ground: &Ground, table: &mut Table) -> Result<()> {
    let kind = Kind::new(21, "metadata and keys by turns", None, Yardstick::None);
    kind.on(ground, Engine::Sqlite, &mut Documents::new(), table).await
}

pub(super) async fn round_trip(ground: &Ground, table: &mut Table) -> Result<()> {
    let kind = Kind::new(22, "sign-in of who is signed in, to tokens", None, Yardstick::Changes);
    let kind = Kind { requests: 2.0, ..kind };
    for engine in ENGINES {
        let people = &ground.provider(engine).await?.people;
        kind.on(ground, engine, &mut RoundTrips::of(people), table).await?;
    }
    Ok(())
}

impl Kind {
    async fn on(
        &self,
        ground: &Ground,
        engine: Engine,
        asking: &mut impl Asking,
        table: &mut Table,
    ) -> Result<()> {
        let place = ground.provider(engine).await?;
        let server = server(place).await?;
        let database = match engine {
            Engine::Postgres => Some(ground.postmaster().await?),
            Engine::Sqlite => None,
        };
        let metered = Metered { server: server.pid(), database };
        let mut turns = Turns::new()?;
        for _ in 0..ground.plan.rounds {
            if engine == Engine::Postgres {
                turns.yardstick.extend(self.yardstick_of(ground).await?);
            }
            let turn = turn::metered(&ground.plan, server.addr(), asking, CONNECTIONS, metered)?;
            turns.add(&turn, self.requests)?;
        }
        self.tell(engine, turns, table);
        Ok(())
    }

    async fn yardstick_of(&self, ground: &Ground) -> Result<Option<f64>> {
        let (cluster, turn) = (ground.with_pgbench().await?, ground.plan.turn);
        Ok(match self.yardstick {
            Yardstick::LookUps => Some(pgbench::per_second(cluster, turn).await?),
            Yardstick::Changes => Some(pgbench::changes_per_second(cluster, turn).await?),
            Yardstick::None => None,
        })
    }

    fn tell(&self, engine: Engine, turns: Turns, table: &mut Table) {
        let title = format!("{}, {}", self.name, name(engine));
        let full = format!("{title}, {CONNECTIONS} connections");
        let bar = match (engine, self.others) {
            (Engine::Postgres, Some(others)) => {
                Bar::AtLeast { bar: 4.0 * others, stretch: 6.0 * others }
            }
            _ => Bar::Shown,
        };
        let note = turns.note();
        let figure = Figure::new(self.row, &full, "/s", bar);
        table.figures.push(figure.rounds(turns.per_second.clone()).note(note));
        let (beside, bar) = match self.yardstick {
            Yardstick::LookUps => ("`pgbench -S -M prepared -c 32`", LOOK_UPS),
            _ => ("one row changed, `pgbench -M prepared -c 32`", Bar::Shown),
        };
        if !turns.yardstick.is_empty() {
            let figure =
                Figure::new(self.row, &format!("{title}, beside the database alone"), "/s", bar)
                    .rounds(turns.per_second)
                    .beside(beside, "/s", turns.yardstick);
            table.figures.push(figure);
        }
        let cost = format!("server CPU per {title}");
        table.figures.push(Figure::new(self.row, &cost, "µs", Bar::Shown).rounds(turns.server));
        table.latencies.push(Latency::of(&full, &turns.latency));
    }
}

/// What reads, as a part of what PostgreSQL alone looks up.
const LOOK_UPS: Bar = Bar::AtLeast { bar: 0.3, stretch: 0.5 };

/// The turns of all rounds, for one of the kind each.
struct Turns {
    per_second: Vec<f64>,
    yardstick: Vec<f64>,
    server: Vec<f64>,
    database: Vec<f64>,
    client: Vec<f64>,
    latency: Histogram<u64>,
}

impl Turns {
    fn new() -> Result<Self> {
        let none = Vec::new;
        let (per_second, yardstick, server) = (none(), none(), none());
        let latency = Histogram::new(3)?;
        Ok(Self { per_second, yardstick, server, database: none(), client: none(), latency })
    }

    fn add(&mut self, turn: &Turn, requests: f64) -> Result<()> {
        self.per_second.push(turn.outcome.per_second() / requests);
        self.server.push(turn.server * requests);
        self.database.push(turn.database * requests);
        self.client.push(turn.client * requests);
        self.latency.add(&turn.outcome.latency)?;
        Ok(())
    }

    fn note(&self) -> String {
        let median = |values| stats::median(values).unwrap_or_default();
        let database = match median(&self.database) {
            0.0 => String::new(),
            micros => format!("{micros:.1} µs in PostgreSQL, "),
        };
        let client = median(&self.client);
        format!("processor time of each: {database}{client:.1} µs in the load generator")
    }
}
