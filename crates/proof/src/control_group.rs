//! A control group of the kernel: a ceiling on the processor time of a process, or one share of the machine
//! for everything that a run starts (version 1 or 2; both need root, or a group that was delegated).
//!
//! The second is about priorities. Where the kernel groups tasks by session on its own accord
//! (`sched_autogroup_enabled`), a priority holds only within a session, and each process of PostgreSQL is a
//! session: the hashing threads of a server beside it, which are to stand back, would not, and a woken
//! database process waited for hundreds of milliseconds. In one group all are weighed one by one, as they
//! are on a machine where that grouping is off.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

/// A control group, removed when dropped; its processes have to have ended by then.
#[derive(Debug)]
pub struct ControlGroup {
    folder: PathBuf,
    unified: bool,
    /// Where this process goes back to, if it is in the group.
    home: Option<PathBuf>,
}

impl ControlGroup {
    /// Makes an empty group.
    ///
    /// # Errors
    /// Without the right to, or where the kernel has no control groups.
    pub fn create(name: &str) -> Result<Self> {
        let base = base()?;
        let folder = base.folder.join(name);
        std::fs::create_dir(&folder)
            .with_context(|| format!("cannot make the control group {}", folder.display()))?;
        Ok(Self { folder, unified: base.unified, home: None })
    }

    /// Makes a group and puts this process into it, and so all that it starts from now on.
    ///
    /// # Errors
    /// As [`ControlGroup::create`].
    pub fn join(name: &str) -> Result<Self> {
        let mut group = Self::create(&format!("{name}-{}", std::process::id()))?;
        group.put(std::process::id())?;
        group.home = group.folder.parent().map(Path::to_owned);
        Ok(group)
    }

    /// Puts a process into it.
    ///
    /// # Errors
    /// When the process is gone, or the kernel refuses.
    pub fn put(&self, pid: u32) -> Result<()> {
        self.write("cgroup.procs", &pid.to_string())
    }

    /// Sets a ceiling of `share` of one processor, refilled every `period`.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn limit(&self, share: f64, period: Duration) -> Result<()> {
        let (quota, period) = (period.mul_f64(share).as_micros(), period.as_micros());
        if self.unified {
            return self.write("cpu.max", &format!("{quota} {period}"));
        }
        self.write("cpu.cfs_period_us", &period.to_string())?;
        self.write("cpu.cfs_quota_us", &quota.to_string())
    }

    fn write(&self, file: &str, text: &str) -> Result<()> {
        let path = self.folder.join(file);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }
}

impl Drop for ControlGroup {
    fn drop(&mut self) {
        if let Some(home) = &self.home {
            std::fs::write(home.join("cgroup.procs"), std::process::id().to_string()).ok();
        }
        // Left behind only if a process in it has not ended; an empty group costs nothing.
        std::fs::remove_dir(&self.folder).ok();
    }
}

/// [`ControlGroup::join`], or a line on stderr that says why not.
#[must_use]
pub fn join_or_say(name: &str) -> Option<ControlGroup> {
    let joined = ControlGroup::join(name);
    joined.inspect_err(|why| eprintln!("priorities may not hold between programs: {why:#}")).ok()
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
