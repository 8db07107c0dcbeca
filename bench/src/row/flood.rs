//! Row 5: reads at a moderate rate, while more people try to sign in than the machine can ever hash for.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use hdrhistogram::Histogram;
use tokenhouse_store::Engine;

use super::name;
use crate::figure::{Bar, Figure, Latency};
use crate::ground::{Ground, Place};
use crate::load::{Arrivals, Crowd, Ending, Flood, Logins, Outcome, Reads};
use crate::server::{Server, shipped};
use crate::table::Table;
use crate::yardstick::hash::Ours;

const BAR: Bar = Bar::AtMost { bar: 3.0, stretch: 2.0 };
/// Reads a second: far below what either engine can do.
const READS: f64 = 1000.0;
/// Times the capacity.
const FLOOD: f64 = 20.0;
/// The most connections of the reader and of the flood.
const MOST: [usize; 2] = [1000, 1500];
/// A round in which a read failed counts as one whose answer took the server's whole deadline.
const FAILED: f64 = 10_000.0;

pub(super) async fn measure(ground: &Ground, table: &mut Table) -> Result<()> {
    let cores = std::thread::available_parallelism()?.get();
    let capacity = Ours::start(cores)?.per_second(ground.plan.turn).await?;
    for engine in [Engine::Postgres, Engine::Sqlite] {
        let place = ground.place(engine).await?;
        on(ground, (engine, place), capacity, table).await?;
    }
    Ok(())
}

async fn on(
    ground: &Ground,
    (engine, place): (Engine, &Place),
    capacity: f64,
    table: &mut Table,
) -> Result<()> {
    // All of them come from one address here, which nobody's flood does.
    let builder = shipped(&place.url).env("TOKENHOUSE_LOGIN_LIMIT_ADDRESS", "off");
    let server = Server::start(builder).await?;
    let mut trial = Trial {
        addr: server.addr(),
        turn: ground.plan.turn,
        reads: Reads::of(&place.people),
        logins: Flood(Logins::of(&place.people)),
        rate: FLOOD * capacity,
    };
    let (mut idle, mut flooded) = (Rounds::new()?, Rounds::new()?);
    let (mut refused, mut all) = (0, 0);
    let (mut failed, mut asked) = (0, 0);
    for _ in 0..ground.plan.rounds {
        idle.add(&trial.calm()?.flawless().context("reading while idle")?)?;
        let (reads, logins) = trial.flooded()?;
        flooded.add(&reads)?;
        failed += reads.wrong;
        asked += reads.wrong + reads.good;
        refused += logins.statuses.get(&503).unwrap_or(&0);
        all += logins.good;
    }
    ensure!(refused > 0, "no login was refused, so there was no flood");
    let engine = name(engine);
    let mut note = format!(
        "reads {READS}/s; logins {:.0}/s, 20 × capacity, of which {:.0} % were refused with 503; the \
         generator sent 99 % of the reads within {} µs of when they were due",
        FLOOD * capacity,
        100.0 * refused as f64 / all as f64,
        flooded.late.value_at_quantile(0.99)
    );
    if failed > 0 {
        note.push_str(&format!("; **{failed} of {asked} reads failed in the flood**"));
    }
    let figure =
        Figure::new(5, &format!("p99 of `GET /data` in a flood of logins, {engine}"), "ms", BAR)
            .rounds(flooded.p99)
            .beside("p99 at the same rate, idle", "ms", idle.p99)
            .note(note);
    table.figures.push(figure);
    let title = |when| format!("`GET /data`, {engine}, {READS}/s, {when}");
    table.latencies.push(Latency::of(&title("idle"), &idle.latency));
    table.latencies.push(Latency::of(&title("flooded by logins"), &flooded.latency));
    Ok(())
}

struct Rounds {
    p99: Vec<f64>,
    latency: Histogram<u64>,
    late: Histogram<u64>,
}

impl Rounds {
    fn new() -> Result<Self> {
        Ok(Self { p99: Vec::new(), latency: Histogram::new(3)?, late: Histogram::new(3)? })
    }

    fn add(&mut self, outcome: &Outcome) -> Result<()> {
        let p99 = Latency::of("", &outcome.latency).p99;
        self.p99.push(if outcome.wrong == 0 { p99 } else { FAILED });
        self.latency.add(&outcome.latency)?;
        self.late.add(&outcome.late)?;
        Ok(())
    }
}

struct Trial {
    addr: SocketAddr,
    turn: Duration,
    reads: Reads,
    logins: Flood,
    rate: f64,
}

impl Trial {
    fn calm(&mut self) -> Result<Outcome> {
        let (addr, turn, reads) = (self.addr, self.turn, &mut self.reads);
        tokio::task::block_in_place(|| read(addr, turn, reads))
    }

    /// Reads once the flood has filled the queue, and the flood itself.
    fn flooded(&mut self) -> Result<(Outcome, Outcome)> {
        let lead = Duration::from_secs(1);
        let arrivals = Arrivals {
            rate: self.rate,
            turn: self.turn + 2 * lead,
            most: MOST[1],
            ending: Ending::HangUp,
        };
        let Self { addr, turn, reads, logins, .. } = self;
        tokio::task::block_in_place(|| {
            std::thread::scope(|scope| {
                let flood = scope.spawn(|| Crowd::connect(&[*addr], 0)?.open(logins, arrivals));
                std::thread::sleep(lead);
                let reads = read(*addr, *turn, reads)?;
                let logins = flood.join().map_err(|_| anyhow!("the flood panicked"))??;
                ensure!(logins.wrong == 0, "the flood met {:?}", logins.statuses);
                Ok((reads, logins))
            })
        })
    }
}

/// Reads at the moderate rate. The thread goes before others where the system allows it: its own wait for
/// a processor would look like the server's latency.
fn read(addr: SocketAddr, turn: Duration, reads: &mut Reads) -> Result<Outcome> {
    let arrivals = Arrivals { rate: READS, turn, most: MOST[0], ending: Ending::Await };
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            rustix::process::setpriority_process(None, -10).ok();
            Crowd::connect(&[addr], 8)?.open(reads, arrivals)
        });
        let outcome = reader.join().map_err(|_| anyhow!("the reader panicked"))??;
        ensure!(outcome.unsent == 0, "{} reads found no connection", outcome.unsent);
        Ok(outcome)
    })
}
