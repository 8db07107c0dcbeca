//! Where PostgreSQL's programs are, and as which user its server runs.
//!
//! PostgreSQL refuses to run as root, as tests in a container often do; the packages make a user
//! `postgres`, and that one is taken. Nothing is started here.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::bare_command;

/// The folder of the programs and the user for the server.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    folder: PathBuf,
    user: Option<User>,
}

#[derive(Clone, Copy, Debug)]
struct User {
    uid: u32,
    gid: u32,
}

impl Programs {
    /// The newest version under `/usr/lib/postgresql`, or else what the `PATH` has.
    pub(super) fn find() -> Result<Self> {
        let folder = newest_package()
            .or_else(on_path)
            .context("PostgreSQL's server is not installed: run scripts/install-test-tools.sh")?;
        let user =
            if rustix::process::geteuid().is_root() { Some(User::unprivileged()?) } else { None };
        Ok(Self { folder, user })
    }

    pub(super) fn psql(&self) -> PathBuf {
        self.folder.join("psql")
    }

    /// A command for one of the programs that touch the data folder.
    pub(super) fn server_command(&self, program: &str) -> Command {
        self.owners_command(&self.folder.join(program))
    }

    /// A command for any program that must run as the server's user.
    pub(super) fn owners_command(&self, program: &Path) -> Command {
        let mut command = bare_command(program);
        command.current_dir("/").env("LC_ALL", "C");
        if let Some(user) = self.user {
            command.uid(user.uid).gid(user.gid);
        }
        command
    }

    /// Gives a folder or file to the server's user.
    pub(super) fn hand_over(&self, path: &Path) -> Result<()> {
        if let Some(user) = self.user {
            std::os::unix::fs::chown(path, Some(user.uid), Some(user.gid))
                .with_context(|| format!("cannot give {} to postgres", path.display()))?;
        }
        Ok(())
    }
}

impl User {
    fn unprivileged() -> Result<Self> {
        let number = |option: &str| -> Result<u32> {
            let output = bare_command("id").args([option, "postgres"]).output()?;
            if !output.status.success() {
                bail!("PostgreSQL does not run as root, and there is no user named postgres");
            }
            let text = String::from_utf8(output.stdout)?;
            text.trim().parse().context("id printed no number")
        };
        Ok(Self { uid: number("-u")?, gid: number("-g")? })
    }
}

fn newest_package() -> Option<PathBuf> {
    std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry)))
        .map(|(version, entry)| (version, entry.path().join("bin")))
        .filter(|(_, folder)| has_server(folder))
        .max_by_key(|(version, _)| *version)
        .map(|(_, folder)| folder)
}

fn on_path() -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).find(|folder| has_server(folder))
}

fn has_server(folder: &Path) -> bool {
    ["initdb", "postgres", "psql"].iter().all(|program| folder.join(program).is_file())
}
