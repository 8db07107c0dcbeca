//! F10: a database that answers late, connections to it that break, a disk that is slow, and one that is
//! full.

use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::process::Signal;

use super::book::Book;
use super::drive::drive;
use super::place::Place;
use super::probe::Probe;
use super::small_disk::SmallDisk;
use super::stage::{LONG, Setup, Stage};
use super::{Scenario, not_run, ran};
use crate::fault_proxy::{Direction, Fate, Link, Reach, Trap, What};
use crate::generator::Random;
use crate::history::Nanos;
use crate::postgres::{Options, StopMode};
use crate::process::{Running, bare_command, children_of};

pub(super) const LATENCY: Scenario = Scenario {
    id: "F10",
    fault: "database latency of 50 and 200 ms, then 1 % of its messages lost with their connection",
    allowed: "latency; 503 on what met a reset",
    target: "clean recovery",
    seconds: (16, 110),
    play: |ctx| {
        Box::pin(async move {
            let mut stage = Stage::start(Setup::default()).await?;
            let probe = Probe::register(stage.balancer.addr()).await?;
            let mut random = Random::new(ctx.seed);
            let played = drive(ctx, &mut stage, ctx.load(), async |stage, book| {
                let span = Duration::from_secs(ctx.times(3, 25).into());
                for round_trip in [50, 200] {
                    let delay = Duration::from_millis(round_trip / 2);
                    let window = book.fault(format!("{round_trip} ms"));
                    slow(stage, delay);
                    tokio::time::sleep(span).await;
                    slow(stage, Duration::ZERO);
                    all_answer(stage, &probe, book).await?;
                    book.over(window);
                }
                let window = book.window();
                book.mark("1 % resets");
                let until = tokio::time::Instant::now() + span;
                while tokio::time::Instant::now() < until {
                    // A message in a hundred: so many pass until the next one does not.
                    reset_after(stage, 1 + random.below(199)).await?;
                    book.count(1);
                }
                stage.controls[0].heal().await;
                all_answer(stage, &probe, book).await?;
                book.over(window);
                Ok(())
            });
            ran(played.await?)
        })
    },
};

fn slow(stage: &Stage, delay: Duration) {
    for direction in [Direction::Frontend, Direction::Backend] {
        stage.controls[0].slow(direction, Link { delay, rate: None });
    }
}

async fn reset_after(stage: &Stage, messages: u64) -> Result<()> {
    let control = &stage.controls[0];
    let from = control.marks().len();
    control.arm(Trap::after(Direction::Backend, messages).fate(Fate::Reset, Reach::This));
    let sprung = |mark: &crate::fault_proxy::Mark| matches!(mark.what, What::Sprung(..));
    control.marks().wait_from(from, LONG, sprung).await.map(drop)
}

/// Waits until every process answers again, and notes how long that took.
pub(super) async fn all_answer(stage: &Stage, probe: &Probe, book: &Book) -> Result<()> {
    let addrs: Vec<_> =
        stage.places.iter().filter(|place| place.is_running()).map(Place::addr).collect();
    let from = Nanos::now();
    for answered in probe.first_answers(&addrs).await? {
        book.recovered(answered.since(from));
    }
    Ok(())
}

pub(super) const FSYNC: Scenario = Scenario {
    id: "F10f",
    fault: "every fsync of PostgreSQL 20 and 100 ms late",
    allowed: "latency; 503 on writes",
    target: "clean recovery",
    seconds: (0, 60),
    play: |ctx| {
        Box::pin(async move {
            let mut stage = Stage::start(Setup::default()).await?;
            let probe = Probe::register(stage.balancer.addr()).await?;
            match late(&stage, 1000).await {
                Ok(strace) => at_once(strace).await?,
                Err(error) => return not_run(format!("strace cannot be used here: {error:#}")),
            }
            let mut load = ctx.load();
            // Every system call of a traced PostgreSQL costs two stops.
            load.rate = load.rate.min(120);
            let played = drive(ctx, &mut stage, load, async |stage, book| {
                for milliseconds in [20, 100] {
                    let window = book.fault(format!("fsync {milliseconds} ms late"));
                    let strace = late(stage, milliseconds * 1000).await?;
                    tokio::time::sleep(Duration::from_secs(ctx.times(3, 12).into())).await;
                    at_once(strace).await?;
                    all_answer(stage, &probe, book).await?;
                    book.over(window);
                }
                Ok(())
            });
            ran(played.await?)
        })
    },
};

/// Every fsync is late by so many microseconds as long as this runs.
async fn late(stage: &Stage, microseconds: u32) -> Result<Running> {
    let postmaster = stage.cluster.pid().context("PostgreSQL does not run")?;
    let mut command = bare_command("strace");
    command.args(["-f", "-o", "/dev/null", "-e", "trace=fdatasync,fsync"]);
    command.arg(format!("--inject=fdatasync,fsync:delay_enter={microseconds}"));
    command.args(["-p", &postmaster.to_string()]);
    for child in children_of(postmaster)? {
        command.args(["-p", &child.as_raw_nonzero().to_string()]);
    }
    let strace = Running::start(command)?;
    let attached = strace.stderr().context("its errors are not read")?;
    let line = |line: &str| line.contains("attached").then_some(());
    attached.wait_for(LONG, line).await?;
    Ok(strace)
}

async fn at_once(mut strace: Running) -> Result<()> {
    strace.signal(Signal::INT)?;
    strace.wait(LONG).await.map(drop)
}

pub(super) const DISK_FULL: Scenario = Scenario {
    id: "F10d",
    fault: "PostgreSQL's disk is full",
    allowed: "503 until there is room again and PostgreSQL was started",
    target: "lost 0; clean recovery",
    seconds: (0, 45),
    play: |ctx| {
        Box::pin(async move {
            let disk = match SmallDisk::mount(320) {
                Ok(disk) => disk,
                Err(error) => return not_run(format!("no small disk can be made: {error:#}")),
            };
            let postgres = Options { folder: Some(disk.path().to_owned()), ..Options::default() };
            let postgres = postgres.setting("min_wal_size", "32MB").setting("max_wal_size", "64MB");
            let mut stage = Stage::start(Setup { postgres, ..Setup::default() }).await?;
            let probe = Probe::register(stage.balancer.addr()).await?;
            let played = drive(ctx, &mut stage, ctx.load(), async |stage, book| {
                for _ in 0..ctx.times(1, 3) {
                    let window = book.fault("the disk is full");
                    let ballast = disk.fill()?;
                    tokio::time::sleep(Duration::from_secs(5)).await;
                    disk.empty(ballast)?;
                    book.mark("there is room again");
                    // It may have ended itself, or have given up halfway: the operator starts it again.
                    stage.cluster.stop(StopMode::Immediate).await?;
                    stage.cluster.start_again().await?;
                    all_answer(stage, &probe, book).await?;
                    book.over(window);
                    tokio::time::sleep(Duration::from_secs(2)).await;
                }
                Ok(())
            });
            ran(played.await?)
        })
    },
};
