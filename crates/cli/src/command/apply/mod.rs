//! `tokenhouse apply FILE`: clients and groups as a file says they are to be.
//!
//! What there is is compared with what is wanted, and only what differs is done, one transaction each. So a second
//! run does nothing, and one that was killed in between is finished by the next. What the file does not name stays.

mod difference;
mod file;
mod plan;
mod secret;
mod step;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use self::step::Step;
use super::{confirm, read_text, with_store};
use crate::config::{Flags, used};
use crate::print;

/// Make clients and groups what a file says
#[derive(Args)]
pub(crate) struct Arguments {
    /// TOML or JSON, with tables `clients.ID` and `groups.NAME`; - reads standard input
    file: PathBuf,
    /// Print what differs, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask before something is deleted
    #[arg(long)]
    yes: bool,
    /// Print one JSON object for each change
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: Flags,
}

/// # Errors
/// When the database cannot be reached, the file is wrong (exit code 2; nothing is changed then), or somebody else
/// changes the same at once (exit code 5; run it again).
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    let Arguments { file, dry_run, yes, json, flags } = arguments;
    let text = read_text(&file)?;
    with_store(&flags, async |store, written| {
        let wanted = file::read(&text, used::access_token_lifetime(&written)?)
            .with_context(|| file.display().to_string())?;
        if !dry_run {
            store.migrate().await?;
        }
        let steps = plan::plan(store.as_ref(), wanted).await?;
        if steps.is_empty() {
            print::note("no changes");
            return Ok(());
        }
        if !dry_run && !yes {
            ask(&steps)?;
        }
        for step in &steps {
            if !dry_run {
                step.take(store.as_ref(), || used::Config::new(&written)?.root()).await?;
            }
            step.show(json)?;
        }
        let changes = if steps.len() == 1 { "change" } else { "changes" };
        let done = if dry_run { "to make" } else { "made" };
        print::note(format_args!("{} {changes} {done}", steps.len()));
        Ok(())
    })
}

/// Asks before anything is deleted.
fn ask(steps: &[Step]) -> Result<()> {
    let lost: Vec<String> = steps.iter().filter_map(Step::loses).collect();
    match lost.as_slice() {
        [] => Ok(()),
        lost => confirm(&format!("Delete {}?", lost.join(", "))),
    }
}
