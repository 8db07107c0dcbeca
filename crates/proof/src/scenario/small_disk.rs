//! A disk of a few hundred megabytes, in memory, that can be filled to the last byte.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::keeper::Folder;
use crate::process::bare_command;

/// A mounted tmpfs. Unmounted when dropped.
pub(super) struct SmallDisk {
    folder: Folder,
}

impl SmallDisk {
    pub(super) fn mount(megabytes: u32) -> Result<Self> {
        let folder = Folder::create("tokenhouse-disk-")?;
        let mut command = bare_command("mount");
        command.args(["-t", "tmpfs", "-o", &format!("size={megabytes}m,mode=777"), "tmpfs"]);
        let output = command.arg(folder.path()).output().context("mount")?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr).trim());
        Ok(Self { folder })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Takes all there is left.
    pub(super) fn fill(&self) -> Result<PathBuf> {
        let path = self.path().join("ballast");
        let mut file = File::create(&path)?;
        let mut size = 1 << 20;
        while size > 0 {
            match file.write(&vec![0; size]) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => size /= 2,
                Err(error) => return Err(error).context("the ballast"),
            }
        }
        Ok(path)
    }

    pub(super) fn empty(&self, ballast: PathBuf) -> Result<()> {
        std::fs::remove_file(ballast).context("the ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a program that is just ending may still have a file open.
        bare_command("umount").arg("-l").arg(self.path()).output().ok();
    }
}
