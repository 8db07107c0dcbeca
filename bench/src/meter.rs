//! What processes used: processor time and memory, as `/proc` tells it (proc(5)).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::time::{ClockId, clock_gettime};

/// Processor time of one process: its own, and that of children it has waited for.
struct Used {
    parent: u32,
    own: u64,
    waited_for: u64,
}

/// Processor time of a process and all its descendants, ended ones included, in ticks of 10 ms: measure
/// what uses seconds of it.
pub(crate) fn cpu(root: u32) -> Result<Duration> {
    let all = all()?;
    let ticks: u64 = descendants(&all, root).iter().map(|used| used.own + used.waited_for).sum();
    Ok(seconds(ticks))
}

/// Processor time of the calling thread.
pub(crate) fn this_thread() -> Duration {
    // Never negative.
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

/// Processor time that all processes of the machine used, and what a hypervisor gave to others instead.
/// Without interrupts, which are nobody's.
pub(crate) fn machine() -> Result<Duration> {
    let stat = std::fs::read_to_string("/proc/stat")?;
    let line = stat.lines().find_map(|line| line.strip_prefix("cpu ")).context("no cpu line")?;
    let fields: Vec<u64> = line.split_whitespace().filter_map(|field| field.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal
    let ticks = [0, 1, 2, 7].iter().filter_map(|index| fields.get(*index)).sum();
    Ok(seconds(ticks))
}

fn seconds(ticks: u64) -> Duration {
    let seconds = ticks as f64 / rustix::param::clock_ticks_per_second() as f64;
    Duration::from_secs_f64(seconds)
}

/// Watches what others use of the machine meanwhile.
pub(crate) struct Others {
    began: Instant,
    machine: Duration,
    own: Duration,
}

impl Others {
    pub(crate) fn watch() -> Result<Self> {
        let own = cpu(std::process::id())?;
        Ok(Self { began: Instant::now(), machine: machine()?, own })
    }

    /// Their part of the machine since then, between 0 and 1.
    pub(crate) fn share(&self) -> Result<f64> {
        let own = cpu(std::process::id())?.saturating_sub(self.own);
        let others = machine()?.saturating_sub(self.machine).saturating_sub(own);
        let processors = std::thread::available_parallelism()?.get();
        let all = self.began.elapsed().as_secs_f64() * processors as f64;
        Ok(others.as_secs_f64() / all)
    }
}

fn descendants(all: &BTreeMap<u32, Used>, root: u32) -> Vec<&Used> {
    let mut family = vec![root];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        family.extend(all.iter().filter(|(_, used)| used.parent == parent).map(|(pid, _)| *pid));
        next += 1;
    }
    family.iter().filter_map(|pid| all.get(pid)).collect()
}

fn all() -> Result<BTreeMap<u32, Used>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // One that ends between the two calls has been waited for by its parent, or will be.
        let stat = std::fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        if let Some(used) = Used::parse(&stat) {
            all.insert(pid, used);
        }
    }
    Ok(all)
}

impl Used {
    /// "pid (name) state ppid …"; the name may contain anything.
    fn parse(stat: &str) -> Option<Self> {
        let (_, rest) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
        Some(Self {
            parent: u32::try_from(number(1)?).ok()?,
            own: number(11)? + number(12)?,
            waited_for: number(13)? + number(14)?,
        })
    }
}

/// Resident memory in MB (10^6 bytes).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resident {
    /// All of it.
    pub(crate) all: f64,
    /// Without pages of files, which the kernel may take back at any moment.
    pub(crate) anonymous: f64,
}

pub(crate) fn resident(pid: u32) -> Result<Resident> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let megabytes = |name: &str| -> Result<f64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let line = line.with_context(|| format!("no {name} in /proc/{pid}/status"))?;
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? * 1024.0 / 1e6)
    };
    Ok(Resident { all: megabytes("VmRSS:")?, anonymous: megabytes("RssAnon:")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_and_spaces_does_not_shift_the_fields() {
        let stat = "7 (a) b) c) S 3 7 7 0 -1 4194560 1 2 3 4 100 20 5 6 20 0 1 0 1 2 3";
        let used = Used::parse(stat).expect("a line of proc");
        assert_eq!((used.parent, used.own, used.waited_for), (3, 120, 11));
    }

    #[test]
    fn the_time_of_ended_children_is_not_lost() -> Result<()> {
        let pid = std::process::id();
        let before = cpu(pid)?;
        let burn = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        assert!(std::process::Command::new("sh").args(["-c", burn]).status()?.success());
        assert!(cpu(pid)? - before >= Duration::from_millis(20));
        Ok(())
    }

    #[test]
    fn what_we_use_is_not_counted_as_what_others_use() -> Result<()> {
        let (others, pid) = (Others::watch()?, std::process::id());
        while cpu(pid)? < others.own + Duration::from_millis(300) {
            std::hint::spin_loop();
        }
        let (all, own) = (machine()? - others.machine, cpu(pid)? - others.own);
        // Both are told in ticks.
        assert!(all + Duration::from_millis(50) > own, "{all:?} of {own:?}");
        let theirs = others.share()? * others.began.elapsed().as_secs_f64();
        let processors = std::thread::available_parallelism()?.get();
        assert!(theirs * processors as f64 <= all.as_secs_f64() - 0.2, "{theirs} of {all:?}");
        Ok(())
    }

    #[test]
    fn our_own_memory_is_more_than_a_megabyte_and_mostly_our_own() -> Result<()> {
        let resident = resident(std::process::id())?;
        assert!(resident.all > 1.0 && resident.anonymous < resident.all);
        Ok(())
    }
}
