//! Whether a process remembers whom it has served: its memory over many distinct users, then addresses and
//! names, then tokens that are none. Whatever it kept of one would hold an identifier at the least, so
//! fewer bytes than that have is nothing kept.
//!
//! How many are served depends on the time there is; what that many can show is in the interval.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::future::{BoxFuture, try_join_all};
use serde_json::json;

use super::player::PASSWORD;
use super::process;
use super::slope::{self, Point};
use crate::check::{Check, Verdict};
use crate::http::Client;
use crate::postgres::Cluster;
use crate::server::Tokenhouse;

/// The most of one kind.
const MOST: u64 = 1_000_000;
/// How often memory is looked at, and how many of the looks buffers and pools are filled in.
const LOOKS: u64 = 100;
const WARM_UP: usize = 30;
/// Bytes of an identifier.
const LEAST_TRACE: f64 = 16.0;
/// Bytes of anything one would keep; a few thousand of them show no less.
const COARSE_TRACE: f64 = 128.0;
/// Requests at once.
const AT_ONCE: usize = 8;

struct Kind {
    id: &'static str,
    what: &'static str,
    ask: fn(Arc<Client>, u64) -> BoxFuture<'static, Result<()>>,
    /// A quick run serves so many, in however long that takes.
    few: u64,
    /// Any other run serves as many as it can in this time.
    lasts: Duration,
}

const KINDS: &[Kind] = &[
    Kind {
        id: "memory-users",
        what: "memory does not grow with distinct users",
        ask: |client, number| Box::pin(a_user(client, number)),
        few: 5_000,
        lasts: Duration::from_secs(90),
    },
    Kind {
        id: "memory-addresses",
        what: "memory does not grow with distinct addresses and names that nobody has",
        ask: |client, number| Box::pin(an_address(client, number)),
        few: 4_000,
        lasts: Duration::from_secs(40),
    },
    Kind {
        id: "memory-tokens",
        what: "memory does not grow with distinct tokens that are none",
        ask: |client, number| Box::pin(a_token(client, number)),
        few: 20_000,
        lasts: Duration::from_secs(40),
    },
];

pub(super) async fn checks(cluster: &Cluster, quick: bool) -> Result<Vec<Check>> {
    let url = cluster.fresh_database().await?;
    let server = process(&url)
        .env("TRUSTED_PROXIES", "127.0.0.1")
        .env("TOKENHOUSE_LOGIN_LIMIT_ADDRESS", "100/15m")
        .start()
        .await?;
    let mut checks = Vec::new();
    for kind in KINDS {
        let points = serve(&server, kind, quick).await;
        checks.push(judge(kind, points, if quick { COARSE_TRACE } else { LEAST_TRACE }));
    }
    Ok(checks)
}

fn judge(kind: &Kind, points: Result<Vec<Point>>, most: f64) -> Check {
    let points = match points {
        Ok(points) => points,
        Err(error) => {
            return Check::new(kind.id, kind.what, Verdict::Failed(format!("{error:#}")));
        }
    };
    let warm = &points[WARM_UP.min(points.len() / 2)..];
    let Some([low, high]) = slope::interval(warm) else {
        return Check::new(kind.id, kind.what, Verdict::NotRun("too few looks".to_owned()));
    };
    // Steps of a growing table make the interval wide; that it excludes nothing is enough then.
    let verdict = match slope::slope(warm) > most && low > 0.0 {
        true => Verdict::Failed(format!("it grows by {:.0} bytes each", slope::slope(warm))),
        false => Verdict::Held,
    };
    let (served, bytes) = points.last().copied().unwrap_or_default();
    Check::new(kind.id, kind.what, verdict)
        .figure("distinct", served)
        .figure("bytes for each", format!("{:.1}", slope::slope(warm)))
        .figure("with 95 % confidence", format!("{low:.1} to {high:.1}"))
        .figure("allowed", most)
        .figure("resident", format!("{:.1} MB", bytes / 1e6))
}

/// Serves distinct ones and looks at the memory on the way.
async fn serve(server: &Tokenhouse, kind: &Kind, quick: bool) -> Result<Vec<Point>> {
    let (most, lasts) = if quick { (kind.few, Duration::MAX) } else { (MOST, kind.lasts) };
    let (step, began) = (most / LOOKS, Instant::now());
    let client = Arc::new(Client::kept(server.addr()));
    let next = Arc::new(AtomicU64::new(0));
    let mut points = Vec::new();
    // Looks are as many as fit: fewer than half of them say too little.
    while points.len() < usize::try_from(LOOKS)? {
        if points.len() >= 2 * WARM_UP && began.elapsed() > lasts {
            break;
        }
        let until = (points.len() as u64 + 1) * step;
        try_join_all((0..AT_ONCE).map(|_| work(kind, &client, &next, until))).await?;
        #[expect(clippy::cast_precision_loss, reason = "a few million at most")]
        points.push((until as f64, resident(server.pid())?));
    }
    Ok(points)
}

async fn work(kind: &Kind, client: &Arc<Client>, next: &AtomicU64, until: u64) -> Result<()> {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= until {
            next.fetch_sub(1, Ordering::Relaxed);
            return Ok(());
        }
        (kind.ask)(Arc::clone(client), number).await?;
    }
}

async fn a_user(client: Arc<Client>, number: u64) -> Result<()> {
    let new = json!({ "username": format!("user-{number}"), "password": PASSWORD });
    let answer = client.post_json("/register", &new).send().await?;
    ensure!(answer.status == 201, "{}", answer.text());
    let token = answer.json()?["token"].as_str().context("a token")?.to_owned();
    let read = client.get("/data").bearer(&token).send().await?;
    ensure!(read.status == 200, "{}", read.text());
    Ok(())
}

async fn an_address(client: Arc<Client>, number: u64) -> Result<()> {
    let [_, a, b, c] = u32::try_from(number)?.to_be_bytes();
    let body = json!({ "username": format!("nobody-{number}"), "password": PASSWORD });
    let request = client.post_json("/login", &body);
    let answer = request.header("x-forwarded-for", &format!("11.{a}.{b}.{c}")).send().await?;
    ensure!(answer.status == 401, "{}", answer.text());
    Ok(())
}

async fn a_token(client: Arc<Client>, number: u64) -> Result<()> {
    let token = format!("ths_{}{number:020}", "A".repeat(60));
    let answer = client.get("/data").bearer(&token).send().await?;
    ensure!(answer.status == 401, "{}", answer.text());
    Ok(())
}

/// Bytes of the process that are not pages of files.
fn resident(pid: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kilobytes = line.and_then(|rest| rest.split_whitespace().next()).context("no RssAnon")?;
    Ok(kilobytes.parse::<f64>()? * 1024.0)
}
