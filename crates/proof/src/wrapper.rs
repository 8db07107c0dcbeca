//! Starts the program in a way of its own: a script in a temporary folder that stands for it.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::keeper::Folder;
use crate::process::bare_command;
use crate::server::binary;

pub(crate) struct Wrapper {
    folder: Folder,
}

impl Wrapper {
    /// `script` finds the program in `$program` and hands `"$@"` on.
    pub(crate) fn new(script: impl FnOnce(&Path) -> String) -> Result<Self> {
        let folder = Folder::create("tokenhouse-wrapper-")?;
        let program = binary()?.canonicalize()?;
        let text =
            format!("#!/bin/sh\nprogram='{}'\n{}\n", program.display(), script(folder.path()));
        let path = folder.path().join("program");
        std::fs::write(&path, text).context("cannot write a script")?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o755))?;
        Ok(Self { folder })
    }

    /// What to start.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("program")
    }

    /// Its folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// Whether this user may do that on this machine.
pub(crate) fn works(program: &str, args: &[&str]) -> bool {
    let mut command = bare_command(program);
    let tried = command.args(args).output();
    tried.is_ok_and(|output| output.status.success())
}
