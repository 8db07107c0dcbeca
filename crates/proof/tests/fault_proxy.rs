//! The fault proxy before a real PostgreSQL: transparent until told otherwise, and each fault as a
//! client sees it.

use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::FutureExt;
use futures_util::future::try_join_all;
use rustix::process::{Pid, Signal, kill_process};
use tokenhouse_proof::fault_proxy::{
    Control, Direction, Fate, FaultProxy, Link, Reach, Scope, Trap, What,
};
use tokenhouse_proof::postgres::shared;
use tokenhouse_proof::process::{Running, bare_command};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_postgres::{Client, NoTls};

use Direction::{Backend, Frontend};

const LONG: Duration = Duration::from_secs(20);

struct Place {
    proxy: FaultProxy,
    control: Control,
    url: String,
    /// A connection that does not go through the proxy.
    direct: Client,
}

async fn place() -> Result<Place> {
    let url = shared().await?.fresh_database().await?;
    let direct = connect(&url).await?.0;
    direct.batch_execute("CREATE TABLE t (n int)").await?;
    let (proxy, url) = FaultProxy::before(&url).await?;
    Ok(Place { control: proxy.control(), proxy, url, direct })
}

async fn connect(url: &str) -> Result<(Client, JoinHandle<bool>)> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    Ok((client, tokio::spawn(async move { connection.await.is_ok() })))
}

impl Place {
    async fn client(&self) -> Result<Client> {
        Ok(connect(&self.url).await?.0)
    }

    async fn rows(&self) -> Result<i64> {
        Ok(self.direct.query_one("SELECT count(*) FROM t", &[]).await?.get(0))
    }

    async fn sprung(&self) -> Result<()> {
        let sprung = |what: &What| matches!(what, What::Sprung(..));
        self.control.marks().wait_from(0, LONG, |mark| sprung(&mark.what)).await.map(drop)
    }

    /// Until no server process works for a client of the proxy.
    async fn nobody_works(&self) -> Result<()> {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                   AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
        let mut look = tokio::time::interval(Duration::from_millis(5));
        let gone = async {
            while self.direct.query_one(sql, &[]).await?.get::<_, i64>(0) > 0 {
                look.tick().await;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(LONG, gone).await?
    }
}

#[tokio::test]
async fn without_a_fault_it_changes_nothing() -> Result<()> {
    let place = place().await?;
    let client = place.client().await?;
    let large = "ü".repeat(3 << 20);
    let back: String = client.query_one("SELECT $1::text", &[&large]).await?.get(0);
    ensure!(back == large);

    // Pipelined: all are sent before the first answer.
    let insert = client.prepare("INSERT INTO t VALUES ($1)").await?;
    let (client_ref, insert) = (&client, &insert);
    try_join_all((0..500).map(async |n: i32| client_ref.execute(insert, &[&n]).await)).await?;
    assert_eq!(place.rows().await?, 500);

    // Several statements in one message, and an error that does not end the connection.
    client.batch_execute("BEGIN; INSERT INTO t VALUES (1); ROLLBACK; SELECT 1").await?;
    assert!(client.batch_execute("SELECT wrong").await.is_err());
    let copied = client.copy_out("COPY t TO STDOUT").await?;
    let lines = futures_util::TryStreamExt::try_collect::<Vec<_>>(copied).await?;
    assert_eq!(lines.len(), 500);

    // The client says good-bye, and both sides end in order.
    drop(client);
    let marks = place.control.marks();
    marks.wait_from(0, LONG, |mark| mark.what == What::Closed).await?;
    place.nobody_works().await?;
    assert!(!marks.all().iter().any(|mark| matches!(mark.what, What::Garbage(_))));
    Ok(())
}

#[tokio::test]
async fn messages_are_counted_and_named() -> Result<()> {
    let place = place().await?;
    let client = place.client().await?;
    let statement = client.prepare("SELECT 1").await?;
    let before = *place.control.counts().values().next().context("one connection")?;
    place.control.record();
    client.query(&statement, &[]).await?;
    client.batch_execute("SELECT 2").await?;
    let passed = place.control.recorded();
    let names = |direction| {
        let of = passed.iter().filter(move |passed| passed.direction == direction);
        of.map(|passed| passed.kind.name()).collect::<Vec<_>>()
    };
    assert_eq!(names(Frontend), ["Bind", "Execute", "Sync", "Query"]);
    let answer = ["DataRow", "CommandComplete", "ReadyForQuery"];
    let expected = [&["BindComplete"][..], &answer, &["RowDescription"], &answer].concat();
    assert_eq!(names(Backend), expected);
    let after = *place.control.counts().values().next().context("one connection")?;
    assert_eq!((after.frontend - before.frontend, after.backend - before.backend), (4, 8));
    Ok(())
}

#[tokio::test]
async fn a_request_for_encryption_is_answered_by_the_server_itself() -> Result<()> {
    let place = place().await?;
    let mut stream = TcpStream::connect(place.proxy.addr()).await?;
    stream.write_all(&[0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]).await?;
    assert_eq!(stream.read_u8().await?, b'N');
    Ok(())
}

#[tokio::test]
async fn garbage_is_refused_and_does_not_reach_the_server() -> Result<()> {
    let place = place().await?;
    let mut stream = TcpStream::connect(place.proxy.addr()).await?;
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").await?;
    let garbage = |what: &What| matches!(what, What::Garbage(text) if text.contains("1195725856"));
    place.control.marks().wait_from(0, LONG, |mark| garbage(&mark.what)).await?;
    assert!(stream.read_u8().await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_reset_cuts_after_exactly_the_message_it_was_set_for() -> Result<()> {
    let place = place().await?;
    // Bind and Execute have run, but nothing commits before Sync; with it the server commits, though
    // nobody hears of it; and with the whole reply passed on nothing is lost.
    let cases = [(Frontend, 0, 0), (Frontend, 2, 0), (Frontend, 3, 1), (Backend, 0, 1)];
    for (direction, after, rows) in cases {
        place.direct.batch_execute("TRUNCATE t").await?;
        let client = place.client().await?;
        let insert = client.prepare("INSERT INTO t VALUES (1)").await?;
        place.control.arm(Trap::after(direction, after).fate(Fate::Reset, Reach::This));
        let failed = client.execute(&insert, &[]).await.expect_err("the connection was cut");
        assert!(failed.as_db_error().is_none(), "{failed}");
        place.nobody_works().await?;
        assert_eq!((place.rows().await?, place.control.armed()), (rows, 0), "{direction} {after}");
    }
    Ok(())
}

#[tokio::test]
async fn a_black_hole_swallows_until_it_is_healed() -> Result<()> {
    let place = place().await?;
    let (client, other) = (place.client().await?, place.client().await?);
    let scope = Scope::Statement("INSERT".to_owned());
    let trap = Trap::after(Frontend, 1).scope(scope).fate(Fate::BlackHole, Reach::This);
    place.control.arm(trap);
    // Another connection is not meant, though it speaks first.
    other.batch_execute("SELECT 1").await?;
    let insert =
        tokio::spawn(async move { client.batch_execute("INSERT INTO t VALUES (1)").await });
    place.sprung().await?;
    other.batch_execute("SELECT 1").await?;
    assert!(!insert.is_finished());
    place.control.heal().await;
    assert!(insert.await?.is_err());
    other.batch_execute("SELECT 1").await?;

    place.control.impose(Fate::BlackHole, Reach::All);
    let mut newcomer = Box::pin(connect(&place.url));
    let marks = place.control.marks();
    let from = marks.len();
    assert!((&mut newcomer).now_or_never().is_none());
    marks.wait_from(from, LONG, |mark| mark.what == What::Connected).await?;
    assert!((&mut newcomer).now_or_never().is_none());
    place.control.heal().await;
    assert!(newcomer.await.is_err());
    assert!(place.client().await.is_ok());
    Ok(())
}

#[tokio::test]
async fn a_prepared_statement_is_recognised_when_it_is_bound_by_its_name() -> Result<()> {
    let place = place().await?;
    let client = place.client().await?;
    let marked = client.prepare("SELECT 'marked'").await?;
    let other = client.prepare("SELECT 'other'").await?;
    let scope = Scope::Statement("marked".to_owned());
    place.control.arm(Trap::after(Backend, 1).scope(scope).fate(Fate::Reset, Reach::This));
    client.query(&other, &[]).await?;
    assert!(client.query(&marked, &[]).await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_half_closed_connection_tells_the_receiver_that_it_ended() -> Result<()> {
    let place = place().await?;
    let (client, driver) = connect(&place.url).await?;
    place.control.impose(Fate::HalfClosed(Backend), Reach::This);
    driver.await?;
    assert!(client.is_closed());
    // The other way: the server ends the session, and says so.
    place.control.heal().await;
    let (client, driver) = connect(&place.url).await?;
    place.control.impose(Fate::HalfClosed(Frontend), Reach::This);
    driver.await?;
    assert!(client.is_closed());
    Ok(())
}

#[tokio::test]
async fn the_reply_to_a_commit_is_held_back_though_it_is_committed() -> Result<()> {
    let place = place().await?;
    let client = place.client().await?;
    for (sql, rows) in [
        ("INSERT INTO t VALUES (1)", 1),
        ("BEGIN; INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); COMMIT", 3),
    ] {
        let marks = place.control.marks().len();
        place.control.hold_commits(Scope::Statement("INSERT".to_owned()));
        client.batch_execute("BEGIN; SELECT 1; ROLLBACK").await?;
        {
            let mut insert = Box::pin(client.batch_execute(sql));
            let held = place.control.held(marks, LONG);
            tokio::select! {
                held = held => held?,
                done = &mut insert => anyhow::bail!("it was told too soon: {done:?}"),
            }
            assert_eq!(place.rows().await?, rows);
            assert!((&mut insert).now_or_never().is_none());
            place.control.release();
            insert.await?;
        }
        client.batch_execute("SELECT 1").await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_slow_link_is_slow_both_by_latency_and_by_rate() -> Result<()> {
    let place = place().await?;
    let client = place.client().await?;
    let delay = Duration::from_millis(120);
    place.control.slow(Frontend, Link { delay, rate: None });
    place.control.slow(Backend, Link { delay, rate: None });
    let asked = Instant::now();
    client.batch_execute("SELECT 1").await?;
    assert!(asked.elapsed() >= 2 * delay);

    place.control.slow(Frontend, Link::default());
    place.control.slow(Backend, Link { delay: Duration::ZERO, rate: NonZeroU64::new(200_000) });
    let asked = Instant::now();
    client.query_one("SELECT repeat('x', 100000)", &[]).await?;
    assert!(asked.elapsed() >= Duration::from_millis(450), "{:?}", asked.elapsed());

    // One that is not waited for: an hour's delay ends when it is healed.
    place.control.slow(Frontend, Link { delay: Duration::from_secs(3600), rate: None });
    let mut query = Box::pin(client.batch_execute("SELECT 1"));
    assert!((&mut query).now_or_never().is_none());
    place.control.heal().await;
    tokio::time::timeout(LONG, query).await??;
    Ok(())
}

#[tokio::test]
async fn a_process_is_stopped_or_killed_at_an_exact_message() -> Result<()> {
    let place = place().await?;
    let client = place.client().await?;
    let mut command = bare_command("tail");
    command.args(["-f", "/dev/null"]);
    let mut victim = Running::start(command)?;
    let pid = Pid::from_raw(i32::try_from(victim.pid())?).context("a pid")?;
    let stat = format!("/proc/{}/stat", victim.pid());
    let state = || -> Result<String> {
        let stat = std::fs::read_to_string(&stat)?;
        Ok(stat.rsplit(") ").next().unwrap_or_default().chars().take(1).collect())
    };
    // The third: BindComplete, DataRow, CommandComplete. Nothing is swallowed here.
    let stop = move || kill_process(pid, Signal::STOP).expect("it runs");
    let statement = client.prepare("SELECT 1").await?;
    place.control.arm(Trap::after(Backend, 5).hook(stop));
    client.query(&statement, &[]).await?;
    assert_ne!(state()?, "T");
    client.query(&statement, &[]).await?;
    let mut look = tokio::time::interval(Duration::from_millis(2));
    while state()? != "T" {
        look.tick().await;
    }
    let kill = move || kill_process(pid, Signal::KILL).expect("it runs");
    place.control.arm(Trap::after(Frontend, 1).hook(kill).fate(Fate::Mute, Reach::This));
    let mut query = Box::pin(client.query(&statement, &[]));
    assert!((&mut query).now_or_never().is_none());
    let status = tokio::select! {
        status = victim.wait(LONG) => status?,
        rows = &mut query => anyhow::bail!("nothing was to pass: {rows:?}"),
    };
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(9));
    place.control.heal().await;
    assert!(query.await.is_err());
    Ok(())
}
