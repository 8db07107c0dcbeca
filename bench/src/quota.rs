//! A ceiling on the processor time of a process, by the kernel's control groups (version 1 or 2; both
//! need root, or a group that was delegated).
//!
//! The group is removed when dropped; its process has to have ended by then.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// A control group with a ceiling.
pub(crate) struct Quota {
    folder: PathBuf,
}

impl Quota {
    /// Puts a process under a ceiling of `share` of one processor, refilled every `period`.
    pub(crate) fn put(pid: u32, share: f64, period: Duration) -> Result<Self> {
        let base = base()?;
        let folder = base.folder.join(format!("tokenhouse-bench-{}-{pid}", std::process::id()));
        std::fs::create_dir(&folder)
            .with_context(|| format!("cannot make the control group {}", folder.display()))?;
        let quota = Self { folder };
        let (quota_us, period_us) = (period.mul_f64(share).as_micros(), period.as_micros());
        if base.unified {
            quota.write("cpu.max", &format!("{quota_us} {period_us}"))?;
        } else {
            quota.write("cpu.cfs_period_us", &period_us.to_string())?;
            quota.write("cpu.cfs_quota_us", &quota_us.to_string())?;
        }
        quota.write("cgroup.procs", &pid.to_string())?;
        Ok(quota)
    }

    fn write(&self, file: &str, text: &str) -> Result<()> {
        let path = self.folder.join(file);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        // Left behind only if its process has not ended; an empty group costs nothing.
        std::fs::remove_dir(&self.folder).ok();
    }
}

struct Base {
    folder: PathBuf,
    unified: bool,
}

fn base() -> Result<Base> {
    let unified = Path::new("/sys/fs/cgroup");
    let controllers = std::fs::read_to_string(unified.join("cgroup.controllers"));
    if controllers.is_ok_and(|all| all.split_whitespace().any(|one| one == "cpu")) {
        // Groups below the root have the controller only if the root hands it down.
        let handed = std::fs::read_to_string(unified.join("cgroup.subtree_control"))?;
        if !handed.split_whitespace().any(|one| one == "cpu") {
            std::fs::write(unified.join("cgroup.subtree_control"), "+cpu")
                .context("the cpu controller is not handed down to control groups")?;
        }
        return Ok(Base { folder: unified.to_owned(), unified: true });
    }
    let folder = unified.join("cpu");
    ensure!(
        folder.join("cpu.cfs_quota_us").exists() || folder.join("cgroup.procs").exists(),
        "no cpu controller of control groups is mounted"
    );
    Ok(Base { folder, unified: false })
}
