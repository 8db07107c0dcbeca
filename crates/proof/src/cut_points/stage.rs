//! The servers of the cases: PostgreSQL, the proxy before it, the process that is harmed, and the
//! witness that is not.

use std::cell::Cell;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tokio_postgres::NoTls;

use super::endpoint::Endpoint;
use super::person::Person;
use crate::application::PUBLIC_URL;
use crate::fault_proxy::{Control, FaultProxy};
use crate::http::{Answer, Client, Request};
use crate::postgres::shared;
use crate::server::{Builder, Tokenhouse, run};

const SECRET: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
/// What a process is told to wait for a connection, and for a statement.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long a living process may take to answer: a statement that is waited for in vain and the wait
/// for the connection that was to tell its outcome, for each of two statements; and a second, because
/// tests share their machine.
pub(super) const ANSWERED_WITHIN: Duration =
    Duration::from_millis(4 * PATIENCE.as_millis() as u64 + 1000);
/// How long anything may take that is waited for as an event.
pub(super) const LONG: Duration = Duration::from_secs(30);

pub(super) struct Stage {
    subject: Tokenhouse,
    builder: Builder,
    witness: Tokenhouse,
    pub(super) db: tokio_postgres::Client,
    pub(super) control: Control,
    invitation: String,
    refusals: Cell<usize>,
    _proxy: FaultProxy,
}

impl Stage {
    pub(super) async fn start() -> Result<Self> {
        let url = shared().await?.fresh_database().await?;
        let (proxy, through) = FaultProxy::before(&url).await?;
        let witness = builder(&url).start().await?;
        let invitation = invite(&url).await?;
        let patience = format!("{}ms", PATIENCE.as_millis());
        let builder = builder(&format!("{through}?application_name=subject"))
            .env("TOKENHOUSE_DB_CONNECT_TIMEOUT", &patience)
            .env("TOKENHOUSE_DB_STATEMENT_TIMEOUT", &patience);
        let subject = builder.clone().start().await?;
        let (db, connection) = tokio_postgres::connect(&url, NoTls).await?;
        tokio::spawn(connection);
        Ok(Self {
            subject,
            builder,
            witness,
            db,
            control: proxy.control(),
            invitation,
            refusals: Cell::new(0),
            _proxy: proxy,
        })
    }

    /// The process that is harmed; each request on a connection of its own.
    pub(super) fn subject(&self) -> Client {
        Client::fresh(self.subject.addr())
    }

    /// The process that is not.
    pub(super) fn witness(&self) -> Client {
        Client::fresh(self.witness.addr())
    }

    /// What applications may register themselves by.
    pub(super) fn invitation(&self) -> &str {
        &self.invitation
    }

    /// What kills the subject at once.
    pub(super) fn killer(&self) -> Result<impl FnOnce() + Send + 'static> {
        let pid = Pid::from_raw(i32::try_from(self.subject.pid())?).context("a pid")?;
        // It is not reaped before `recover`, so the number is its own; one that ended by itself shows there.
        Ok(move || {
            kill_process(pid, Signal::KILL).ok();
        })
    }

    /// Ends the fault: the proxy passes everything, a killed subject runs again, and what PostgreSQL
    /// still did for it is done.
    pub(super) async fn recover(&mut self, killed: bool) -> Result<()> {
        if killed {
            self.subject.wait(LONG).await?;
        }
        self.control.heal().await;
        self.quiet().await?;
        if killed {
            self.subject = self.builder.clone().start().await?;
        }
        ensure!(self.subject.is_running(), "the process ended by itself");
        Ok(())
    }

    /// Until each server process whose connection was cut is gone, and the others have nothing to do. A
    /// process that has not read yet what was sent to it is idle too, so idle alone is not enough.
    pub(super) async fn quiet(&self) -> Result<()> {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                   AND application_name = 'subject'
                   AND (state <> 'idle' OR client_port <> ALL($1))";
        let mut look = tokio::time::interval(Duration::from_millis(5));
        let quiet = async {
            loop {
                let ports: Vec<i32> = self.control.ports().into_iter().map(i32::from).collect();
                if self.db.query_one(sql, &[&ports]).await?.get::<_, i64>(0) == 0 {
                    return anyhow::Ok(());
                }
                look.tick().await;
            }
        };
        tokio::time::timeout(LONG, quiet).await.context("PostgreSQL still works for the subject")?
    }

    /// Asks as somebody else until the subject answers as it should: its connections are there, and
    /// this endpoint's statements prepared on them.
    pub(super) async fn make_ready(&self, endpoint: &Endpoint) -> Result<()> {
        // Each refusal costs the process one connection that had died; it has few.
        for _ in 0..10 {
            let person = Person::make(endpoint.who, self).await?;
            let answer = (endpoint.ask)(&self.subject(), &person).send().await?;
            if endpoint.is_done(&answer) {
                return Ok(());
            }
            ensure!(answer.status == 503, "{}: {}", endpoint.name, answer.text());
            self.refused();
        }
        anyhow::bail!("{} does not recover: {:?}", endpoint.name, self.last_refusal())
    }

    /// What the subject answers to a read; one that it refuses, because this machine was too slow for its short
    /// timeouts, is counted and asked again.
    pub(super) async fn ask(
        &self,
        request: impl for<'a> Fn(&'a Client) -> Request<'a>,
    ) -> Result<Answer> {
        for _ in 0..10 {
            let answer = request(&self.subject()).send().await?;
            if answer.status != 503 {
                return Ok(answer);
            }
            self.refused();
        }
        anyhow::bail!("reads are refused: {:?}", self.last_refusal())
    }

    /// An honest 503 though the fault is over: counted, and told in the report.
    pub(super) fn refused(&self) {
        self.refusals.set(self.refusals.get() + 1);
        if let Some(why) = self.last_refusal() {
            println!("after a fault: {why}");
        }
    }

    /// How often the subject answered 503 when the fault was over.
    pub(super) fn refusals(&self) -> usize {
        self.refusals.get()
    }

    /// What its log says of the last 503.
    pub(super) fn last_refusal(&self) -> Option<String> {
        let lines = self.subject.lines();
        lines.into_iter().rfind(|line| line.contains("database_unavailable"))
    }
}

/// A process with one connection for each kind of statement at a time, and nothing in the background.
fn builder(url: &str) -> Builder {
    Tokenhouse::builder()
        .database(url)
        .secret(SECRET)
        .arg("--no-worker")
        .env("TOKENHOUSE_DB_CONNECTIONS", "5")
        .env("TOKENHOUSE_LOGIN_LIMIT_ADDRESS", "1000000/15m")
        .env("TOKENHOUSE_DEV_OUTBOX", "on")
        .env("TOKENHOUSE_RECOVERY_LIMIT", "off")
        .env("PUBLIC_URL", PUBLIC_URL)
        .env("TOKENHOUSE_SIGNING_ALGORITHMS", "ES256")
        .env("TOKENHOUSE_DYNAMIC_REGISTRATION", "token")
}

/// What applications register themselves by, of an operator who is generous.
async fn invite(url: &str) -> Result<String> {
    let args = ["client", "invite", "--uses", "1000000"];
    let output = run(&args, &[("DATABASE_URL", url), ("TOKENHOUSE_SECRET", SECRET)], "").await?;
    ensure!(output.status.success(), "client invite: {}", output.stderr);
    Ok(output.stdout.trim().to_owned())
}
