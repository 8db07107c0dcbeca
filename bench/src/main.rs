//! `make bench`: what Tokenhouse does on this machine, next to what the machine can do.
//!
//! Load generator, servers and database share the machine, so absolute figures mean little elsewhere.
//! What carries over are ratios within one run: every figure and its yardstick are measured in turns, at
//! least five rounds, and the table shows medians with their spread.

mod chance;
mod figure;
mod fill;
mod ground;
mod growth;
mod load;
mod meter;
mod picture;
mod plan;
mod publish;
mod row;
mod server;
mod stats;
mod table;
mod turn;
mod usl;
mod yardstick;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use clap::{Args, Parser, Subcommand};

use crate::ground::Ground;
use crate::plan::Plan;
use crate::table::Table;

/// Measures Tokenhouse beside what the machine can do. Without a command: every row.
#[derive(Parser)]
#[command(name = "tokenhouse-bench")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    length: Length,
}

#[derive(Args)]
struct Length {
    /// Rounds in which figures and yardsticks take turns
    #[arg(long, global = true)]
    rounds: Option<usize>,
    /// Seconds of one turn
    #[arg(long, global = true)]
    seconds: Option<f64>,
    /// Where the figures go as JSON [default: target/bench.json; of growth, target/growth.json]
    #[arg(long, global = true)]
    json: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Some rows only
    Row {
        /// Their numbers, 1 to 23
        #[arg(required = true, value_parser = clap::value_parser!(u8).range(1..=row::LAST as i64))]
        numbers: Vec<u8>,
    },
    /// Under three minutes; fails on what noise cannot explain
    Short,
    /// How the cost of a read grows with users, connections, documents and processes
    Growth {
        /// The most users, up to 10,000,000
        #[arg(long, default_value_t = 1_000_000)]
        max: u32,
    },
    /// Draw a picture for the documents
    #[command(subcommand)]
    Picture(Picture),
    /// Put what was measured into README.md and docs/performance.md
    Publish {
        /// Runs one after the other, the last of which is shown whole
        #[arg(default_value = BENCH)]
        runs: Vec<PathBuf>,
    },
    /// The bare yardstick; started by this program itself
    #[command(hide = true)]
    Bare { answer: String },
}

#[derive(Subcommand)]
enum Picture {
    /// Where a request's time goes: a JSON list of {"bar", "layer", "microseconds"}
    Time {
        #[arg(default_value = TIME)]
        from: PathBuf,
        #[arg(default_value = "docs/request-time.svg")]
        to: PathBuf,
    },
    /// How the cost of a read grows
    Growth {
        /// A word of the axis: users, connections, document or processes
        axis: String,
        /// The picture
        to: PathBuf,
        #[arg(default_value = GROWTH)]
        from: PathBuf,
    },
}

const BENCH: &str = "target/bench.json";
const GROWTH: &str = "target/growth.json";
const TIME: &str = "docs/request-time.json";

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    load::raise_descriptor_limit();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(arguments))
}

async fn run(Arguments { command, length }: Arguments) -> Result<()> {
    match command {
        None => rows(Plan::full(), (1..=row::LAST).collect(), &length).await.map(|_| ()),
        Some(Command::Row { numbers }) => {
            rows(Plan::full(), numbers.into_iter().collect(), &length).await.map(|_| ())
        }
        Some(Command::Short) => short(&length).await,
        Some(Command::Growth { max }) => {
            let json = length.json.clone().unwrap_or_else(|| GROWTH.into());
            growth::measure(&Ground::new(length.of(Plan::growth()))?, max, &json).await
        }
        Some(Command::Picture(Picture::Time { from, to })) => picture::time(&from, &to),
        Some(Command::Picture(Picture::Growth { axis, to, from })) => {
            picture::growth(&from, &axis, &to)
        }
        Some(Command::Publish { runs }) => publish::publish(&runs, GROWTH.as_ref(), TIME.as_ref()),
        Some(Command::Bare { answer }) => yardstick::bare::serve(answer).await,
    }
}

async fn short(length: &Length) -> Result<()> {
    let table = rows(Plan::short(), row::SHORT.into(), length).await?;
    let worse: Vec<&str> = table
        .figures
        .iter()
        .filter(|figure| figure.is_regression())
        .map(|figure| figure.name.as_str())
        .collect();
    ensure!(worse.is_empty(), "worse than noise can explain: {}", worse.join("; "));
    Ok(())
}

async fn rows(plan: Plan, rows: BTreeSet<u8>, length: &Length) -> Result<Table> {
    let ground = Ground::new(length.of(plan))?;
    let table = row::measure(&ground, &rows).await;
    print!("{}", table.markdown());
    table.write(length.json.as_deref().unwrap_or(BENCH.as_ref()))?;
    ensure!(table.failures.is_empty(), "not all rows could be measured");
    Ok(table)
}

impl Length {
    fn of(&self, plan: Plan) -> Plan {
        let turn =
            self.seconds.map_or(plan.turn, |seconds| Duration::from_secs_f64(seconds.max(0.1)));
        Plan { rounds: self.rounds.unwrap_or(plan.rounds).max(1), turn, ..plan }
    }
}
