//! F17: clients that send slowly, clients that send too much, a database that lends no connection, an
//! output that nobody reads, a process that is frozen. Others must not be affected.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rustix::process::Signal;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_postgres::NoTls;

use super::book::Book;
use super::drive::drive;
use super::probe::Probe;
use super::slow_database::all_answer;
use super::stage::{LONG, Setup, Stage};
use super::{Context, Scenario, ran};
use crate::haproxy::Health;
use crate::http::Client;
use crate::keeper;
use crate::ports::free_address;

const SLOW: usize = 1000;
const TOO_BIG: usize = 10 << 20;
/// Of access lines, each a few hundred bytes: several times what a pipe holds.
const UNREAD: usize = 2000;

pub(super) const SCENARIO: Scenario = Scenario {
    id: "F17",
    fault: "1,000 slow clients; 10 MB bodies; no free connection; unread output; a frozen process",
    allowed: "none; 503 while the database lends nothing; what a frozen process holds",
    target: "others unaffected",
    seconds: (24, 60),
    play: |ctx| {
        Box::pin(async move {
            let mut stage = Stage::start(Setup::default()).await?;
            let probe = Probe::register(stage.balancer.addr()).await?;
            let played = drive(ctx, &mut stage, ctx.load(), async |stage, book| {
                slow_clients(ctx, stage, book).await?;
                big_bodies(stage, book, &probe).await?;
                no_connection(stage, book, &probe).await?;
                unread_output(stage, book, &probe).await?;
                for number in 0..usize::try_from(ctx.times(1, 2))? {
                    frozen(ctx, stage, book, number).await?;
                }
                Ok(())
            });
            ran(played.await?)
        })
    },
};

/// Half a head, and then a byte a second.
async fn slow_clients(ctx: &Context, stage: &Stage, book: &Book) -> Result<()> {
    book.harmless(format!("{SLOW} slow clients at {}", stage.places[0].name));
    let mut slow = Vec::new();
    for _ in 0..SLOW {
        let mut stream = TcpStream::connect(stage.places[0].addr()).await?;
        stream.write_all(b"GET /data HTTP/1.1\r\nHost: slow\r\nX-Slow: ").await?;
        slow.push(stream);
    }
    for _ in 0..ctx.times(3, 12) {
        tokio::time::sleep(Duration::from_secs(1)).await;
        for stream in &mut slow {
            // One that was told to go is what is wanted.
            stream.write_all(b"x").await.ok();
        }
    }
    Ok(())
}

async fn big_bodies(stage: &Stage, book: &Book, probe: &Probe) -> Result<()> {
    book.harmless("20 bodies of 10 MB");
    let client = Client::fresh(stage.balancer.addr());
    let body = format!("{{\"x\":\"{}\"}}", "x".repeat(TOO_BIG));
    for _ in 0..20 {
        let request = client.request(http::Method::PUT, "/data").bearer(probe.token());
        let answer = request.header("content-type", "application/json").body(body.clone()).send();
        // The answer comes before the body is through, so the connection may break first.
        if let Ok(answer) = answer.await {
            ensure!(answer.status == 413, "a body of 10 MB: {}", answer.status);
        }
    }
    Ok(())
}

/// Somebody else holds the table that every statement needs, so all connections are lent and wait.
async fn no_connection(stage: &Stage, book: &Book, probe: &Probe) -> Result<()> {
    let (client, connection) = tokio_postgres::connect(&stage.direct, NoTls).await?;
    tokio::spawn(connection);
    let window = book.fault("the table of users is locked");
    client.batch_execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await?;
    tokio::time::sleep(Duration::from_secs(4)).await;
    client.batch_execute("ROLLBACK").await?;
    all_answer(stage, probe, book).await?;
    book.over(window);
    Ok(())
}

/// A process whose access lines nobody reads answers all the same.
async fn unread_output(stage: &Stage, book: &Book, probe: &Probe) -> Result<()> {
    let addr = free_address()?;
    let builder = super::stage::builder(&stage.direct)
        .env("LISTEN_ADDR", &addr.to_string())
        .env("MANAGEMENT_LISTEN", "off")
        .env("TOKENHOUSE_ACCESS_LOG", "on");
    let mut command = builder.into_command()?;
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    book.harmless("a process whose output nobody reads");
    let mut child = command.spawn().context("tokenhouse")?;
    let watched = keeper::watch(child.id(), "KILL")?;
    probe.first_answer(addr).await?;
    let client = Client::kept(addr);
    let mut refused = 0_u32;
    for _ in 0..UNREAD {
        let answer = client.get("/data").bearer(probe.token()).send().await?;
        refused += u32::from(answer.status != 200);
    }
    child.kill()?;
    child.wait()?;
    drop(watched);
    let what = format!("refused of {UNREAD} with the output blocked");
    book.target(&what, "0", refused.to_string(), refused == 0);
    Ok(())
}

/// It neither answers nor breaks off; whoever asks it waits until it goes on.
async fn frozen(ctx: &Context, stage: &Stage, book: &Book, number: usize) -> Result<()> {
    let place = &stage.places[number];
    let window = book.fault(format!("{} is frozen", place.name));
    place.signal(Signal::STOP)?;
    stage.balancer.wait_for(number, Health::Down, LONG).await?;
    book.mark(format!("the balancer leaves {} out", place.name));
    tokio::time::sleep(Duration::from_secs(ctx.times(3, 8).into())).await;
    place.signal(Signal::CONT)?;
    stage.balancer.wait_for(number, Health::Up, LONG).await?;
    book.over(window);
    Ok(())
}
