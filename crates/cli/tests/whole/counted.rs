//! A PostgreSQL that counts the statements it is sent, and that can be taken away.

use tokenhouse_proof::postgres::{Cluster, Options, StopMode};
use tokenhouse_proof::server::{Builder, Tokenhouse};

use crate::client::ROOT;

const DATABASE: &str = "counted";
const COUNT: &str = "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s
    JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = 'counted'";

pub(crate) struct Counted(Cluster);

impl Counted {
    pub(crate) async fn start() -> Self {
        let options = Options { statement_statistics: true, ..Options::quick() };
        let cluster = Cluster::start(options).await.expect("PostgreSQL");
        cluster.create_database(DATABASE).await.expect("a database");
        let extension = "CREATE EXTENSION pg_stat_statements";
        cluster.psql("postgres", extension).await.expect("an extension");
        Self(cluster)
    }

    pub(crate) fn url(&self) -> String {
        self.0.url(DATABASE)
    }

    /// A server that asks nothing by itself.
    pub(crate) fn server(&self) -> Builder {
        Tokenhouse::builder().database(&self.url()).secret(ROOT).arg("--no-worker")
    }

    /// How many statements that takes.
    pub(crate) async fn calls(&self, asking: impl AsyncFnOnce()) -> i64 {
        self.0.psql("postgres", "SELECT pg_stat_statements_reset()").await.expect("a reset");
        asking().await;
        let calls = self.0.psql("postgres", COUNT).await.expect("a count");
        calls.trim().parse().expect("a number")
    }

    /// Takes it away.
    pub(crate) async fn kill(&mut self) {
        self.0.stop(StopMode::Kill).await.expect("killed");
    }
}
