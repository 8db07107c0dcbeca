//! That processes hold no state, shown by machine rather than by reading: whatever is asked, in whatever
//! order, it makes no difference which process answers, how many there are, how long they live, and what
//! they can reach besides the database.
//!
//! What is asked are the [`flows`]; a [`player`] asks them and writes down what was answered, with
//! whatever differs by nature (ids, tokens, instants) replaced by its number. Two plays without state
//! give the same text.

mod audit;
mod flows;
mod memory;
mod namespace;
mod pairs;
mod player;
mod shown;
mod slope;
mod transcript;

use anyhow::Result;

use crate::check::Check;
use crate::postgres::{Cluster, Options};
use crate::server::{Builder, Tokenhouse};

const SECRET: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

/// Runs every check; `quick` makes the random parts short.
///
/// # Errors
/// When PostgreSQL cannot be started. A process that holds state is a check that failed.
pub async fn run(quick: bool) -> Result<Vec<Check>> {
    let cluster = Cluster::start(Options::quick().setting("max_connections", "400")).await?;
    let mut checks = transcript::checks(&cluster, quick).await?;
    checks.push(pairs::check(&cluster).await?);
    checks.push(audit::opens_nothing_for_writing(&cluster).await?);
    checks.push(audit::read_only_root(&cluster).await?);
    checks.push(namespace::no_peers(&cluster).await?);
    checks.extend(memory::checks(&cluster, quick).await?);
    Ok(checks)
}

/// A process on that database. Plays share an address, so addresses are not limited; accounts are.
fn process(url: &str) -> Builder {
    Tokenhouse::builder()
        .database(url)
        .secret(SECRET)
        .env("TOKENHOUSE_LOGIN_LIMIT_ADDRESS", "off")
        .env("TOKENHOUSE_DEV_OUTBOX", "on")
        .env("TOKENHOUSE_RECOVERY_LIMIT", "off")
        .env("TOKENHOUSE_ACCESS_LOG", "off")
}
