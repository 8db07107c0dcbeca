//! F18: eight processes are started at once on a database in which there is nothing yet. There has to be
//! one schema afterwards, and a token that any of them gave is good at all of them.

use anyhow::{Result, ensure};

use super::drive::drive;
use super::probe::Probe;
use super::stage::{DATABASE, Setup, Stage};
use super::{Scenario, ran};
use crate::http::Client;

const PLACES: usize = 8;

pub(super) const SCENARIO: Scenario = Scenario {
    id: "F18",
    fault: "8 cold starts at once on an empty database",
    allowed: "none",
    target: "one schema, one set of keys",
    seconds: (10, 45),
    play: |ctx| {
        Box::pin(async move {
            let setup = Setup { places: PLACES, running: PLACES, ..Setup::default() };
            let mut stage = Stage::start(setup).await?;
            let played = drive(ctx, &mut stage, ctx.load(), async |stage, book| {
                // The first start was one already; of the others each empties the database before.
                for round in 0..ctx.times(2, 8) {
                    book.harmless(format!("cold start {} of {PLACES}", round + 1));
                    book.count(PLACES as u64 - 1);
                    one_of_everything(stage).await?;
                    if round + 1 < ctx.times(2, 8) {
                        beside(stage).await?;
                    }
                }
                Ok(())
            });
            ran(played.await?)
        })
    },
};

/// A second deployment with an empty database of its own on the same server, while the first one is under
/// load.
async fn beside(stage: &Stage) -> Result<()> {
    let url = stage.cluster.fresh_database().await?;
    let mut starting = Vec::new();
    for _ in 0..PLACES {
        starting.push(super::stage::builder(&url).env("TOKENHOUSE_DB_CONNECTIONS", "5").start());
    }
    let servers = futures_util::future::try_join_all(starting).await?;
    let name = url.rsplit('/').next().unwrap_or_default();
    schema_is_whole(stage, name).await?;
    let addrs: Vec<_> = servers.iter().map(crate::server::Tokenhouse::addr).collect();
    tokens_are_everybodys(&addrs).await
}

async fn one_of_everything(stage: &Stage) -> Result<()> {
    schema_is_whole(stage, DATABASE).await?;
    let addrs: Vec<_> = stage.places.iter().map(super::place::Place::addr).collect();
    tokens_are_everybodys(&addrs).await
}

/// As many migrations as there are, each once, and each task once.
async fn schema_is_whole(stage: &Stage, database: &str) -> Result<()> {
    let files = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/postgres");
    let migrations = std::fs::read_dir(files)?.count();
    let sql = "SELECT count(*), count(DISTINCT name) FROM schema_migrations;
               SELECT count(*), count(DISTINCT name) FROM tasks";
    let found = stage.cluster.psql(database, sql).await?;
    let wanted = format!("{migrations}|{migrations}\n1|1");
    ensure!(found == wanted, "the schema is not what it should be: {found}, not {wanted}");
    Ok(())
}

async fn tokens_are_everybodys(addrs: &[std::net::SocketAddr]) -> Result<()> {
    for giver in addrs {
        let probe = Probe::register(*giver).await?;
        for taker in addrs {
            let client = Client::fresh(*taker);
            let answer = client.get("/data").bearer(probe.token()).send().await?;
            ensure!(answer.status == 200, "a token of {giver} at {taker}: {}", answer.status);
        }
    }
    Ok(())
}
