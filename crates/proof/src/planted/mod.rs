//! The harness against itself: bugs that are planted in the program, one at a time, have to be found by
//! the same generator and the same checker that find nothing in the sound program.
//!
//! Each bug has a detector: servers, a load, perhaps a fault, and a judgement. It runs twice, at once: on
//! the program with the bug turned on, where it must find something, and on the sound one, where it must
//! find nothing. What a bug does is in `crates/store/src/planted`; here is only how it shows.

mod build;
mod clock;
mod commit;
mod database;
mod memory;
mod permit;
mod provider;
mod standby;
mod trial;

use anyhow::{Result, ensure};
use futures_util::future::{BoxFuture, join};

use crate::check::{Check, Verdict};
use build::Build;
use trial::Trial;

pub use build::binary;

/// Which of the bugs are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All of them.
    Every,
    /// Those that take a few seconds together.
    Few,
    /// One of them.
    Named(&'static str),
}

/// A bug and how it shows.
struct Planted {
    /// Its name, as the program knows it.
    name: &'static str,
    /// What is wrong with a program that has it.
    what: &'static str,
    /// Whether it belongs to the few.
    few: bool,
    detect: fn(Build) -> BoxFuture<'static, Result<Trial>>,
}

const PLANTED: &[Planted] = &[
    Planted {
        name: "session_cache",
        what: "each process believes a session that it has read for one more second",
        few: true,
        detect: |build| Box::pin(memory::session_cache(build)),
    },
    Planted {
        name: "limiter_per_process",
        what: "each process counts wrong passwords for itself",
        few: true,
        detect: |build| Box::pin(memory::limiter_per_process(build)),
    },
    Planted {
        name: "trouble_is_401",
        what: "a database that is away is answered as a token that is not good",
        few: true,
        detect: |build| Box::pin(database::trouble_is_401(build)),
    },
    Planted {
        name: "retry_unknown",
        what: "a write whose commit was not answered is sent again",
        few: true,
        detect: |build| Box::pin(database::retry_unknown(build)),
    },
    Planted {
        name: "revived_by_renewal",
        what: "writing down that a session was used brings back one that has ended",
        few: true,
        detect: |build| Box::pin(database::revived_by_renewal(build)),
    },
    Planted {
        name: "local_clock",
        what: "each process judges expiry by its own clock",
        few: true,
        detect: |build| Box::pin(clock::local_clock(build)),
    },
    Planted {
        name: "asynchronous_commit",
        what: "a write is acknowledged before it is on the disk",
        few: false,
        detect: |build| Box::pin(commit::asynchronous_commit(build)),
    },
    Planted {
        name: "standby_reads",
        what: "sessions are read from an asynchronous standby",
        few: false,
        detect: |build| Box::pin(standby::standby_reads(build)),
    },
    Planted {
        name: "permit_released",
        what: "who goes away gives a permit back that the work still needs",
        few: false,
        detect: |build| Box::pin(permit::permit_released(build)),
    },
    Planted {
        name: "select_then_insert",
        what: "two processes that need the first signing key at once make two",
        few: true,
        detect: |build| Box::pin(provider::select_then_insert(build)),
    },
    Planted {
        name: "key_unannounced",
        what: "a new key signs before every process publishes it",
        few: false,
        detect: |build| Box::pin(provider::key_unannounced(build)),
    },
    Planted {
        name: "code_read_then_used",
        what: "a code is good if it was when it was read, whoever used it since",
        few: true,
        detect: |build| Box::pin(provider::code_read_then_used(build)),
    },
    Planted {
        name: "turned_in_memory",
        what: "each process counts for itself how often a refresh token was turned",
        few: true,
        detect: |build| Box::pin(provider::turned_in_memory(build)),
    },
];

/// Bugs in what the product does not have yet.
const LATER: &[(&str, &str)] =
    &[("challenge_in_memory", "a challenge is known only to the process that gave it")];

/// Plants the bugs one after the other; one check for each, and at last one for caught / planted.
///
/// # Errors
/// When the program with the bugs is not there, or no bug has the name. A bug that is not caught is a check that failed.
pub async fn run(which: Selection) -> Result<Vec<Check>> {
    let binary = binary()?;
    ensure!(
        binary.is_file(),
        "{} is not there: run scripts/build-planted.sh first",
        binary.display()
    );
    let chosen = PLANTED.iter().filter(|planted| match which {
        Selection::Every => true,
        Selection::Few => planted.few,
        Selection::Named(name) => planted.name == name,
    });
    let mut checks = Vec::new();
    for planted in chosen {
        checks.push(try_one(planted).await);
    }
    ensure!(!checks.is_empty(), "there is no such bug; {}", names());
    let (caught, all) = (checks.iter().filter(|check| check.held()).count(), checks.len());
    let verdict = match caught == all {
        true => Verdict::Held,
        false => Verdict::Failed("the harness is blind to some of them".to_owned()),
    };
    let later = LATER.iter().filter(|_| which == Selection::Every).map(|(name, what)| {
        Check::new(name, *what, Verdict::NotRun("the product has no such thing yet".to_owned()))
    });
    checks.extend(later);
    let total = Check::new("planted-bugs", "every planted bug is caught", verdict);
    checks.push(total.figure("caught / planted", format!("{caught} / {all}")));
    Ok(checks)
}

/// The names of all bugs, for people.
fn names() -> String {
    let names: Vec<_> = PLANTED.iter().map(|planted| planted.name).collect();
    format!("there are {}", names.join(", "))
}

async fn try_one(planted: &Planted) -> Check {
    let sound = (planted.detect)(Build::sound());
    let broken = (planted.detect)(Build::with(planted.name));
    let (sound, broken) = join(sound, broken).await;
    let verdict = match (&sound, &broken) {
        (Ok(sound), Ok(broken)) => match (&sound.wrong, &broken.wrong) {
            (Some(why), _) => Verdict::Failed(format!("the sound program is blamed: {why}")),
            (None, None) => Verdict::Failed("not caught".to_owned()),
            (None, Some(_)) => Verdict::Held,
        },
        (Err(error), _) => Verdict::Failed(format!("the sound program: {error:#}")),
        (_, Err(error)) => Verdict::Failed(format!("the program with the bug: {error:#}")),
    };
    let check = Check::new(planted.name, format!("caught: {}", planted.what), verdict);
    match broken {
        Ok(Trial { operations, wrong: Some(wrong) }) => {
            check.figure("operations", operations).figure("seen", wrong)
        }
        _ => check,
    }
}
