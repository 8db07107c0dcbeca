//! F12: every process has another idea of the time, and changes it while it serves. Nothing may depend on
//! it: the database's clock decides.
//!
//! The clocks are altered by libfaketime, which reads them from a file; CLOCK_MONOTONIC stays as it is, as
//! it does when an administrator or NTP sets a clock. That they are altered is seen in the `Date` of the
//! answers.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use super::drive::drive;
use super::stage::{Setup, Stage};
use super::{Scenario, not_run, ran};
use crate::http::Client;
use crate::keeper::Folder;

const CLOCKS: [&str; 6] = ["+5m", "-5m", "+1y", "-1y", "+0", "-3d"];

pub(super) const SCENARIO: Scenario = Scenario {
    id: "F12",
    fault: "clocks of the processes ±5 min and ±1 y apart, jumping on and back",
    allowed: "none",
    target: "identical answers",
    seconds: (0, 60),
    play: |ctx| {
        Box::pin(async move {
            let Some(library) = library() else {
                return not_run("libfaketime is not installed (apt-get install libfaketime)");
            };
            let folder = Folder::create("tokenhouse-clocks-")?;
            let setup = Setup { places: 5, running: 0, ..Setup::default() };
            let mut stage = Stage::start(setup).await?;
            let mut files = Vec::new();
            for (number, place) in stage.places.iter_mut().enumerate() {
                let file = folder.path().join(&place.name);
                std::fs::write(&file, CLOCKS[number])?;
                place.set_env("LD_PRELOAD", &library.display().to_string());
                place.set_env("FAKETIME_TIMESTAMP_FILE", &file.display().to_string());
                place.set_env("FAKETIME_CACHE_DURATION", "1");
                place.set_env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
                place.set_env("DONT_FAKE_MONOTONIC", "1");
                files.push(file);
            }
            stage.start_places(0..5).await?;
            stage.balanced().await?;
            if let Err(error) = differ(&stage).await {
                return not_run(format!("the clocks cannot be altered here: {error:#}"));
            }
            let played = drive(ctx, &mut stage, ctx.load(), async |stage, book| {
                for round in 1..=usize::try_from(ctx.times(2, 8))? {
                    book.harmless("every clock jumps");
                    for (number, file) in files.iter().enumerate() {
                        std::fs::write(file, CLOCKS[(number + round) % CLOCKS.len()])?;
                    }
                    tokio::time::sleep(Duration::from_secs(5)).await;
                    differ(stage).await.context("after a jump")?;
                }
                Ok(())
            });
            ran(played.await?)
        })
    },
};

/// Debian has it outside the paths that are searched, one folder per architecture.
fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path());
    folders.map(|folder| folder.join("faketime/libfaketime.so.1")).find(|path| path.is_file())
}

/// Whether no two processes put the same date on their answers.
async fn differ(stage: &Stage) -> Result<()> {
    let mut dates = Vec::new();
    for place in &stage.places {
        let answer = Client::fresh(place.addr()).get("/data").send().await?;
        dates.push(answer.header("date").context("an answer without a date")?.to_owned());
    }
    let count = dates.len();
    dates.sort_unstable();
    dates.dedup();
    ensure!(dates.len() == count, "two processes have the same time: {dates:?}");
    Ok(())
}
