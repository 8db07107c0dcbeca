//! What the harness started must end even when the test process is killed and no `Drop` runs.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::Pid;
use tokenhouse_proof::keeper::Folder;
use tokenhouse_proof::process::{Running, bare_command, exited};

const ROLE: &str = "TOKENHOUSE_PROOF_DIES";

#[tokio::test]
async fn what_was_started_ends_with_a_killed_test_process() -> Result<()> {
    if std::env::var_os(ROLE).is_some() {
        return be_killed();
    }
    let mut victim = std::process::Command::new(std::env::current_exe()?)
        .args(["--exact", "--nocapture"])
        .arg("what_was_started_ends_with_a_killed_test_process")
        .env(ROLE, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = BufReader::new(victim.stdout.take().context("no stdout")?);
    let line = output
        .lines()
        .map_while(Result::ok)
        .find_map(|line| Some(line.split_once("STARTED ")?.1.to_owned()))
        .context("the victim started nothing")?;
    let (pid, folder) = line.split_once(' ').context("two words")?;
    assert!(std::fs::exists(folder)?);

    victim.kill()?;
    victim.wait()?;

    let pid = Pid::from_raw(pid.parse()?).context("a pid")?;
    exited(pid, Duration::from_secs(10)).await?;
    let mut look = tokio::time::interval(Duration::from_millis(10));
    let gone = async {
        while std::fs::exists(folder)? {
            look.tick().await;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await?
}

/// Starts a program and makes a folder, tells of both, and never returns by itself.
fn be_killed() -> Result<()> {
    let folder = Folder::create("tokenhouse keeper ")?;
    let mut command = bare_command("tail");
    command.args(["-f", "/dev/null"]);
    let program = Running::start(command)?;
    println!("STARTED {} {}", program.pid(), folder.path().display());
    std::io::stdin().lines().count();
    anyhow::bail!("was not killed")
}
