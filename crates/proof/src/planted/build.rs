//! Which program is started: the sound one, or the one with bugs and one of them turned on.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::server::{self, Builder, Tokenhouse};

/// The variable by which the program is told its bug.
const VARIABLE: &str = "TOKENHOUSE_PLANTED_BUG";
const SECRET: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

/// What a detector starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Build(Option<&'static str>);

impl Build {
    /// The program as it is.
    pub(super) fn sound() -> Self {
        Self(None)
    }

    /// The program with that bug.
    pub(super) fn with(bug: &'static str) -> Self {
        Self(Some(bug))
    }

    /// A process on that database, without background tasks.
    pub(super) fn process(self, url: &str) -> Result<Builder> {
        self.process_with(url, "")
    }

    /// The same, where the bug has an argument.
    pub(super) fn process_with(self, url: &str, argument: &str) -> Result<Builder> {
        let builder = Tokenhouse::builder().database(url).secret(SECRET).arg("--no-worker");
        let builder = builder.env("TOKENHOUSE_LOGIN_LIMIT_ADDRESS", "off");
        let Some(bug) = self.0 else { return Ok(builder) };
        let bug = match argument {
            "" => bug.to_owned(),
            argument => format!("{bug}={argument}"),
        };
        Ok(builder.binary(binary()?).env(VARIABLE, &bug))
    }
}

/// Where `scripts/build-planted.sh` puts the program with the bugs: it is a debug build always, also
/// where the sound program is a release.
///
/// # Errors
/// When there is no program at all.
pub fn binary() -> Result<PathBuf> {
    let sound = server::binary()?;
    let target = sound.parent().and_then(Path::parent).context("no target folder")?;
    Ok(target.join("debug/tokenhouse-planted"))
}
