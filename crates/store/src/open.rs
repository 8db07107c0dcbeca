//! From `DATABASE_URL` to an open store. `sqlite:PATH` is the embedded engine, for one machine;
//! `postgres://…` is for as many as one likes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::{Postgres, Result, Sqlite, Store};

/// The two engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded; one machine, any number of processes.
    Sqlite,
    /// A server; any number of machines.
    Postgres,
}

impl Engine {
    /// The name used in logs and metrics (OpenTelemetry `db.system.name`).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgresql",
        }
    }
}

/// Where the database is.
#[derive(Clone)]
pub enum Location {
    /// A file of this machine.
    Sqlite(PathBuf),
    /// A server, by its URL (which may hold a password).
    Postgres(String),
}

/// Why a text is not a database URL. Never repeats the text: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the database URL must begin with sqlite: or postgres://")]
pub struct BadUrl;

/// How to use a PostgreSQL server.
#[derive(Clone, Copy, Debug)]
pub struct PostgresOptions {
    /// The most connections of this process; four of them are kept for batches, so five is the least.
    pub connections: usize,
    /// The most requests that one statement serves.
    pub batch: usize,
    /// Whether statements are prepared once and named, and timeouts set at the server; not possible
    /// behind a pooler that gives each transaction another connection.
    pub prepare: bool,
    /// How long to wait for a connection, and for one to be made.
    pub connect_timeout: Duration,
    /// How long one statement may take; half a second later the server is told to end it.
    pub statement_timeout: Duration,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self {
            connections: 12,
            batch: 64,
            prepare: true,
            connect_timeout: Duration::from_millis(1_000),
            statement_timeout: Duration::from_millis(2_000),
        }
    }
}

impl Location {
    /// Reads a database URL.
    ///
    /// # Errors
    /// [`BadUrl`].
    pub fn parse(url: &str) -> std::result::Result<Self, BadUrl> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        let path = url.strip_prefix("sqlite:").ok_or(BadUrl)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() { Err(BadUrl) } else { Ok(Self::Sqlite(PathBuf::from(path))) }
    }

    /// The engine it is for.
    pub const fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// Opens it. A PostgreSQL server need not be there yet; an SQLite file is made.
    ///
    /// # Errors
    /// [`crate::Error`] for a file that cannot be opened and a URL the driver does not understand.
    pub fn open(&self, options: PostgresOptions) -> Result<Arc<dyn Store>> {
        #[cfg(feature = "planted-bugs")]
        if let Some(broken) = crate::planted::open(self, options)? {
            return Ok(broken);
        }
        Ok(match self {
            Self::Sqlite(path) => Arc::new(Sqlite::open(path)?),
            Self::Postgres(url) => Arc::new(Postgres::open(url, options)?),
        })
    }
}

impl std::fmt::Display for Location {
    /// For people and logs: never the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => {
                let rest = url.split_once("://").map_or("", |(_, rest)| rest);
                let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
                write!(f, "postgres://{}", host.split('?').next().unwrap_or_default())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_where_the_database_is_without_its_password() {
        let shown = |url: &str| Location::parse(url).expect("a good URL").to_string();
        assert_eq!(
            shown("postgres://u:p@ss@db1:5432,db2/x?sslmode=require"),
            "postgres://db1:5432,db2/x"
        );
        assert_eq!(shown("sqlite:./data/tokenhouse.db"), "sqlite:./data/tokenhouse.db");
        assert_eq!(shown("sqlite:///var/lib/t.db"), "sqlite:/var/lib/t.db");
        for bad in ["", "sqlite:", "mysql://x", "/var/x.db"] {
            assert!(Location::parse(bad).is_err(), "{bad}");
        }
    }
}
