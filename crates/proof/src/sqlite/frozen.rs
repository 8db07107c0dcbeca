//! Processes that are stopped between two of their system calls, so that their files can be looked at as
//! they are at one moment.

use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

/// How often it is looked whether a process has stopped; the kernel announces it to the parent only.
const LOOK: Duration = Duration::from_micros(200);
const LONG: Duration = Duration::from_secs(10);

/// Goes on when dropped.
pub(super) struct Frozen(Vec<Pid>);

impl Frozen {
    /// Stops them and waits until each of their threads stands still.
    pub(super) async fn stop(pids: &[u32]) -> Result<Self> {
        let all = pids.iter().map(|pid| Pid::from_raw(i32::try_from(*pid).ok()?));
        let frozen = Self(all.collect::<Option<_>>().context("a pid")?);
        for pid in &frozen.0 {
            kill_process(*pid, Signal::STOP)?;
        }
        let still = async {
            while !pids.iter().all(|pid| stands_still(*pid)) {
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::time::timeout(LONG, still).await.context("a process does not stop")?;
        Ok(frozen)
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        for pid in &self.0 {
            kill_process(*pid, Signal::CONT).ok();
        }
    }
}

fn stands_still(pid: u32) -> bool {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{pid}/task")) else { return false };
    threads.flatten().all(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        // proc(5): "pid (name) state …", and the name may contain anything.
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with(['T', 't']))
    })
}
