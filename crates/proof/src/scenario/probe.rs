//! Asks until the first good answer comes, to time a recovery: a request every few milliseconds, a few of
//! them at once, so that one that hangs hides nothing. More would be a load of its own.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;
use serde_json::json;
use tokio::task::JoinSet;
use tokio_postgres::NoTls;
use uuid::Uuid;

use super::stage::LONG;
use crate::history::Nanos;
use crate::http::Client;

/// How often it asks.
const EVERY: Duration = Duration::from_millis(5);
/// How many questions to one process may be unanswered, and how long one of them may be.
const AT_ONCE: usize = 4;
const PATIENCE: Duration = Duration::from_secs(1);

/// A user of the harness's own, who is no part of any history.
#[derive(Clone, Debug)]
pub struct Probe {
    token: String,
}

impl Probe {
    /// Registers a user with the process, or the balancer, at that address.
    ///
    /// # Errors
    /// When it refuses.
    pub async fn register(addr: SocketAddr) -> Result<Self> {
        let name = format!("probe-{}", Uuid::new_v4().simple());
        let body = json!({ "username": name, "password": Uuid::new_v4().to_string() });
        let answer = Client::fresh(addr).post_json("/register", &body).send().await?;
        ensure!(answer.status == 201, "the probe: {} {}", answer.status, answer.text());
        let token = answer.json()?["token"].as_str().context("no token")?.to_owned();
        Ok(Self { token })
    }

    /// Her token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// When the first read with her token is answered with 200 there, from now on.
    ///
    /// # Errors
    /// When none is within a minute.
    pub async fn first_answer(&self, addr: SocketAddr) -> Result<Nanos> {
        let asking = async {
            let mut asked = JoinSet::new();
            let mut again = tokio::time::interval(EVERY);
            loop {
                tokio::select! {
                    _ = again.tick(), if asked.len() < AT_ONCE => {
                        let token = self.token.clone();
                        asked.spawn(async move {
                            let client = Client::fresh(addr);
                            let question = client.get("/data").bearer(&token);
                            let answer = question.deadline(PATIENCE).send().await;
                            answer.is_ok_and(|answer| answer.status == 200).then(Nanos::now)
                        });
                    }
                    Some(answered) = asked.join_next() => {
                        if let Ok(Some(at)) = answered {
                            return at;
                        }
                    }
                }
            }
        };
        tokio::time::timeout(LONG, asking)
            .await
            .with_context(|| format!("{addr} never answers 200"))
    }

    /// [`Probe::first_answer`] of several at once.
    ///
    /// # Errors
    /// When one does not answer.
    pub async fn first_answers(&self, addrs: &[SocketAddr]) -> Result<Vec<Nanos>> {
        try_join_all(addrs.iter().map(|addr| self.first_answer(*addr))).await
    }
}

/// When PostgreSQL first answers a statement there, from now on; with `target_session_attrs=read-write` in
/// the URL, when it first takes writes.
///
/// # Errors
/// When it does not within a minute.
pub async fn accepts(url: &str) -> Result<Nanos> {
    let asking = async {
        let mut again = tokio::time::interval(EVERY);
        loop {
            again.tick().await;
            let Ok((client, connection)) = tokio_postgres::connect(url, NoTls).await else {
                continue;
            };
            let driver = tokio::spawn(connection);
            let answered = client.simple_query("SELECT 1").await.is_ok();
            let at = Nanos::now();
            driver.abort();
            if answered {
                return at;
            }
        }
    };
    tokio::time::timeout(LONG, asking).await.context("PostgreSQL does not accept")
}
