//! How the harness treats a server, shown with shell scripts that print what a server would.

use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, ensure};
use rustix::process::Pid;
use serde_json::json;
use tempfile::TempDir;
use tokenhouse_proof::process::exited;
use tokenhouse_proof::server::Tokenhouse;

const LONG: Duration = Duration::from_secs(10);

const READY: &str = r#"
ready() {
    echo "{\"event.name\":\"tokenhouse.$1ready\",\"server.address\":\"127.0.0.1\",\"server.port\":$2,\"tokenhouse.management.address\":\"127.0.0.1:$3\",\"process.pid\":$$,\"tokenhouse.process.id\":\"p$3\"}"
}
"#;

/// A program of that text, and the folder that it goes with.
fn script(text: &str) -> Result<(TempDir, PathBuf)> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("tokenhouse");
    let source = folder.path().join("source");
    std::fs::write(&source, format!("#!/bin/sh\n{READY}\n{text}\n"))?;
    // Written by another process: a program cannot be started while any process has it open for
    // writing, and one forked by a neighbouring test might.
    let done = Command::new("install").args(["-m", "755"]).args([&source, &path]).status()?;
    ensure!(done.success(), "install: {done}");
    Ok((folder, path))
}

#[tokio::test]
async fn a_server_is_known_by_its_ready_line_and_ends_by_signal() -> Result<()> {
    let (_folder, path) = script(
        r#"args="$*"; trap 'kill $!; echo "{\"event.name\":\"bye\",\"args\":\"$args\"}"; exit 7' TERM
        echo noise >&2; tail -f /dev/null & ready "" 4000 4001; wait"#,
    )?;
    let mut server = Tokenhouse::builder().binary(path).arg("--x").start().await?;
    assert_eq!(server.url(), "http://127.0.0.1:4000");
    assert_eq!(server.management(), "127.0.0.1:4001".parse().ok());
    assert_eq!(server.children()[0].pid, server.pid());
    server.stderr().wait_for(LONG, |line| (line == "noise").then_some(())).await?;
    assert!(server.is_running());

    server.terminate()?;
    let bye = server.wait_for_event("bye", LONG).await?;
    assert_eq!(bye["args"], json!("serve --x"));
    assert_eq!(server.wait(LONG).await?.code(), Some(7));
    assert_eq!(server.wait(LONG).await?.code(), Some(7));
    assert!(!server.is_running());
    assert!(server.terminate().is_err());
    Ok(())
}

#[tokio::test]
async fn several_processes_are_ready_when_the_supervisor_says_so() -> Result<()> {
    let (_folder, path) = script(
        r#"ready "" 4000 1; ready "" 4000 2; ready supervisor. 4000 0; exec tail -f /dev/null"#,
    )?;
    let builder = Tokenhouse::builder().binary(path);
    let mut server = builder.arg("--processes").arg("2").start().await?;
    let names: Vec<_> = server.children().iter().map(|c| c.process.clone()).collect();
    assert_eq!(names, [Some("p1".to_owned()), Some("p2".to_owned())]);
    assert_eq!(server.kill9().await?.signal(), Some(9));
    Ok(())
}

#[tokio::test]
async fn a_server_that_ends_before_it_is_ready_is_an_error_with_its_words() -> Result<()> {
    let (_folder, path) = script("echo 'no root secret' >&2; exit 78")?;
    let failure = Tokenhouse::builder().binary(path).start().await;
    let text = format!("{:#}", failure.expect_err("it ended"));
    assert!(text.contains("no root secret"), "{text}");
    Ok(())
}

#[tokio::test]
async fn only_what_is_set_reaches_the_server() -> Result<()> {
    let (_folder, path) = script(
        r#"echo "{\"event.name\":\"env\",\"names\":\"$(/usr/bin/env | /usr/bin/cut -d= -f1 | /usr/bin/sort | /usr/bin/tr '\n' ' ')\"}"
        ready "" 4000 4001; exec /usr/bin/tail -f /dev/null"#,
    )?;
    let names = async |builder: tokenhouse_proof::server::Builder| -> Result<Vec<String>> {
        let server = builder.binary(&path).database("sqlite:x").start().await?;
        let event = server.wait_for_event("env", LONG).await?;
        let names = event["names"].as_str().unwrap_or_default();
        // The shell sets these by itself.
        Ok(names
            .split_whitespace()
            .filter(|name| !["PWD", "_", "OLDPWD", "SHLVL"].contains(name))
            .map(str::to_owned)
            .collect())
    };
    let needed = ["DATABASE_URL", "LISTEN_ADDR", "LOG_FORMAT", "MANAGEMENT_LISTEN"];
    assert_eq!(names(Tokenhouse::builder().clean_env()).await?, needed);
    let usual = names(Tokenhouse::builder()).await?;
    assert_eq!(
        usual,
        [
            &needed[..],
            &[
                "PATH",
                "TOKENHOUSE_ARGON2_ITERATIONS",
                "TOKENHOUSE_ARGON2_MEMORY",
                "TOKENHOUSE_SHOW_PROCESS"
            ]
        ]
        .concat()
    );
    Ok(())
}

#[tokio::test]
async fn a_dropped_server_is_gone() -> Result<()> {
    let (_folder, path) = script(r#"ready "" 4000 4001; exec tail -f /dev/null"#)?;
    let server = Tokenhouse::builder().binary(path).start().await?;
    let pid = Pid::from_raw(i32::try_from(server.pid())?);
    drop(server);
    if let Some(pid) = pid {
        exited(pid, Duration::ZERO).await?;
    }
    Ok(())
}
