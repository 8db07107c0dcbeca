//! What the binary can be told to do, one file each.

pub(crate) mod admin;
pub(crate) mod apply;
pub(crate) mod audit;
pub(crate) mod client;
pub(crate) mod config;
pub(crate) mod db;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod group;
pub(crate) mod healthcheck;
pub(crate) mod invitation;
pub(crate) mod key;
mod link;
pub(crate) mod mail;
pub(crate) mod serve;
pub(crate) mod template;
pub(crate) mod user;
pub(crate) mod worker;

use std::io::{self, BufRead, IsTerminal};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use tokenhouse_processes::supervisor::Ended;
use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::EventId;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{Store, Trail};

use crate::config::used::Config;
use crate::config::{BadConfig, Flags, Written};
use crate::print;

/// An expected refusal with an exit code of its own.
#[derive(Debug)]
pub(crate) struct Refused {
    /// What to say.
    pub(crate) text: String,
    /// 1 failed, 2 usage, 5 conflict.
    pub(crate) code: u8,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Refused {}

/// 1 failed, 2 usage, 5 conflict, 78 bad configuration.
pub(crate) fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<BadConfig>() {
        return 78;
    }
    if let Some(ended) = error.downcast_ref::<Ended>() {
        return u8::try_from(ended.code).unwrap_or(1);
    }
    error.downcast_ref::<Refused>().map_or(1, |refused| refused.code)
}

/// Runs a one-off piece of work against the configured database.
pub(crate) fn with_store<T, F: Future<Output = Result<T>>>(
    flags: &Flags,
    work: impl FnOnce(Arc<dyn Store>, Written) -> F,
) -> Result<T> {
    let written = Written::gather(flags)?;
    let store = Config::new(&written)?.store()?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(work(store, written))
}

/// Asks whether to destroy something; without a terminal only `--yes` says so.
pub(crate) fn confirm(question: &str) -> Result<()> {
    let refused = || Refused {
        text: "not confirmed; give --yes to do it without asking".to_owned(),
        code: 2,
    };
    if !io::stdin().is_terminal() {
        return Err(refused().into());
    }
    print::aside(format_args!("{question} Type yes: "));
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    if line.trim() == "yes" { Ok(()) } else { Err(refused().into()) }
}

/// What a file holds, or standard input when it is called `-`.
pub(crate) fn read_text(file: &Path) -> Result<String> {
    if file == Path::new("-") {
        return io::read_to_string(io::stdin()).context("standard input cannot be read");
    }
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

/// The audit row of something an operator does.
pub(crate) fn by_operator(event: Event, now: Timestamp) -> Result<Trail> {
    Ok(Trail {
        id: EventId::new(now, random()?),
        event,
        actor: Actor::Operator,
        address: None,
        request_id: None,
    })
}

/// Random bytes from the operating system.
#[expect(clippy::disallowed_methods, reason = "where randomness enters the commands")]
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
