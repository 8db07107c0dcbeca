//! Many people ask to sign in and go away before they are answered: a process hashes no more passwords at
//! once than it has permits, which its memory shows.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::future::join_all;
use serde_json::json;

use super::build::Build;
use super::trial::Trial;
use crate::http::Client;
use crate::postgres::shared;

const CLIENTS: u32 = 60;
/// How long each waits: shorter than a hash takes, longer than the first statement.
const PATIENCE: Duration = Duration::from_millis(30);
/// Memory of one hash, in KiB: the product's default.
const HASH: u64 = 19_456;

pub(super) async fn permit_released(build: Build) -> Result<Trial> {
    let url = shared().await?.fresh_database().await?;
    let process = build
        .process(&url)?
        .env("TOKENHOUSE_ARGON2_MEMORY", &HASH.to_string())
        .env("TOKENHOUSE_ARGON2_ITERATIONS", "40")
        .env("TOKENHOUSE_LOGIN_LIMIT_ACCOUNT", "off")
        .env("TOKENHOUSE_HASH_PERMITS", "2")
        .start()
        .await?;
    let client = Client::fresh(process.addr());
    let before = most_memory(process.pid())?;
    let attempts = (0..CLIENTS).map(|number| {
        let body = json!({ "username": format!("nobody-{number}"), "password": "wrong horse" });
        let asked = client.post_json("/login", &body).deadline(PATIENCE * (1 + number / 2));
        asked.send()
    });
    let given_up = join_all(attempts).await.into_iter().filter(Result::is_err).count();
    ensure!(given_up > 0, "everybody was answered in time");
    let answered = client.get("/healthz").send().await?;
    ensure!(answered.status == 200, "{}", answered.text());
    let grown = most_memory(process.pid())?.saturating_sub(before);
    // Two that work, and as much again for everything else.
    let wrong = (grown > 4 * HASH)
        .then(|| format!("{} MiB for two permits of {} MiB", grown / 1024, HASH / 1024));
    Ok(Trial { operations: usize::try_from(CLIENTS)?, wrong })
}

/// The largest resident memory so far, in KiB.
fn most_memory(pid: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|rest| rest.split_whitespace().next()).context("no VmHWM")?;
    Ok(number.parse()?)
}
