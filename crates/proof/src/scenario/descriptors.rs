//! F11: one process has no file descriptor left. It cannot take more connections; it must not burn the
//! processor over that, and has to serve as soon as it has some again.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use tokio::net::TcpStream;

use super::drive::drive;
use super::probe::Probe;
use super::stage::{LONG, Setup, Stage};
use super::{Scenario, ran};
use crate::haproxy::Health;
use crate::history::Nanos;

/// So many connections are opened to a process that can take no more than a few.
const CONNECTIONS: usize = 200;
/// Of one processor; a process that spins takes all of it.
const MOST_CPU: f64 = 0.5;

pub(super) const SCENARIO: Scenario = Scenario {
    id: "F11",
    fault: "one process without file descriptors, and 200 connections to it",
    allowed: "that process sheds",
    target: "it takes less than half a processor, and recovers",
    seconds: (14, 60),
    play: |ctx| {
        Box::pin(async move {
            let mut stage = Stage::start(Setup::default()).await?;
            let probe = Probe::register(stage.balancer.addr()).await?;
            let played = drive(ctx, &mut stage, ctx.load(), async |stage, book| {
                let mut busiest: f64 = 0.0;
                for round in 0..ctx.times(1, 6) {
                    let number = usize::try_from(round)? % stage.places.len();
                    let place = &stage.places[number];
                    let (pid, addr) = (place.pid()?, place.addr());
                    let window = book.fault(format!("{}: no file descriptors", place.name));
                    let most = open_files(pid)? + 2;
                    let usual = limit(pid, Some(most))?;
                    let mut held = Vec::new();
                    for _ in 0..CONNECTIONS {
                        held.push(TcpStream::connect(addr).await?);
                    }
                    let (before, from) = (cpu(pid)?, Nanos::now());
                    tokio::time::sleep(Duration::from_secs(4)).await;
                    let open = open_files(pid)?;
                    ensure!(open >= most, "{open} files are open, and {most} were to be the most");
                    let share =
                        (cpu(pid)? - before).as_secs_f64() / Nanos::now().since(from).as_secs_f64();
                    busiest = busiest.max(share);
                    drop(held);
                    limit(pid, usual)?;
                    let healed = Nanos::now();
                    book.recovered(probe.first_answer(addr).await?.since(healed));
                    stage.balancer.wait_for(number, Health::Up, LONG).await?;
                    book.over(window);
                }
                let measured = format!("{:.0} %", busiest * 100.0);
                book.target("processor time meanwhile", "< 50 %", measured, busiest < MOST_CPU);
                Ok(())
            });
            ran(played.await?)
        })
    },
};

/// Sets how many files a process may have open; gives what it was.
fn limit(pid: Pid, most: Option<u64>) -> Result<Option<u64>> {
    let now = rustix::process::getrlimit(Resource::Nofile);
    let new = Rlimit { current: most, maximum: now.maximum };
    Ok(prlimit(Some(pid), Resource::Nofile, new).context("prlimit")?.current)
}

fn open_files(pid: Pid) -> Result<u64> {
    let folder = format!("/proc/{}/fd", pid.as_raw_nonzero());
    Ok(std::fs::read_dir(folder)?.count() as u64)
}

/// The processor time that a process has used.
fn cpu(pid: Pid) -> Result<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{}/schedstat", pid.as_raw_nonzero()))?;
    let main: u64 = text.split_whitespace().next().context("schedstat")?.parse()?;
    // The first figure is that of the main thread alone; the others are beside it.
    let tasks = std::fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero()))?.flatten();
    let others =
        tasks.filter(|task| task.file_name().to_str() != Some(&pid.as_raw_nonzero().to_string()));
    let more = others.filter_map(|task| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Ok(Duration::from_nanos(main + more.sum::<u64>()))
}
