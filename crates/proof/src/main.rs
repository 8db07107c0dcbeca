//! `tokenhouse-proof`: drives a deployment that the user names, records what it answers, and judges it; or
//! starts deployments of its own and breaks them (`prove`).
//!
//! It makes accounts, so it never guesses whom to talk to: there is no default target. What is asked is
//! decided in the library's generator, what is wrong in its checker, what is broken in its scenarios.

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::{Args, Parser, Subcommand};
use hdrhistogram::Histogram;
use http::uri::Authority;
use tokenhouse_proof::checker::{Circumstances, Report, check};
use tokenhouse_proof::generator::{Generator, Plan};
use tokenhouse_proof::history::History;
use tokenhouse_proof::http::Tls;
use tokenhouse_proof::prove;

/// Looks for acknowledged things that are lost and revoked things that are not
#[derive(Parser)]
#[command(version, about)]
struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Drive a deployment with users of its own making, and judge what it answers
    ///
    /// Accounts whose names begin with "proof-" are made there, and deleted afterwards as far as possible.
    Run(Run),
    /// Judge a history that an earlier run wrote
    Check {
        /// The file of JSON lines
        file: PathBuf,
        #[command(flatten)]
        known: Known,
    },
    /// Start deployments here, break them in every way that is known, and judge what they answer
    ///
    /// Starts PostgreSQL, HAProxy and tokenhouse of its own, on loopback, in temporary folders.
    Prove(Prove),
}

#[derive(Args)]
struct Prove {
    /// The short form: minutes instead of an hour
    #[arg(long)]
    quick: bool,
    /// Only these, such as F5,F6
    #[arg(long, value_delimiter = ',', value_name = "IDS")]
    only: Vec<String>,
    /// What the load and the faults are made from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the report there, as JSON and as a page
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// About how many minutes the long form may take
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(5..=1440))]
    minutes: u32,
}

#[derive(Args)]
struct Run {
    /// Where it is, as https://host or http://host:port; several times for several processes
    #[arg(long, required = true, value_name = "URL")]
    target: Vec<String>,
    /// Believe the authorities of this file (PEM), and not those of the system
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// How long, such as 30s or 5m
    #[arg(long, default_value = "30s", value_parser = span)]
    duration: Duration,
    /// Operations per second, whether or not the answers keep up
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: u32,
    /// How many users take part
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    users: u32,
    /// What the schedule is made from; the same seed asks the same
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How long to wait for one answer
    #[arg(long, default_value = "15s", value_parser = span)]
    deadline: Duration,
    /// Write the history there, as JSON lines
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Leave the accounts there
    #[arg(long)]
    keep_accounts: bool,
    #[command(flatten)]
    known: Known,
}

#[derive(Args)]
struct Known {
    /// Nothing is broken on purpose meanwhile: then any error is a violation
    #[arg(long)]
    undisturbed: bool,
}

impl Known {
    fn circumstances(&self) -> Circumstances {
        Circumstances { faults: self.undisturbed.then(Vec::new), ..Circumstances::default() }
    }
}

fn main() -> ExitCode {
    let judged = match CommandLine::parse().command {
        Command::Run(run) => drive(&run).map(|report| report.is_clean()),
        Command::Check { file, known } => {
            read(&file).map(|history| judge(&history, &known).is_clean())
        }
        Command::Prove(command) => prove(command),
    };
    match judged {
        Ok(true) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            eprintln!("tokenhouse-proof: {error:#}");
            ExitCode::from(2)
        }
    }
}

#[tokio::main]
async fn drive(run: &Run) -> Result<Report> {
    // Found out before anything is sent, rather than when the history is there to be lost.
    let file = run.json.as_ref().map(create).transpose()?;
    let (addresses, host) = resolve(&run.target).await?;
    let tls = security(&run.target, run.ca.as_deref())?;
    let generator = Generator::over(
        Plan {
            addresses,
            host,
            seed: run.seed,
            rate: run.rate,
            users: run.users,
            duration: run.duration,
            deadline: run.deadline,
        },
        None,
        tls,
    );
    generator.run().await;
    let history = generator.history();
    if let Some(file) = file {
        history.write_to(BufWriter::new(file)).context("cannot write the history")?;
    }
    println!("run {}, seed {}", history.run.name, history.run.seed);
    let report = judge(&history, &run.known);
    println!("{}", latencies(&history)?);
    ensure!(report.ok > 0, "nothing was acknowledged, so nothing was proved; is it a Tokenhouse?");
    if !run.keep_accounts {
        match generator.remove_accounts().await {
            0 => {}
            left => println!("{left} accounts may be left, by the name of {}-…", history.run.name),
        }
    }
    Ok(report)
}

#[tokio::main]
async fn prove(command: Prove) -> Result<bool> {
    let Prove { quick, only, seed, report, minutes } = command;
    let options = prove::Options { quick, only, seed, report, minutes };
    Ok(prove::run(&options).await?.is_good())
}

fn judge(history: &History, known: &Known) -> Report {
    let report = check(history, &known.circumstances());
    print!("{report}");
    report
}

fn create(path: &PathBuf) -> Result<File> {
    File::create(path).with_context(|| format!("cannot write {}", path.display()))
}

fn read(path: &PathBuf) -> Result<History> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(History::read_from(BufReader::new(file))?)
}

/// From the moment each operation was to be sent, so that waiting in the client counts too.
fn latencies(history: &History) -> Result<String> {
    let mut spans = Histogram::<u64>::new_with_bounds(1, 600_000_000, 3)?;
    for operation in &history.operations {
        let span = operation.ret.since(operation.intended).as_micros();
        spans.saturating_record(u64::try_from(span).unwrap_or(u64::MAX));
    }
    #[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
    let milliseconds = |microseconds: u64| microseconds as f64 / 1000.0;
    Ok(format!(
        "latency from the intended time: p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
        milliseconds(spans.value_at_quantile(0.5)),
        milliseconds(spans.value_at_quantile(0.99)),
        milliseconds(spans.max())
    ))
}

/// The addresses of the targets, and the host that they were called by.
async fn resolve(targets: &[String]) -> Result<(Vec<SocketAddr>, Option<String>)> {
    let mut addresses = Vec::new();
    let mut called = None;
    for target in targets {
        let (secure, authority) = authority(target)?;
        let usual = if secure { 443 } else { 80 };
        let (host, port) = (authority.host(), authority.port_u16().unwrap_or(usual));
        let bare = bare(host);
        let found = tokio::net::lookup_host((bare, port)).await;
        let mut found = found.with_context(|| format!("cannot find {host}"))?;
        addresses.push(found.next().with_context(|| format!("{host} has no address"))?);
        called.get_or_insert_with(|| authority.to_string());
    }
    Ok((addresses, called))
}

/// How TLS is spoken to the targets, if it is: to all of them, and all in one name.
fn security(targets: &[String], authorities: Option<&Path>) -> Result<Option<Tls>> {
    let targets = targets.iter().map(|target| authority(target));
    let targets: Vec<_> = targets.collect::<Result<_>>()?;
    let Some((_, first)) = targets.iter().find(|(secure, _)| *secure) else {
        ensure!(authorities.is_none(), "--ca is for targets that begin with https://");
        return Ok(None);
    };
    let same = |(secure, other): &(bool, Authority)| *secure && other.host() == first.host();
    ensure!(targets.iter().all(same), "targets of https:// must all have the same name");
    Tls::new(bare(first.host()), authorities).map(Some)
}

/// A host as it is resolved and certified: an IPv6 address without its brackets.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Whether a target is spoken to over TLS, and where it is.
fn authority(target: &str) -> Result<(bool, Authority)> {
    let uri: http::Uri = target.parse().with_context(|| format!("{target} is no URL"))?;
    let secure = match uri.scheme_str() {
        Some("http") => false,
        Some("https") => true,
        _ => bail!("{target} does not begin with https:// or http://"),
    };
    ensure!(matches!(uri.path(), "" | "/"), "{target} has a path; the API is at the root");
    let authority = uri.into_parts().authority;
    Ok((secure, authority.with_context(|| format!("{target} names no host"))?))
}

/// `250ms`, `30s`, `5m` or `2h`.
fn span(text: &str) -> Result<Duration, String> {
    let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];
    units
        .into_iter()
        .find_map(|(unit, scale)| {
            let count: u64 = text.strip_suffix(unit)?.parse().ok()?;
            count.checked_mul(scale).filter(|span| *span > 0).map(Duration::from_millis)
        })
        .ok_or_else(|| format!("{text} is not a span such as 250ms, 30s, 5m or 2h"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_and_rubbish_is_refused() {
        assert_eq!(span("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(span("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(span("2h"), Ok(Duration::from_secs(7200)));
        for bad in ["", "30", "0s", "-1s", "s", "99999999999999999999s"] {
            assert!(span(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn targets_are_all_secure_in_one_name_or_none_is() {
        let security = |targets: &[&str]| {
            let targets: Vec<_> = targets.iter().map(|target| (*target).to_owned()).collect();
            security(&targets, None).map(|tls| tls.is_some())
        };
        assert!(security(&["http://a.test", "http://b.test"]).is_ok_and(|secure| !secure));
        assert!(security(&["https://a.test", "http://a.test"]).is_err());
        assert!(security(&["https://a.test", "https://b.test"]).is_err());
    }

    #[test]
    fn a_target_has_to_be_named_and_to_be_a_host() {
        assert!(CommandLine::try_parse_from(["tokenhouse-proof", "run"]).is_err());
        assert!(authority("http://127.0.0.1:8080/").is_ok_and(|(secure, _)| !secure));
        assert!(authority("https://example.org").is_ok_and(|(secure, _)| secure));
        for bad in ["127.0.0.1:8080", "ftp://example.org", "https://example.org/api", "http://"] {
            assert!(authority(bad).is_err(), "{bad}");
        }
    }
}
