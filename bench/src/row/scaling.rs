//! Row 14: whether processes get into each other's way. Each of N servers may use a small, fixed part of a
//! processor, so that N of them fit on few processors with room to spare for database and client; what N
//! of them do together is fitted by the Universal Scalability Law.
//!
//! The negative control is the same with a database in which every read takes one global advisory lock:
//! if that did not make the contention jump, the experiment would show nothing.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use tokenhouse_proof::control_group::ControlGroup;
use tokenhouse_store::Engine;

use crate::chance::Chance;
use crate::figure::{Bar, Figure};
use crate::ground::{Ground, Place};
use crate::load::{Crowd, Reads};
use crate::meter;
use crate::server::{Server, shipped};
use crate::stats;
use crate::table::{Table, number};
use crate::usl::{self, Law};

const BAR: Bar = Bar::AtMost { bar: 0.05, stretch: 0.02 };
const SIZES: [u8; 6] = [1, 2, 3, 4, 6, 8];
/// Of one processor, for each server.
const SHARE: f64 = 0.05;
const PERIOD: Duration = Duration::from_millis(50);
/// For each server: enough to keep it at its ceiling, of which one alone must use so much.
const CONNECTIONS: usize = 16;
const FILLED: f64 = 0.9;
/// In the control, and what it must show at the least.
const CONTROL_ROUNDS: usize = 2;
const CONTROL_ALPHA: f64 = 0.2;

/// A read of `sessions` waits for the lock and holds it to the end of its statement.
const ONE_AT_A_TIME: &str = "
    CREATE FUNCTION one_at_a_time() RETURNS boolean LANGUAGE plpgsql VOLATILE AS
        'BEGIN PERFORM pg_advisory_xact_lock(1); PERFORM pg_sleep(0.0001); RETURN true; END';
    ALTER TABLE sessions RENAME TO sessions_behind_lock;
    CREATE VIEW sessions AS SELECT s.* FROM sessions_behind_lock s WHERE one_at_a_time();";

/// What a sweep found: what each turn gave with how many servers.
struct Sweep(Vec<(u8, Point)>);

/// One turn with some of the servers.
struct Point {
    per_second: f64,
    /// Processors that database and client used.
    database: f64,
    client: f64,
    /// The part of their ceilings that the servers used.
    filled: f64,
}

impl Sweep {
    /// The median of something by size.
    fn medians(&self, of: impl Fn(&Point) -> f64) -> Vec<f64> {
        let at = |size: u8| -> Vec<f64> {
            self.0.iter().filter(|(n, _)| *n == size).map(|(_, point)| of(point)).collect()
        };
        SIZES.iter().filter_map(|size| stats::median(&at(*size))).collect()
    }

    fn largest(&self, of: impl Fn(&Point) -> f64) -> f64 {
        self.medians(of).into_iter().fold(0.0, f64::max)
    }

    fn fit(&self) -> Result<(Law, [f64; 2])> {
        let points: Vec<_> = self.0.iter().map(|(n, p)| (f64::from(*n), p.per_second)).collect();
        let law = usl::fit(&points).context("the law could not be fitted")?;
        Ok((law, usl::interval_of_alpha(&points).context("no interval")?))
    }

    /// For the note.
    fn told(&self) -> String {
        let sizes = SIZES.map(|size| size.to_string()).join(", ");
        let totals = self.medians(|point| point.per_second);
        let each = totals.iter().zip(SIZES).map(|(total, n)| number(total / f64::from(n)));
        let filled = self.medians(|point| point.filled).into_iter().fold(f64::MAX, f64::min);
        format!(
            "requests a second for each process with {sizes} of them: {}; they used at least {:.0} % of \
             what they may, the database at most {:.2} processors, the client {:.2}",
            each.collect::<Vec<_>>().join(", "),
            100.0 * filled,
            self.largest(|point| point.database),
            self.largest(|point| point.client)
        )
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
    let (law, interval) = sweep.fit()?;
    let control = control(ground).await?;
    let note = format!(
        "PostgreSQL; {SHARE} of a processor each; {}; β = {}; with a global lock α = {} (must exceed \
         {CONTROL_ALPHA})",
        sweep.told(),
        number(law.beta),
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
    Ok(
        if sweep.largest(|point| point.database) > half || sweep.largest(|point| point.client) > 0.5
        {
            Some("rejected: database or client used more than half of what it may".to_owned())
        } else if sweep.medians(|point| point.filled).first().is_none_or(|alone| *alone < FILLED) {
            Some("rejected: one server alone did not reach its ceiling".to_owned())
        } else if control.alpha < CONTROL_ALPHA {
            Some("rejected: the lock of the control was not seen".to_owned())
        } else {
            None
        },
    )
}

async fn control(ground: &Ground) -> Result<Law> {
    let content = ground.content().await?;
    let place = ground.filled(Engine::Postgres, 10_000, content).await?;
    let database = place.url.rsplit('/').next().context("a URL without a database")?;
    ground.cluster().await?.psql(database, ONE_AT_A_TIME).await?;
    let servers = Limited::start(&place).await?;
    let sweep = sweep(ground, &place, &servers, CONTROL_ROUNDS).await?;
    Ok(sweep.fit()?.0)
}

/// A server under its ceiling.
struct Limited {
    // Dropped in this order: the process first, then the group it was in.
    server: Server,
    _quota: ControlGroup,
}

impl Limited {
    /// As many as the largest size.
    async fn start(place: &Place) -> Result<Vec<Self>> {
        let mut servers = Vec::new();
        for _ in 0..SIZES[SIZES.len() - 1] {
            let server = Server::start(shipped(&place.url).arg("--no-worker")).await?;
            let pid = server.pid();
            let quota = ControlGroup::create(&format!("tokenhouse-bench-quota-{pid}"))?;
            quota.limit(SHARE, PERIOD)?;
            quota.put(pid)?;
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
    let (turn, mut points) = (ground.plan.turn / 2, Vec::new());
    for _ in 0..rounds {
        let mut sizes = SIZES;
        chance.shuffle(&mut sizes);
        for size in sizes {
            let some = &servers[..usize::from(size)];
            let point = tokio::task::block_in_place(|| point(some, &mut reads, turn, postmaster))?;
            points.push((size, point));
        }
    }
    Ok(Sweep(points))
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
