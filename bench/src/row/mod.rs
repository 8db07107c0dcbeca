//! The rows: which there are, and which of them are measured together.

mod access_line;
mod data;
mod flood;
mod hash;
mod inserts;
mod login;
mod memory;
mod pages;
mod pooler;
mod provider;
mod scaling;
mod signing;
mod size;
mod start;
mod statements;
mod token_statements;

use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::Result;
use tokenhouse_store::Engine;

use crate::ground::Ground;
use crate::meter::Others;
use crate::table::Table;

pub(crate) use inserts::Fresh;

/// The number of the last row.
pub(crate) const LAST: u8 = 23;
/// What the short form measures: what is exact, and ratios.
pub(crate) const SHORT: [u8; 9] = [1, 2, 3, 4, 6, 7, 8, 10, 13];

/// What is measured by one experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Experiment {
    DataOnPostgres,
    DataOnSqlite,
    Login,
    Hash,
    Flood,
    Statements,
    TokenStatements,
    AccessLine,
    Inserts,
    Start,
    Memory,
    Size,
    Scaling,
    Pooler,
    Pages,
    ClientCredentials,
    Refresh,
    Introspection,
    UserInfo,
    Documents,
    RoundTrip,
    Signing,
}

impl Experiment {
    /// Whether what others do on the machine changes its figures.
    fn is_timed(self) -> bool {
        !matches!(self, Self::Statements | Self::TokenStatements | Self::Memory | Self::Size)
    }
}

/// Every experiment with the rows it fills.
const EXPERIMENTS: [(Experiment, &[u8]); 22] = [
    (Experiment::DataOnPostgres, &[1, 7, 8]),
    (Experiment::DataOnSqlite, &[2, 7]),
    (Experiment::Login, &[3]),
    (Experiment::Hash, &[4]),
    (Experiment::Flood, &[5]),
    (Experiment::Statements, &[6]),
    (Experiment::TokenStatements, &[6]),
    (Experiment::AccessLine, &[9]),
    (Experiment::Inserts, &[10]),
    (Experiment::Start, &[11]),
    (Experiment::Memory, &[12]),
    (Experiment::Size, &[13]),
    (Experiment::Scaling, &[14]),
    (Experiment::Pooler, &[15]),
    (Experiment::Pages, &[16]),
    (Experiment::ClientCredentials, &[17]),
    (Experiment::Refresh, &[18]),
    (Experiment::Introspection, &[19]),
    (Experiment::UserInfo, &[20]),
    (Experiment::Documents, &[21]),
    (Experiment::RoundTrip, &[22]),
    (Experiment::Signing, &[23]),
];

/// Measures these rows. One that fails does not keep the others from being measured.
pub(crate) async fn measure(ground: &Ground, rows: &BTreeSet<u8>) -> Table {
    let mut table = Table::default();
    for (experiment, fills) in EXPERIMENTS {
        if !fills.iter().any(|row| rows.contains(row)) {
            continue;
        }
        eprintln!("{experiment:?}: row {}", list(fills));
        let (began, before) = (Instant::now(), table.figures.len());
        let others = Others::watch();
        if let Err(error) = run(experiment, ground, &mut table).await {
            let failure = format!("row {}: {error:#}", list(fills));
            eprintln!("{failure}");
            table.failures.push(failure);
        }
        let others = others.and_then(|others| others.share()).ok();
        if experiment.is_timed() {
            table.figures[before..].iter_mut().for_each(|figure| figure.others = others);
        }
        eprintln!(
            "  {:.1} s, others used {:.0} % of the machine",
            began.elapsed().as_secs_f64(),
            100.0 * others.unwrap_or_default()
        );
    }
    table.figures.retain(|figure| rows.contains(&figure.row));
    table.figures.sort_by_key(|figure| figure.row);
    table
}

async fn run(experiment: Experiment, ground: &Ground, table: &mut Table) -> Result<()> {
    match experiment {
        Experiment::DataOnPostgres => data::on_postgres(ground, table).await,
        Experiment::DataOnSqlite => data::on_sqlite(ground, table).await,
        Experiment::Login => login::measure(ground, table).await,
        Experiment::Hash => hash::measure(ground, table).await,
        Experiment::Flood => flood::measure(ground, table).await,
        Experiment::Statements => statements::measure(table).await,
        Experiment::TokenStatements => token_statements::measure(table).await,
        Experiment::AccessLine => access_line::measure(ground, table).await,
        Experiment::Inserts => inserts::measure(ground, table).await,
        Experiment::Start => start::measure(ground, table).await,
        Experiment::Memory => memory::measure(ground, table).await,
        Experiment::Size => size::measure(table),
        Experiment::Scaling => scaling::measure(ground, table).await,
        Experiment::Pooler => pooler::measure(ground, table).await,
        Experiment::Pages => pages::measure(ground, table).await,
        Experiment::ClientCredentials => provider::client_credentials(ground, table).await,
        Experiment::Refresh => provider::refresh(ground, table).await,
        Experiment::Introspection => provider::introspection(ground, table).await,
        Experiment::UserInfo => provider::user_info(ground, table).await,
        Experiment::Documents => provider::documents(ground, table).await,
        Experiment::RoundTrip => provider::round_trip(ground, table).await,
        Experiment::Signing => signing::measure(ground, table).await,
    }
}

fn list(rows: &[u8]) -> String {
    rows.iter().map(u8::to_string).collect::<Vec<_>>().join(", ")
}

/// As people write it.
pub(crate) fn name(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "PostgreSQL",
        Engine::Sqlite => "SQLite",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_an_experiment() {
        let filled: BTreeSet<u8> =
            EXPERIMENTS.iter().flat_map(|(_, fills)| fills.iter().copied()).collect();
        assert_eq!(filled, (1..=LAST).collect());
        assert!(SHORT.iter().all(|row| filled.contains(row)));
    }
}
