//! The deployment of a scenario: processes behind the real balancer, over a real PostgreSQL that keeps
//! what it acknowledged, with the fault proxy in between.

use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::future::try_join_all;

use super::place::Place;
use crate::fault_proxy::{Control, FaultProxy};
use crate::haproxy::{self, Balancer, Health, PLACES};
use crate::postgres::{Cluster, Options};
use crate::server::{Builder, Tokenhouse};

/// The root secret of every process.
pub const SECRET: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
/// How long anything may take that is waited for as an event.
pub const LONG: Duration = Duration::from_secs(60);
/// The name of the database.
pub const DATABASE: &str = "proof";

/// What is to be set up.
pub struct Setup {
    /// How many places there are behind the balancer.
    pub places: usize,
    /// In how many of them a process is started.
    pub running: usize,
    /// How PostgreSQL is set up.
    pub postgres: Options,
    /// What is different about the processes.
    pub adjust: fn(Builder) -> Builder,
}

impl Default for Setup {
    fn default() -> Self {
        Self { places: 4, running: 4, postgres: Options::default(), adjust: |builder| builder }
    }
}

/// A deployment.
#[derive(Debug)]
pub struct Stage {
    /// The processes.
    pub places: Vec<Place>,
    /// What clients talk to.
    pub balancer: Balancer,
    /// What the faults between the processes and PostgreSQL are made with; usually one.
    pub controls: Vec<Control>,
    /// The URL of the database by which the operator and the checks reach it: without faults.
    pub direct: String,
    /// The database server.
    pub cluster: Cluster,
    _proxies: Vec<FaultProxy>,
}

impl Stage {
    /// Sets all of it up, and waits until the balancer has seen every process.
    ///
    /// # Errors
    /// When one of the programs does not start.
    pub async fn start(setup: Setup) -> Result<Self> {
        let cluster = Cluster::start(setup.postgres.clone()).await?;
        cluster.create_database(DATABASE).await?;
        let (proxy, through) = FaultProxy::before(&cluster.url(DATABASE)).await?;
        let direct = cluster.url(DATABASE);
        Self::before(cluster, vec![proxy], &through, direct, setup).await
    }

    /// The same with a database that is there already; `through` is how the processes reach it, `direct`
    /// how the operator and the checks do.
    ///
    /// # Errors
    /// When one of the programs does not start.
    pub async fn before(
        cluster: Cluster,
        proxies: Vec<FaultProxy>,
        through: &str,
        direct: String,
        setup: Setup,
    ) -> Result<Self> {
        let builder = (setup.adjust)(builder(through));
        let mut places = (0..setup.places.min(PLACES))
            .map(|number| Place::new(number, builder.clone()))
            .collect::<Result<Vec<_>>>()?;
        try_join_all(places.iter_mut().take(setup.running).map(Place::start)).await?;
        let upstreams: Vec<_> = places.iter().map(Place::upstream).collect();
        let options = haproxy::Options { wait_until_up: false, deadline: LONG };
        let balancer = Balancer::start(&upstreams, options).await?;
        let controls = proxies.iter().map(FaultProxy::control).collect();
        let stage = Self { places, balancer, controls, direct, cluster, _proxies: proxies };
        stage.balanced().await?;
        Ok(stage)
    }

    /// Waits until the balancer thinks of every place what is true: up where a process runs.
    ///
    /// # Errors
    /// When it does not.
    pub async fn balanced(&self) -> Result<()> {
        for (number, place) in self.places.iter().enumerate() {
            let health = if place.is_running() { Health::Up } else { Health::Down };
            self.balancer.wait_for(number, health, LONG).await?;
        }
        Ok(())
    }

    /// Starts a process in each of these places at once.
    ///
    /// # Errors
    /// When one does not start.
    pub async fn start_places(&mut self, numbers: std::ops::Range<usize>) -> Result<()> {
        let places = self.places.get_mut(numbers).context("no such places")?;
        try_join_all(places.iter_mut().map(Place::start)).await.map(drop)
    }
}

/// A process as it runs in production, but for cheap passwords, fewer lines, and a shorter farewell.
pub fn builder(database: &str) -> Builder {
    Tokenhouse::builder()
        .database(database)
        .secret(SECRET)
        .env("TOKENHOUSE_ACCESS_LOG", "off")
        .env("TOKENHOUSE_LOGIN_LIMIT_ADDRESS", "1000000/15m")
        .env("TOKENHOUSE_DRAIN_DELAY", "1s")
        .deadline(LONG)
}
