//! `make bench`: what Tokenhouse does on this machine, next to what the machine can do.
//!
//! Load generator, servers and database share the machine, so absolute figures mean little elsewhere.
//! What carries over are ratios within one run: every figure and its yardstick are measured in turns, at
//! least five rounds, and the table shows medians with their spread.

mod figures;
mod servers;
mod yardsticks;

use std::time::Duration;

use anyhow::Result;
use servers::{Server, Users};

use figures::Series;

const ROUNDS: usize = 5;
const TURN: Duration = Duration::from_secs(2);

#[tokio::main]
async fn main() -> Result<()> {
    if std::env::args().nth(1).as_deref() == Some("bare") {
        return yardsticks::serve_bare().await;
    }
    let cluster = tokenhouse_proof::postgres::Cluster::start(Default::default()).await?;
    let starts = servers::start_times().await?;
    let bare = yardsticks::Bare::start().await?;
    yardsticks::prepare_pgbench(&cluster).await?;
    let sqlite = Server::on_sqlite().await?;
    let postgres = Server::on_postgres(&cluster).await?;
    let idle = sqlite.resident()?;
    let readers = (Users::make(&sqlite).await?, Users::make(&postgres).await?);
    let mut all = Series::default();
    for round in 1..=ROUNDS {
        eprintln!("round {round} of {ROUNDS}");
        all.add("hashes/s", yardsticks::hashes(TURN).await?);
        all.add("login sqlite", readers.0.log_in(&sqlite, TURN).await?);
        all.add("login postgres", readers.1.log_in(&postgres, TURN).await?);
        all.add("pgbench", yardsticks::pgbench(&cluster, TURN).await?);
        all.add("data postgres", readers.1.read(&postgres, TURN).await?);
        all.add("bare", bare.requests(TURN).await?);
        all.add("data sqlite", readers.0.read(&sqlite, TURN).await?);
    }
    let resident = (idle, sqlite.resident()?);
    figures::print(&all, &starts, resident);
    Ok(())
}
