//! What is true of the PostgreSQL engine alone: how it uses the server, beside what it answers, which is
//! the contract's business.
//!
//! The server is the one that `TOKENHOUSE_TEST_POSTGRES` names, or a private one.

mod applications;
mod bounds;
mod housekeeping;
mod late;
mod races;
mod tls;
mod undone;
mod upgrade;

use std::sync::Arc;
use std::time::Duration;

use tokenhouse_proof::postgres::{self, Cluster};
use tokenhouse_store::{Location, PostgresOptions, Store};
use tokio_postgres::{Client, NoTls};

/// What a case gives: trouble of any kind fails it like an assertion.
type Outcome = Result<(), Box<dyn std::error::Error>>;

/// How long something may take that is not slow, on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Limits that nothing here reaches by being slow.
fn generous() -> PostgresOptions {
    PostgresOptions {
        connect_timeout: PATIENCE,
        statement_timeout: PATIENCE,
        ..PostgresOptions::default()
    }
}

/// A new database: the cluster it is on, its name and its URL.
async fn database() -> Result<(&'static Cluster, String, String), Box<dyn std::error::Error>> {
    let cluster = postgres::shared().await?;
    let url = cluster.fresh_database().await?;
    let (_, name) = url.rsplit_once('/').ok_or("a URL with a database")?;
    let name = name.split('?').next().unwrap_or(name).to_owned();
    Ok((cluster, name, url))
}

fn open(url: &str, options: PostgresOptions) -> tokenhouse_store::Result<Arc<dyn Store>> {
    Location::Postgres(url.to_owned()).open(options)
}

/// A connection behind the store's back.
#[expect(clippy::disallowed_methods, reason = "drives a connection, as its driver asks for")]
async fn connect(url: &str) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}
