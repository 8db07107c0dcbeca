//! What the rows stand on: one private PostgreSQL, and on either engine a database full of people; each
//! made when the first row asks for it, all gone at the end.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use tokenhouse_proof::control_group::{self, ControlGroup};
use tokenhouse_proof::keeper::Folder;
use tokenhouse_proof::postgres::{Cluster, Options};
use tokenhouse_server::hashing::Cost;
use tokenhouse_store::Engine;
use tokio::sync::OnceCell;

use crate::fill::applications::Granted;
use crate::fill::{self, Content, People};
use crate::plan::Plan;
use crate::yardstick::pgbench;

/// Shared by the rows.
pub(crate) struct Ground {
    pub(crate) plan: Plan,
    folder: Folder,
    content: OnceCell<Content>,
    cluster: OnceCell<Cluster>,
    pgbench: OnceCell<()>,
    postgres: OnceCell<Place>,
    sqlite: OnceCell<Place>,
    provider_on_postgres: OnceCell<Place>,
    provider_on_sqlite: OnceCell<Place>,
    granted: OnceCell<Arc<Granted>>,
    /// Where everything runs that is started; left last.
    _group: Option<ControlGroup>,
}

/// A database and who is in it.
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) people: Arc<People>,
}

impl Ground {
    pub(crate) fn new(plan: Plan) -> Result<Self> {
        Ok(Self {
            plan,
            folder: Folder::create("tokenhouse-bench-")?,
            content: OnceCell::new(),
            cluster: OnceCell::new(),
            pgbench: OnceCell::new(),
            postgres: OnceCell::new(),
            sqlite: OnceCell::new(),
            provider_on_postgres: OnceCell::new(),
            provider_on_sqlite: OnceCell::new(),
            granted: OnceCell::new(),
            _group: control_group::join_or_say("tokenhouse-bench"),
        })
    }

    /// What everybody has in common in [`Ground::place`].
    pub(crate) async fn content(&self) -> Result<&Content> {
        self.content.get_or_try_init(|| Content::at(Cost::default())).await
    }

    /// A cluster with every commit on the disk, as it is installed but for the number of connections.
    pub(crate) async fn cluster(&self) -> Result<&Cluster> {
        self.cluster.get_or_try_init(|| Cluster::start(Options::default())).await
    }

    /// The postmaster.
    pub(crate) async fn postmaster(&self) -> Result<u32> {
        self.cluster().await?.pid().context("the cluster does not run")
    }

    /// The database that most rows use, filled.
    pub(crate) async fn place(&self, engine: Engine) -> Result<&Place> {
        let cell = match engine {
            Engine::Postgres => &self.postgres,
            Engine::Sqlite => &self.sqlite,
        };
        cell.get_or_try_init(|| async {
            let content = self.content().await?;
            self.filled(engine, self.plan.users, content).await
        })
        .await
    }

    /// The cluster with the tables of `pgbench`, for yardsticks.
    pub(crate) async fn with_pgbench(&self) -> Result<&Cluster> {
        let cluster = self.cluster().await?;
        self.pgbench.get_or_try_init(|| pgbench::prepare(cluster)).await?;
        Ok(cluster)
    }

    /// A database of its own for the rows of the provider: the same people, applications, and a grant of each.
    pub(crate) async fn provider(&self, engine: Engine) -> Result<&Place> {
        let cell = match engine {
            Engine::Postgres => &self.provider_on_postgres,
            Engine::Sqlite => &self.provider_on_sqlite,
        };
        cell.get_or_try_init(|| async {
            let content = self.content().await?;
            let place = self.filled(engine, self.plan.users, content).await?;
            fill::add_applications(&place.url, 0..self.plan.users, content).await?;
            Ok(place)
        })
        .await
    }

    /// The access tokens of everybody in [`Ground::provider`].
    pub(crate) async fn granted(&self) -> Result<&Arc<Granted>> {
        self.granted
            .get_or_try_init(|| async {
                Granted::new(self.plan.users, self.content().await?).map(Arc::new)
            })
            .await
    }

    /// A new database with so many people.
    pub(crate) async fn filled(
        &self,
        engine: Engine,
        users: u32,
        content: &Content,
    ) -> Result<Place> {
        let url = self.empty(engine).await?;
        fill::migrate(&url).await?;
        fill::add(&url, 0..users, content).await?;
        Ok(Place { url, people: Arc::new(People::new(users, content)?) })
    }

    /// The URL of a database with nothing in it.
    pub(crate) async fn empty(&self, engine: Engine) -> Result<String> {
        match engine {
            Engine::Postgres => self.cluster().await?.fresh_database().await,
            Engine::Sqlite => Ok(format!("sqlite:{}", self.file().display())),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join(format!("{}.db", uuid::Uuid::new_v4()))
    }
}
