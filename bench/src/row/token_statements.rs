//! Row 6, continued: how many statements the requests of applications cost PostgreSQL. The signing keys, which each
//! process reads once in ten seconds whatever is asked, are no request's and are not counted.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use tokenhouse_proof::postgres::{Cluster, Options};
use tokenhouse_server::hashing::Cost;

use super::provider;
use crate::figure::{Bar, Figure};
use crate::fill::applications::{Granted, MACHINE};
use crate::fill::{self, Content, People};
use crate::ground::Place;
use crate::load::{
    Asking, Authorizations, Crowd, Documents, Introspections, Machines, Refreshes, RoundTrips,
    UserInfos,
};
use crate::table::Table;

/// Requests of each kind, one after another.
const REQUESTS: u32 = 20;
/// Each is asked for once before without counting, for what a connection asks when it is new.
const PEOPLE: u32 = 2 * REQUESTS;
const DATABASE: &str = "token_statements";

const COUNT: &str = "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s
    JOIN pg_database d ON d.oid = s.dbid
    WHERE d.datname = 'token_statements' AND s.query NOT LIKE '%signing_keys%'";
const LIST: &str = "SELECT calls, left(regexp_replace(query, '\\s+', ' ', 'g'), 60)
    FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
    WHERE d.datname = 'token_statements' ORDER BY calls DESC LIMIT 10";

pub(super) async fn measure(table: &mut Table) -> Result<()> {
    let options = Options { statement_statistics: true, ..Options::quick() };
    let cluster = Cluster::start(options).await?;
    cluster.create_database(DATABASE).await?;
    cluster.psql("postgres", "CREATE EXTENSION pg_stat_statements").await?;
    let content = Content::at(Cost { memory: 64, iterations: 1, parallelism: 1 }).await?;
    let url = cluster.url(DATABASE);
    fill::migrate(&url).await?;
    fill::add(&url, 0..PEOPLE, &content).await?;
    fill::add_applications(&url, 0..PEOPLE, &content).await?;
    let people = Arc::new(People::new(PEOPLE, &content)?);
    let granted = Arc::new(Granted::new(PEOPLE, &content)?);
    let place = Place { url, people: Arc::clone(&people) };
    let server = provider::server_with(&place, |builder| builder.arg("--no-worker")).await?;
    let mut counter = Counter { cluster: &cluster, addr: server.addr(), table };
    counter.count("client credentials", 1.0, &mut Machines(MACHINE)).await?;
    counter.count("a refresh", 1.0, &mut Refreshes::of(&granted)?).await?;
    counter.count("an introspection", 1.0, &mut Introspections::of(&granted)).await?;
    counter.count("userinfo", 1.0, &mut UserInfos::of(&granted)).await?;
    counter.count("metadata and keys", 0.0, &mut Documents::new()).await?;
    let mut gathering = Authorizations(RoundTrips::of(&people));
    counter.count("an authorization of who is signed in", 2.0, &mut gathering).await?;
    counter.count("the redemption of a code", 2.0, &mut gathering.0).await
}

struct Counter<'a> {
    cluster: &'a Cluster,
    addr: SocketAddr,
    table: &'a mut Table,
}

impl Counter<'_> {
    async fn count(&mut self, name: &str, wanted: f64, asking: &mut impl Asking) -> Result<()> {
        self.ask(asking, 1)?;
        self.cluster.psql("postgres", "SELECT pg_stat_statements_reset()").await?;
        self.ask(asking, REQUESTS.into())?;
        let calls: f64 = self.cluster.psql("postgres", COUNT).await?.parse()?;
        let each = calls / f64::from(REQUESTS);
        let note = match each == wanted {
            true => String::new(),
            false => self.cluster.psql("postgres", LIST).await?.replace('\n', "; "),
        };
        let figure = Figure::new(6, &format!("statements of {name}"), "", Bar::Exactly(wanted));
        self.table.figures.push(figure.rounds(vec![each]).note(note));
        Ok(())
    }

    fn ask(&self, asking: &mut impl Asking, requests: u64) -> Result<()> {
        tokio::task::block_in_place(|| {
            Crowd::connect(&[self.addr], 1)?.count(asking, requests)?.flawless().map(drop)
        })
    }
}
