//! Processes on one file, killed with SIGKILL at random moments of a load: one of them, or all at once and
//! their parent too.

use std::time::Duration;

use anyhow::Result;
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::{Instant, sleep};

use super::ground::{Ground, load, told};
use crate::check::Check;
use crate::generator::Random;
use crate::ports::free_address;
use crate::process::exited;
use crate::server::{Builder, Tokenhouse};

const SEED: u64 = 21;
/// Longest pause between two kills.
const PAUSE_MILLISECONDS: u64 = 300;
/// One in so many kills is of all processes.
const ALL: u64 = 5;

pub(super) async fn check(lasts: Duration) -> Result<Check> {
    let ground = Ground::new()?;
    // The same address after everything was killed.
    let address = free_address()?;
    let listen = address.to_string();
    let builder = ground.server().env("LISTEN_ADDR", &listen).arg("--processes").arg("3");
    let mut server = builder.clone().start().await?;
    let generator = load(address, SEED, lasts);
    let until = Instant::now() + lasts;
    let ((), killed) = tokio::join!(generator.run(), kill_until(until, &mut server, &builder));
    let killed = killed?;
    drop(server);
    let report = ground.judge(&generator, generator.history()).await;
    let what = "processes on one SQLite file are killed at any moment, and nothing is lost";
    Ok(told("sqlite-kill", what, &report).figure("killed", killed))
}

async fn kill_until(until: Instant, server: &mut Tokenhouse, builder: &Builder) -> Result<usize> {
    let mut random = Random::new(SEED);
    let mut killed = 0;
    while Instant::now() < until {
        sleep(Duration::from_millis(20 + random.below(PAUSE_MILLISECONDS))).await;
        let children = children(server);
        if random.once_in(ALL) {
            // Its children would end by themselves; these do not get the time.
            server.kill9().await?;
            killed += children.len();
            for child in children {
                kill_process(child, Signal::KILL).ok();
                exited(child, Duration::from_secs(10)).await?;
            }
            *server = builder.clone().start().await?;
        } else if let Some(child) = random.pick(&children) {
            kill_process(*child, Signal::KILL).ok();
            killed += 1;
        }
    }
    Ok(killed)
}

/// The serving processes that are alive: children of the one that was started.
fn children(server: &Tokenhouse) -> Vec<Pid> {
    let path = format!("/proc/{pid}/task/{pid}/children", pid = server.pid());
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)).collect()
}
