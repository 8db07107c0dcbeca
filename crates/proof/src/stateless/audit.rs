//! What a process writes: nothing but to sockets, pipes and its own events, from its start to its end, in
//! every flow; and that it needs no file system that could be written to.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::flows;
use super::player::{Player, Route};
use super::process;
use crate::check::{Check, Verdict};
use crate::postgres::Cluster;
use crate::server::Tokenhouse;
use crate::wrapper::{Wrapper, works};

/// What changes a file, a folder, or what is in them.
const CALLS: &str = "openat,openat2,open,creat,mkdir,mkdirat,unlink,unlinkat,rename,renameat,\
    renameat2,link,linkat,symlink,symlinkat,truncate,ftruncate,fallocate,mknod,mknodat,chmod,\
    fchmod,fchmodat,write,writev,pwrite64,pwritev,pwritev2";
/// Where bytes may go: strace shows what a descriptor is.
const OUTLETS: [&str; 5] = ["socket:", "pipe:", "anon_inode:", "TCP:", "UNIX"];
const LONG: Duration = Duration::from_secs(60);

pub(super) async fn opens_nothing_for_writing(cluster: &Cluster) -> Result<Check> {
    let what = "in every flow nothing is written but to sockets, pipes and /dev/null";
    if !works("strace", &["-qq", "true"]) {
        let why = "strace is not there, or may not trace".to_owned();
        return Ok(Check::new("write-audit", what, Verdict::NotRun(why)));
    }
    let traced = traced(cluster).await;
    let calls = traced.as_ref().map_or(0, |trace| trace.lines().count());
    let outcome = traced.and_then(|trace| judge(&trace));
    Ok(Check::of("write-audit", what, &outcome).figure("calls looked at", calls))
}

/// The calls of a process that played every flow and was then told to end.
async fn traced(cluster: &Cluster) -> Result<String> {
    let url = cluster.fresh_database().await?;
    let wrapper = Wrapper::new(|folder| {
        let trace = folder.join("trace");
        format!(
            "exec strace -f -qq -y -e trace={CALLS} -o '{}' \"$program\" \"$@\"",
            trace.display()
        )
    })?;
    let builder = process(&url).binary(wrapper.path()).env("TOKENHOUSE_DRAIN_DELAY", "100ms");
    let mut server = builder.start().await?;
    play(&server).await?;
    let ready = server.children().first().context("it said that it was ready")?;
    let pid = Pid::from_raw(i32::try_from(ready.pid)?).context("a pid")?;
    kill_process(pid, Signal::TERM)?;
    server.wait(LONG).await?;
    std::fs::read_to_string(wrapper.folder().join("trace")).context("no trace")
}

fn judge(trace: &str) -> Result<()> {
    ensure!(trace.contains("openat("), "strace saw nothing");
    let found: Vec<&str> = trace.lines().filter(|line| is_a_write(line)).take(3).collect();
    ensure!(found.is_empty(), "{found:?}");
    Ok(())
}

/// Whether a line of strace changes something that outlives the process.
fn is_a_write(line: &str) -> bool {
    // `123 openat(AT_FDCWD, "/x", O_RDONLY) = 3</x>`, also `123 <... write resumed>…`, which was judged
    // where it began.
    let call = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    let Some((name, arguments)) = call.split_once('(') else { return false };
    if name.starts_with('<') || name.starts_with('+') || arguments.contains("\"/dev/null\"") {
        return false;
    }
    match name {
        "openat" | "openat2" | "open" => {
            ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].iter().any(|flag| arguments.contains(flag))
        }
        "write" | "writev" | "pwrite64" | "pwritev" | "pwritev2" => {
            let target = arguments.split_once('<').map_or("", |(_, target)| target);
            !OUTLETS.iter().any(|outlet| target.starts_with(outlet))
                && !target.starts_with("/dev/null>")
        }
        _ => true,
    }
}

pub(super) async fn read_only_root(cluster: &Cluster) -> Result<Check> {
    let what = "every flow works where no file system can be written to";
    if !works("unshare", &["--mount", "true"]) {
        let why = "this user may not make a mount namespace".to_owned();
        return Ok(Check::new("read-only-root", what, Verdict::NotRun(why)));
    }
    let outcome = read_only(cluster).await;
    Ok(Check::of("read-only-root", what, &outcome))
}

async fn read_only(cluster: &Cluster) -> Result<()> {
    let url = cluster.fresh_database().await?;
    let wrapper = Wrapper::new(|_| {
        // Every file system that is mounted, and the proof that it was one.
        let inner = "while read -r _ at _; do mount -o remount,ro,bind \"$at\" 2>/dev/null || true; \
             done </proc/mounts; for at in / /tmp /var/tmp /dev/shm; do \
             ! touch \"$at/tokenhouse-test\" 2>/dev/null || exit 99; done; exec \"$@\"";
        format!("exec unshare --mount sh -c '{inner}' sh \"$program\" \"$@\"")
    })?;
    let server = process(&url).binary(wrapper.path()).start().await?;
    play(&server).await
}

async fn play(server: &Tokenhouse) -> Result<()> {
    for (name, flow) in flows::ALL {
        let mut player = Player::new(Route::One(server.addr()));
        flow(&mut player).await.with_context(|| format!("in the flow `{name}`"))?;
        let lines = player.lines();
        ensure!(!lines.iter().any(|line| line.contains(": 50")), "{name}: an error in {lines:?}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_written_are_told_from_sockets() {
        for good in [
            r#"7 openat(AT_FDCWD, "/etc/hosts", O_RDONLY|O_CLOEXEC) = 3</etc/hosts>"#,
            r#"7 openat(AT_FDCWD, "/dev/null", O_RDWR) = 3</dev/null<char 1:3>>"#,
            r#"7 write(5<anon_inode:[eventfd]>, "\1", 8) = 8"#,
            r#"7 writev(9<socket:[77]>, [{iov_base="x", iov_len=1}], 1) = 1"#,
            r#"7 write(1<pipe:[8]>, "{}", 2 <unfinished ...>"#,
            r#"7 <... write resumed>) = 2"#,
            "7 +++ exited with 0 +++",
        ] {
            assert!(!is_a_write(good), "{good}");
        }
        for bad in [
            r#"7 openat(AT_FDCWD, "/tmp/x", O_WRONLY|O_CREAT, 0666) = 3</tmp/x>"#,
            r#"7 write(3</tmp/x>, "x", 1) = 1"#,
            r#"7 mkdir("/tmp/y", 0777) = 0"#,
            r#"7 pwrite64(4</tmp/x.db>, "x", 1, 0 <unfinished ...>"#,
        ] {
            assert!(is_a_write(bad), "{bad}");
        }
    }
}
