//! Ends the started servers and removes their folders when the test process ends in any way,
//! `kill -9` and Ctrl-C included, where no `Drop` runs.
//!
//! One shell per test process reads what to end from a pipe; when the pipe closes, the test process
//! is gone and the shell does it. It sits in its own process group, so that Ctrl-C does not reach
//! it. The orderly end of a server is its owner's business.

use std::fs::Permissions;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};

/// Lines are `kill SIGNAL PID`, `spare PID` (which undoes it) and `remove FOLDER`. At the end: the
/// signals, a short wait for every process, then the folders.
const SCRIPT: &str = r#"
pids="" folders=""
newline='
'
alive() { readlink "/proc/$1/exe" >/dev/null; }
while read -r verb what more; do
  case "$verb" in
    kill) pids="$pids $what:$more" ;;
    spare)
      rest=""
      for entry in $pids; do
        [ "${entry##*:}" = "$what" ] || rest="$rest $entry"
      done
      pids=$rest ;;
    remove) folders="$folders$what${more:+ $more}$newline" ;;
  esac
done
for entry in $pids; do kill -s "${entry%%:*}" "${entry##*:}"; done
for entry in $pids; do
  tries=100
  while [ "$tries" -gt 0 ] && alive "${entry##*:}"; do
    tries=$((tries - 1))
    sleep 0.05
  done
  if alive "${entry##*:}"; then kill -s KILL "${entry##*:}"; fi
done
printf '%s' "$folders" | while read -r folder; do
  case "$folder" in /?*) rm -rf -- "$folder" ;; esac
done
"#;

static SHELL: LazyLock<Mutex<Option<Shell>>> = LazyLock::new(|| Mutex::new(None));

struct Shell {
    pipe: ChildStdin,
    /// Held so that the shell is waited for by nobody: it ends after this process.
    _child: Child,
}

/// A process that must not outlive this one. Dropping it strikes the process off the list, which its
/// owner does once it has been reaped.
#[derive(Debug)]
pub struct Watched {
    pid: u32,
}

/// Has `pid` ended with `signal` (`KILL`, `QUIT`, …) when this process ends first.
///
/// # Errors
/// When `/bin/sh` cannot be started.
pub fn watch(pid: u32, signal: &str) -> Result<Watched> {
    tell(&format!("kill {signal} {pid}"))?;
    Ok(Watched { pid })
}

impl Drop for Watched {
    fn drop(&mut self) {
        // A shell that is gone has nothing to forget.
        tell(&format!("spare {}", self.pid)).ok();
    }
}

/// A temporary folder, removed when dropped or when this process ends.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes an empty folder whose name begins with `prefix`, readable by other users: servers may
    /// have to run as one.
    ///
    /// # Errors
    /// When the folder or `/bin/sh` fails.
    pub fn create(prefix: &str) -> Result<Self> {
        Self::create_in(&std::env::temp_dir(), prefix)
    }

    /// [`Folder::create`] in another place than that of temporary files.
    ///
    /// # Errors
    /// When the folder or `/bin/sh` fails.
    pub fn create_in(parent: &Path, prefix: &str) -> Result<Self> {
        let path = tempfile::Builder::new()
            .prefix(prefix)
            .tempdir_in(parent)
            .context("cannot make a temporary folder")?
            .keep();
        let folder = Self { path };
        std::fs::set_permissions(&folder.path, Permissions::from_mode(0o755))?;
        tell(&format!("remove {}", folder.path.display()))?;
        Ok(folder)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed now is on the shell's list, as is what was removed already.
        std::fs::remove_dir_all(&self.path).ok();
    }
}

fn tell(line: &str) -> Result<()> {
    let mut shell = lock();
    if shell.is_none() {
        *shell = Some(start()?);
    }
    let pipe = &mut shell.as_mut().context("no keeper")?.pipe;
    writeln!(pipe, "{line}").context("the keeper's shell has ended")
}

fn lock() -> MutexGuard<'static, Option<Shell>> {
    SHELL.lock().unwrap_or_else(PoisonError::into_inner)
}

fn start() -> Result<Shell> {
    let mut child = Command::new("/bin/sh")
        .args(["-c", SCRIPT])
        .env_clear()
        .envs(std::env::var("PATH").map(|path| ("PATH", path)))
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start /bin/sh")?;
    let pipe = child.stdin.take().context("the shell has no stdin")?;
    Ok(Shell { pipe, _child: child })
}
