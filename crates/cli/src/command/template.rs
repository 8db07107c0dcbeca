//! `tokenhouse template eject|check`: an operator's own pages.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use tokenhouse_server::pages::{Pages, embedded_files};

use super::Refused;
use crate::config::used::{pages, read_folder};
use crate::config::{BadConfig, Flags, Written};
use crate::print;

/// Copy the pages' templates to change them, and check them
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Write templates, messages and assets into a folder; TOKENHOUSE_TEMPLATES then names it
    ///
    /// Keep only the files you change: what is missing comes from the binary, also after an upgrade.
    Eject {
        /// The folder; nothing in it is overwritten
        folder: PathBuf,
    },
    /// Fill every template in every language; exit code 1 if something is wrong
    Check {
        /// The folder, instead of the configured one
        folder: Option<PathBuf>,
        #[command(flatten)]
        flags: Flags,
    },
}

/// # Errors
/// [`Refused`] for a file that exists already, or for templates that fail.
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    match arguments.action {
        Action::Eject { folder } => eject(&folder),
        Action::Check { folder, flags } => check(folder.as_deref(), &flags),
    }
}

fn eject(folder: &Path) -> Result<()> {
    let files = embedded_files();
    // All or nothing, as far as one process can tell.
    if let Some(name) = files.keys().find(|name| folder.join(name).exists()) {
        let text = format!("{} exists already; nothing was written", folder.join(name).display());
        return Err(Refused { text, code: 5 }.into());
    }
    for (name, bytes) in &files {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
        let file = OpenOptions::new().write(true).create_new(true).open(&path);
        let mut file = file.with_context(|| path.display().to_string())?;
        file.write_all(bytes).with_context(|| path.display().to_string())?;
    }
    print::note(format_args!("{} files are in {}", files.len(), folder.display()));
    Ok(())
}

fn check(folder: Option<&Path>, flags: &Flags) -> Result<()> {
    let pages = match folder {
        Some(folder) => {
            let own = read_folder(folder).map_err(|error| match is_missing(&error) {
                true => BadConfig(format!("there is no folder {}", folder.display())).into(),
                false => error,
            })?;
            Pages::new(own).map_err(|error| Refused { text: error.to_string(), code: 1 })?
        }
        None => pages(&Written::gather(flags)?)?,
    };
    let complaints = pages.check();
    for complaint in &complaints {
        print::line(complaint)?;
    }
    match complaints.len() {
        0 => {
            print::note("the pages are good");
            Ok(())
        }
        count => Err(Refused { text: format!("{count} things are wrong"), code: 1 }.into()),
    }
}

fn is_missing(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == ErrorKind::NotFound)
}
