//! Row 14: whether processes get into each other's way. Each of N servers may use a small, fixed part of a
//! processor, so that N of them fit on few processors with room to spare for database and client; what N
//! of them do together is fitted by the Universal Scalability Law.
//!
//! The negative control is the same with a database in which every read takes one global advisory lock:
//! if that did not make the contention jump, the experiment would show nothing.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use tokenhouse_store::Engine;

use crate::chance::Chance;
use crate::figure::{Bar, Figure};
use crate::ground::{Ground, Place};
use crate::load::{Crowd, Reads};
use crate::meter;
use crate::quota::Quota;
use crate::server::{Server, shipped};
use crate::stats;
use crate::table::{Table, number};
use crate::usl::{self, Law};

const BAR: Bar = Bar::AtMost { bar: 0.05, stretch: 0.02 };
const SIZES: [u8; 6] = [1, 2, 3, 4, 6, 8];
/// Of one processor, for each server.
const SHARE: f64 = 0.05;
const PERIOD: Duration = Duration::from_millis(20);
/// For each server: enough to keep it at its ceiling.
const CONNECTIONS: usize = 8;
/// In the control, and what it must show at the least.
const CONTROL_ROUNDS: usize = 2;
const CONTROL_ALPHA: f64 = 0.2;

/// A read of `sessions` waits for the lock and holds it to the end of its statement.
const ONE_AT_A_TIME: &str = "
    CREATE FUNCTION one_at_a_time() RETURNS boolean LANGUAGE plpgsql VOLATILE AS
        'BEGIN PERFORM pg_advisory_xact_lock(1); PERFORM pg_sleep(0.0001); RETURN true; END';
    ALTER TABLE sessions RENAME TO sessions_behind_lock;
    CREATE VIEW sessions AS SELECT s.* FROM sessions_behind_lock s WHERE one_at_a_time();";

/// What a sweep found.
struct Sweep {
    points: Vec<(f64, f64)>,
    /// The largest parts of the machine that database and client used, in processors.
    database: f64,
    client: f64,
    /// The smallest part of their ceilings that servers used.
    filled: f64,
}

impl Sweep {
    /// Medians of requests a second for each process, by size.
    fn each(&self) -> Vec<String> {
        let of = |size: u8| -> Vec<f64> {
            let same = self.points.iter().filter(|(n, _)| *n == f64::from(size));
            same.map(|(n, x)| x / n).collect()
        };
        SIZES.iter().filter_map(|size| stats::median(&of(*size)).map(number)).collect()
    }
}

pub(super) async fn measure(ground: &Ground, table: &mut Table) -> Result<()> {
    let figure = Figure::new(14, "contention α between 1 to 8 processes", "", BAR);
    let place = ground.place(Engine::Postgres).await?;
    let servers = match Limited::start(place).await {
        Ok(servers) => servers,
        Err(error) => {
            table.figures.push(figure.note(format!("no control groups for a ceiling: {error:#}")));
            return Ok(());
        }
    };
    let sweep = sweep(ground, place, &servers, ground.plan.rounds).await?;
    drop(servers);
    let (law, interval) = fit(&sweep)?;
    let control = control(ground).await?;
    let note = format!(
        "PostgreSQL; {SHARE} of a processor each; requests a second for each process with {} of them: \
         {}; β = {}; servers used at least {:.0} % of what they may, the database at most {:.2} \
         processors, the client {:.2}; with a global lock α = {} (must exceed {CONTROL_ALPHA})",
        SIZES.map(|size| size.to_string()).join(", "),
        sweep.each().join(", "),
        number(law.beta),
        100.0 * sweep.filled,
        sweep.database,
        sweep.client,
        number(control.alpha)
    );
    let figure = match unfit(&sweep, control)? {
        Some(why) => figure.note(format!("{why}; {note}")),
        None => figure.rounds(vec![law.alpha]).within(Some(interval)).note(note),
    };
    table.figures.push(figure);
    Ok(())
}

/// Why the experiment shows nothing, if so.
fn unfit(sweep: &Sweep, control: Law) -> Result<Option<String>> {
    let processors = std::thread::available_parallelism()?.get();
    let half = processors as f64 / 2.0;
    Ok(if sweep.database > half || sweep.client > 0.5 {
        Some("rejected: database or client used more than half of what it may".to_owned())
    } else if control.alpha < CONTROL_ALPHA {
        Some("rejected: the lock of the control was not seen".to_owned())
    } else {
        None
    })
}

fn fit(sweep: &Sweep) -> Result<(Law, [f64; 2])> {
    let law = usl::fit(&sweep.points).context("the law could not be fitted")?;
    let interval = usl::interval_of_alpha(&sweep.points).context("no interval")?;
    Ok((law, interval))
}

async fn control(ground: &Ground) -> Result<Law> {
    let content = ground.content().await?;
    let place = ground.filled(Engine::Postgres, 10_000, content).await?;
    let database = place.url.rsplit('/').next().context("a URL without a database")?;
    ground.cluster().await?.psql(database, ONE_AT_A_TIME).await?;
    let servers = Limited::start(&place).await?;
    let sweep = sweep(ground, &place, &servers, CONTROL_ROUNDS).await?;
    Ok(fit(&sweep)?.0)
}

/// A server under its ceiling.
struct Limited {
    // Dropped in this order: the process first, then the group it was in.
    server: Server,
    _quota: Quota,
}

impl Limited {
    /// As many as the largest size.
    async fn start(place: &Place) -> Result<Vec<Self>> {
        let mut servers = Vec::new();
        for _ in 0..SIZES[SIZES.len() - 1] {
            let server = Server::start(shipped(&place.url).arg("--no-worker")).await?;
            let quota = Quota::put(server.pid(), SHARE, PERIOD)?;
            servers.push(Self { server, _quota: quota });
        }
        Ok(servers)
    }
}

/// Every size once a round, in an order that is another each time.
async fn sweep(
    ground: &Ground,
    place: &Place,
    servers: &[Limited],
    rounds: usize,
) -> Result<Sweep> {
    let postmaster = ground.postmaster().await?;
    let (mut reads, mut chance) = (Reads::of(&place.people), Chance::seeded(8));
    let mut sweep = Sweep { points: Vec::new(), database: 0.0, client: 0.0, filled: 1.0 };
    let turn = ground.plan.turn / 2;
    for _ in 0..rounds {
        let mut sizes = SIZES;
        chance.shuffle(&mut sizes);
        for size in sizes {
            let point = tokio::task::block_in_place(|| {
                point(&servers[..usize::from(size)], &mut reads, turn, postmaster)
            })?;
            sweep.points.push((f64::from(size), point.per_second));
            sweep.database = sweep.database.max(point.database);
            sweep.client = sweep.client.max(point.client);
            sweep.filled = sweep.filled.min(point.filled);
        }
    }
    Ok(sweep)
}

struct Point {
    per_second: f64,
    database: f64,
    client: f64,
    filled: f64,
}

fn point(servers: &[Limited], reads: &mut Reads, turn: Duration, postmaster: u32) -> Result<Point> {
    let addrs: Vec<SocketAddr> = servers.iter().map(|limited| limited.server.addr()).collect();
    let mut crowd = Crowd::connect(&addrs, addrs.len() * CONNECTIONS)?;
    // Long enough for what a server had left of its ceiling.
    crowd.closed(reads, turn / 3)?.flawless()?;
    let read = || -> Result<[Duration; 3]> {
        let used = servers.iter().map(|limited| meter::cpu(limited.server.pid()));
        let used = used.sum::<Result<Duration>>()?;
        Ok([meter::cpu(postmaster)?, meter::this_thread(), used])
    };
    let before = read()?;
    let outcome = crowd.closed(reads, turn)?.flawless()?;
    let after = read()?;
    let seconds = outcome.elapsed.as_secs_f64();
    let part = |index: usize| (after[index] - before[index]).as_secs_f64() / seconds;
    Ok(Point {
        per_second: outcome.per_second(),
        database: part(0),
        client: part(1),
        filled: part(2) / (SHARE * servers.len() as f64),
    })
}
