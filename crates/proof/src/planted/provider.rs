//! Bugs in what applications are given: keys that others do not know yet, codes and refresh tokens whose state is
//! believed to be what it was.

use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::future::join_all;

use super::build::Build;
use super::trial::Trial;
use crate::application::{Application, Grant, PUBLIC_URL};
use crate::checker::{Circumstances, Published, check};
use crate::fault_proxy::{Direction, FaultProxy, Link};
use crate::http::Client;
use crate::postgres::shared;
use crate::server::{Builder, Tokenhouse};

/// How late the answers of the database are, so that two processes judge by the same state.
const LATE: Duration = Duration::from_millis(40);
const PUBLISHED: Published = Published { before: Duration::ZERO, after: Duration::from_secs(3600) };

/// Two processes whose database answers late, and an application that asks both.
struct Pair {
    application: Application,
    clients: [Client; 2],
    _processes: [Tokenhouse; 2],
    _proxy: FaultProxy,
    url: String,
}

impl Pair {
    /// The bugs of the two have these arguments.
    async fn start(build: Build, arguments: [&str; 2]) -> Result<Self> {
        let url = shared().await?.fresh_database().await?;
        let (proxy, through) = FaultProxy::before(&url).await?;
        let [a, b] = arguments;
        let a = issuing(build.process_with(&through, a)?).start().await?;
        let b = issuing(build.process_with(&through, b)?).start().await?;
        let application = Application::register(&url, 14).await?;
        proxy.control().slow(Direction::Backend, Link { delay: LATE, rate: None });
        let clients = [&a, &b].map(|process| Client::kept(process.addr()));
        Ok(Self { application, clients, _processes: [a, b], _proxy: proxy, url })
    }

    /// Somebody's grant.
    async fn grant(&self, at: &Client) -> Result<Grant> {
        let person = self.application.newcomer(at).await?;
        let code = self.application.authorize(at, &person).await.context("no code")?;
        self.application.redeem(at, &code).await.context("no grant")
    }

    /// Both are asked to sign, and then both for their keys.
    async fn sign_and_look(&self, grants: &mut [Grant; 2]) {
        let [a, b] = &self.clients;
        let [of_a, of_b] = grants;
        tokio::join!(self.application.turn(a, of_a), self.application.turn(b, of_b));
        tokio::join!(self.application.keys(a), self.application.keys(b));
    }

    fn judged(&self) -> Result<Trial> {
        let circumstances = Circumstances {
            faults: Some(Vec::new()),
            published: Some(PUBLISHED),
            ..Circumstances::default()
        };
        Trial::of(&check(&self.application.history(), &circumstances))
    }
}

fn issuing(builder: Builder) -> Builder {
    builder.env("PUBLIC_URL", PUBLIC_URL).env("TOKENHOUSE_SIGNING_ALGORITHMS", "ES256")
}

/// Both processes are asked for the first time at once, when there is no key.
pub(super) async fn select_then_insert(build: Build) -> Result<Trial> {
    let pair = Pair::start(build, [""; 2]).await?;
    let [a, b] = &pair.clients;
    tokio::join!(pair.application.keys(a), pair.application.keys(b));
    // Later than whatever was still on its way.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut grants = [pair.grant(a).await?, pair.grant(b).await?];
    for _ in 0..3 {
        pair.sign_and_look(&mut grants).await;
    }
    pair.judged()
}

/// The key that signs is about to retire, so the process that reads the keys first makes the next one; the other one
/// read them a few seconds later, and so will again.
pub(super) async fn key_unannounced(build: Build) -> Result<Trial> {
    let pair = Pair::start(build, [""; 2]).await?;
    let [a, b] = &pair.clients;
    let of_a = pair.grant(a).await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let mut grants = [of_a, pair.grant(b).await?];
    let (_, database) = pair.url.rsplit_once('/').context("a URL with a database")?;
    let soon = "UPDATE signing_keys SET retire_at = now() + interval '40 s'";
    shared().await?.psql(database, soon).await?;
    for _ in 0..24 {
        pair.sign_and_look(&mut grants).await;
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    pair.judged()
}

/// The same code comes eight times at once.
pub(super) async fn code_read_then_used(build: Build) -> Result<Trial> {
    let pair = Pair::start(build, [""; 2]).await?;
    let person = pair.application.newcomer(&pair.clients[0]).await?;
    for _ in 0..5 {
        let code =
            pair.application.authorize(&pair.clients[0], &person).await.context("no code")?;
        let clients = pair.clients.iter().cycle().take(8);
        join_all(clients.map(|at| pair.application.redeem(at, &code))).await;
    }
    pair.judged()
}

/// The same refresh token comes to both at once, and its successor after it.
pub(super) async fn turned_in_memory(build: Build) -> Result<Trial> {
    let pair = Pair::start(build, ["0", "1"]).await?;
    let [a, b] = &pair.clients;
    let mut grant = pair.grant(a).await?;
    for _ in 0..5 {
        let presented = grant.refresh.clone();
        let copy = grant.clone();
        let second = pair.application.refresh(b, &copy, &presented);
        tokio::join!(pair.application.turn(a, &mut grant), second);
    }
    pair.judged()
}
