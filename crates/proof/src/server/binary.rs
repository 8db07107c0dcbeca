//! Where the binary is, and its commands that run to their end (`user add`, `db migrate`, …).
//!
//! It is never built here: a test that builds would wait for Cargo's lock, which the test run holds.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::process::{bare_command, run_to_end};

/// The variable that names the binary.
const ENVIRONMENT: &str = "TOKENHOUSE_BIN";
const DEADLINE: Duration = Duration::from_secs(60);

/// How a command ended and what it printed.
#[derive(Clone, Debug)]
pub struct Output {
    /// How it ended.
    pub status: ExitStatus,
    /// Its stdout; what is not UTF-8 is replaced.
    pub stdout: String,
    /// Its stderr; what is not UTF-8 is replaced.
    pub stderr: String,
}

/// The binary that `TOKENHOUSE_BIN` names, or else the one beside the running test: of the same
/// profile if there is one, or else of the other one.
///
/// # Errors
/// When there is none.
pub fn binary() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os(ENVIRONMENT) {
        let path = PathBuf::from(path);
        return path
            .is_file()
            .then_some(path)
            .with_context(|| format!("{ENVIRONMENT} names no file"));
    }
    let test = std::env::current_exe().context("cannot tell where this test is")?;
    let Some(path) = beside(&test) else {
        bail!(
            "there is no tokenhouse binary near {}: run cargo build first, or set {ENVIRONMENT}",
            test.display()
        );
    };
    Ok(path)
}

/// Tests are in `<target>/<profile>/deps/`, programs in `<target>/<profile>/`.
fn beside(test: &Path) -> Option<PathBuf> {
    let own = test
        .ancestors()
        .skip(1)
        .find(|folder| folder.ends_with("debug") || folder.ends_with("release"))?;
    let target = own.parent()?;
    [own.to_owned(), target.join("debug"), target.join("release")]
        .into_iter()
        .map(|folder| folder.join("tokenhouse"))
        .find(|path| path.is_file())
}

/// Runs `tokenhouse` with `args`, only `PATH` and `envs` as its environment, and `stdin` as its
/// input, within a minute.
///
/// # Errors
/// When it cannot be started or does not end. A failing exit status is no error.
pub async fn run(args: &[&str], envs: &[(&str, &str)], stdin: &str) -> Result<Output> {
    let mut command = bare_command(binary()?);
    command.args(args).envs(envs.iter().copied());
    let output = run_to_end(command, stdin.as_bytes(), DEADLINE).await?;
    Ok(Output {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_of_the_tests_own_profile_comes_first() -> Result<()> {
        let target = tempfile::tempdir()?;
        for profile in ["debug", "release"] {
            std::fs::create_dir_all(target.path().join(profile).join("deps"))?;
        }
        let test = target.path().join("release/deps/suite-1");
        assert_eq!(beside(&test), None);
        let debug = target.path().join("debug/tokenhouse");
        std::fs::write(&debug, "")?;
        assert_eq!(beside(&test), Some(debug));
        let release = target.path().join("release/tokenhouse");
        std::fs::write(&release, "")?;
        assert_eq!(beside(&test), Some(release));
        Ok(())
    }
}
