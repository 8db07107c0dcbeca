//! A power cut, approximated: at a random moment of a load every process is stopped between two of its
//! system calls, the files are copied, and a server on the copy must know all that had been acknowledged
//! before the copy began, and nothing half.
//!
//! What a copy models. Everything that was written is in it, synced or not, so it is what is left when
//! the machine loses its processes and keeps its memory. A power cut also loses writes that were not
//! synced. SQLite appends what it commits to one file (the write-ahead log) and syncs that before a commit
//! is acknowledged (that it does is seen in `disk`). So of the log a copy keeps what was there when it
//! began; of what came in the few milliseconds until the processes stood still it keeps a random part
//! with a torn end, and behind that what was there before. The processes have to stand still: a log and a
//! database that are copied one after the other while somebody moves pages from one to the other belong
//! to no moment at all. The index of the log is left out, as it is after a restart of the machine.
//!
//! What it does not model: sectors of the database file itself that were written by a checkpoint and not
//! synced (SQLite syncs them before it gives up the log that holds them), a disk that says synced and
//! is not, and blocks of the log that are lost out of order.

use std::time::{Duration, SystemTime};

use anyhow::{Result, ensure};
use tokio::time::{Instant, sleep};

use super::frozen::Frozen;
use super::ground::{Ground, load, verdict};
use super::log;
use crate::check::{Check, Verdict};
use crate::generator::{Generator, Random};
use crate::history::{History, Kind, Nanos, Outcome, Trouble};
use crate::server::Tokenhouse;

const SEED: u64 = 22;
/// Longest time from the beginning of a copy until the processes stand still: what is acknowledged in it
/// may be lost.
const UNSYNCED_MICROSECONDS: u64 = 40_000;

/// One copy, and when it was made.
struct Copy {
    ground: Ground,
    begun: Nanos,
    done: Nanos,
    /// Bytes of the log that were cut off or torn.
    torn: usize,
}

pub(super) async fn check(lasts: Duration) -> Result<Check> {
    let what = "a power cut leaves all that was acknowledged before it";
    let ground = Ground::new()?;
    let server = ground.server().arg("--processes").arg("3").start().await?;
    let generator = load(server.addr(), SEED, lasts);
    let until = Instant::now() + lasts;
    let ((), copies) = tokio::join!(generator.run(), copy_until(until, &ground, &server));
    let copies = copies?;
    drop(server);
    ensure!(!copies.is_empty(), "no copy was made");
    let (mut operations, mut wrong) = (0, None);
    let (count, torn) = (copies.len(), copies.iter().filter(|copy| copy.torn > 0).count());
    for copy in copies {
        let judged = judge(&copy, &generator).await;
        match judged {
            Ok((known, Verdict::Held)) => operations += known,
            Ok((_, Verdict::Failed(why) | Verdict::NotRun(why))) => wrong = Some(why),
            Err(error) => wrong = Some(format!("{error:#}")),
        }
    }
    let verdict = wrong.map_or(Verdict::Held, Verdict::Failed);
    Ok(Check::new("sqlite-power-cut", what, verdict)
        .figure("copies", count)
        .figure("with a torn end", torn)
        .figure("acknowledged before a copy", operations))
}

async fn copy_until(until: Instant, ground: &Ground, server: &Tokenhouse) -> Result<Vec<Copy>> {
    let mut random = Random::new(SEED);
    let mut copies = Vec::new();
    // Each copy costs a second or so when it is judged.
    let pause = Duration::from_millis(700);
    while Instant::now() + pause < until {
        sleep(pause + Duration::from_micros(random.below(300_000))).await;
        copies.push(copy(ground, server, &mut random).await?);
    }
    Ok(copies)
}

async fn copy(ground: &Ground, server: &Tokenhouse, random: &mut Random) -> Result<Copy> {
    let begun = Nanos::now();
    let before = Before::of(ground)?;
    sleep(Duration::from_micros(random.below(UNSYNCED_MICROSECONDS))).await;
    let mut pids = vec![server.pid()];
    pids.extend(server.children().iter().map(|child| child.pid));
    let frozen = Frozen::stop(&pids).await?;
    let copy = Ground::new()?;
    for entry in std::fs::read_dir(ground.folder())? {
        let entry = entry?;
        let name = entry.file_name();
        if !name.to_string_lossy().ends_with("-shm") {
            std::fs::copy(entry.path(), copy.folder().join(name))?;
        }
    }
    let done = Nanos::now();
    let untouched = before.database == Before::of(ground)?.database;
    drop(frozen);
    // What was moved into the database was synced in the log before: then nothing of it can be lost.
    let torn = if untouched { log::tear(&copy.log(), &before.log, random)? } else { 0 };
    Ok(Copy { ground: copy, begun, done, torn })
}

/// How the files were when a copy began.
struct Before {
    log: Vec<u8>,
    /// When the database file was written to last.
    database: SystemTime,
}

impl Before {
    fn of(ground: &Ground) -> Result<Self> {
        let database = std::fs::metadata(ground.database())?.modified()?;
        Ok(Self { log: std::fs::read(ground.log())?, database })
    }
}

/// How many operations had been acknowledged, and whether the copy knows them.
async fn judge(copy: &Copy, generator: &Generator) -> Result<(usize, Verdict)> {
    let history = until(generator.history(), copy.begun, copy.done);
    let known = history.operations.iter().filter(|operation| operation.is_ok()).count();
    let report = copy.ground.judge(generator, history).await?;
    Ok((known, verdict(&report)))
}

/// The history as the copy may know it: what had ended when it began is as it was, what was under way
/// then may be in it or not, and what began later is not.
fn until(mut history: History, begun: Nanos, done: Nanos) -> History {
    history.operations.retain_mut(|operation| {
        if operation.ret <= begun {
            return true;
        }
        let writes = !matches!(operation.kind, Kind::Read { .. } | Kind::List | Kind::Forged(_));
        if !matches!(operation.outcome, Outcome::Fail(_)) {
            operation.outcome = Outcome::Unknown(Trouble::Timeout);
            operation.ret = done;
        }
        writes && operation.is_unknown() && operation.invoke <= done
    });
    history
}
