//! Where a case's database is: a file in a folder of its own, or a database on the test server.
//!
//! Decides how it is made, counted in behind the store's back, and removed. A case that fails leaves
//! its database on the server, to be looked at.

use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokenhouse_store::{Location, PostgresOptions, Result, Store};

/// A database that nobody else uses.
pub(crate) struct Place {
    location: Location,
    prepare: bool,
    kind: Kind,
}

enum Kind {
    Folder(TempDir),
    #[cfg(feature = "real-servers")]
    Server(crate::place::server::Database),
}

impl Place {
    /// An SQLite file in a temporary folder.
    pub(crate) fn folder() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let location = Location::Sqlite(folder.path().join("tokenhouse.db"));
        Self { location, prepare: true, kind: Kind::Folder(folder) }
    }

    /// A new database on the test server.
    #[cfg(feature = "real-servers")]
    pub(crate) async fn server(case: &str) -> Self {
        let database = server::Database::create(case).await;
        let location = Location::Postgres(database.url());
        Self { location, prepare: true, kind: Kind::Server(database) }
    }

    /// The same behind pgbouncer, which gives each transaction another connection.
    #[cfg(feature = "real-servers")]
    pub(crate) async fn pooled(case: &str) -> Self {
        let database = server::Database::create(&format!("pooled {case}")).await;
        let location = Location::Postgres(database.pooled_url());
        Self { location, prepare: false, kind: Kind::Server(database) }
    }

    /// A handle, as one process would have. The limits are generous: a loaded machine is no failure.
    pub(crate) fn open(&self) -> Result<Arc<dyn Store>> {
        self.open_with(|_| {})
    }

    /// A handle with some options changed.
    pub(crate) fn open_with(
        &self,
        change: impl FnOnce(&mut PostgresOptions),
    ) -> Result<Arc<dyn Store>> {
        let mut options = PostgresOptions {
            connect_timeout: Duration::from_secs(30),
            statement_timeout: Duration::from_secs(30),
            prepare: self.prepare,
            ..PostgresOptions::default()
        };
        change(&mut options);
        self.location.open(options)
    }

    /// A connection behind the store's back.
    #[cfg(feature = "real-servers")]
    pub(crate) async fn connect(&self) -> tokio_postgres::Client {
        match &self.kind {
            Kind::Folder(_) => panic!("SQLite has no connections to a server"),
            Kind::Server(database) => server::connect(&database.url()).await,
        }
    }

    /// The single number that a statement gives, asked without the store.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        match &self.kind {
            Kind::Folder(folder) => {
                let file = folder.path().join("tokenhouse.db");
                let connection = rusqlite::Connection::open(file).expect("the file opens");
                connection.query_row(sql, [], |row| row.get(0)).expect("one number")
            }
            #[cfg(feature = "real-servers")]
            Kind::Server(database) => database.number(sql).await,
        }
    }

    /// Makes the instants in a column eight days older, without the store.
    pub(crate) async fn age(&self, table: &str, column: &str) {
        match &self.kind {
            Kind::Folder(folder) => {
                let file = folder.path().join("tokenhouse.db");
                let connection = rusqlite::Connection::open(file).expect("the file opens");
                let sql = format!("UPDATE {table} SET {column} = {column} - 8 * 86400000000");
                connection.execute(&sql, []).expect("the rows are older");
            }
            #[cfg(feature = "real-servers")]
            Kind::Server(database) => {
                let sql = format!("UPDATE {table} SET {column} = {column} - interval '8 days'");
                let client = server::connect(&database.url()).await;
                client.batch_execute(&sql).await.expect("the rows are older");
            }
        }
    }

    /// Removes it.
    pub(crate) async fn remove(self) {
        match self.kind {
            Kind::Folder(folder) => folder.close().expect("the folder can be removed"),
            #[cfg(feature = "real-servers")]
            Kind::Server(database) => database.remove().await,
        }
    }
}

#[cfg(feature = "real-servers")]
mod server {
    use std::hash::{DefaultHasher, Hash, Hasher};

    use tokio_postgres::{Client, Config, NoTls};

    const VARIABLE: &str = "TOKENHOUSE_TEST_POSTGRES";
    const POOLER: &str = "TOKENHOUSE_TEST_PGBOUNCER";

    pub(super) struct Database {
        name: String,
        server: String,
    }

    impl Database {
        /// Named by a digest: names of cases are longer than PostgreSQL's 63 bytes.
        pub(super) async fn create(case: &str) -> Self {
            let server = named_by(VARIABLE);
            let mut digest = DefaultHasher::new();
            case.hash(&mut digest);
            let name = format!("contract_{}_{:016x}", std::process::id(), digest.finish());
            let database = Self { name, server };
            // template0: unlike template1 nobody can be connected to it, which would refuse the copy.
            let sql = format!("CREATE DATABASE {} TEMPLATE template0", database.name);
            connect(&database.server).await.batch_execute(&sql).await.expect("a new database");
            database
        }

        pub(super) fn url(&self) -> String {
            self.at(&self.server)
        }

        pub(super) fn pooled_url(&self) -> String {
            self.at(&named_by(POOLER))
        }

        fn at(&self, server: &str) -> String {
            let (before, options) = match server.split_once('?') {
                Some((before, options)) => (before, format!("?{options}")),
                None => (server, String::new()),
            };
            let authority = before.find("://").map_or(0, |at| at + 3);
            let end = before[authority..].find('/').map_or(before.len(), |at| authority + at);
            format!("{}/{}{options}", &before[..end], self.name)
        }

        pub(super) async fn number(&self, sql: &str) -> i64 {
            let row = connect(&self.url()).await.query_one(sql, &[]).await.expect("one row");
            row.get(0)
        }

        pub(super) async fn remove(self) {
            let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
            connect(&self.server).await.batch_execute(&sql).await.expect("the database goes");
        }
    }

    #[expect(clippy::disallowed_methods, reason = "tests are told where the server is")]
    fn named_by(variable: &str) -> String {
        std::env::var(variable).unwrap_or_else(|_| {
            panic!(
                "{variable} must name a PostgreSQL server (or a pooler before it) by a superuser's \
                 URL, for example postgres://postgres@127.0.0.1:5432/postgres; \
                 scripts/with-postgres.sh starts both"
            )
        })
    }

    #[expect(clippy::disallowed_methods, reason = "drives a connection, as its driver asks for")]
    pub(super) async fn connect(url: &str) -> Client {
        let config: Config =
            url.parse().unwrap_or_else(|error| panic!("{VARIABLE} is not a URL: {error}"));
        let (client, connection) = config
            .connect(NoTls)
            .await
            .unwrap_or_else(|error| panic!("the server of {VARIABLE} does not answer: {error}"));
        tokio::spawn(connection);
        client
    }
}
