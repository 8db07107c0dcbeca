//! A private PostgreSQL cluster in a temporary folder, or the one that `TOKENHOUSE_TEST_POSTGRES`
//! names: databases on it, and its orderly and disorderly ends.
//!
//! Where the programs are and as whom they run is decided in [`programs`], how one cluster is made,
//! started and killed in [`instance`].

mod instance;
mod pooler;
mod programs;
mod standby;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::sync::OnceCell;

use crate::process::{bare_command, run_to_end};
use instance::Instance;
pub use pooler::Pooler;
use programs::Programs;

/// The variable with the URL of a superuser on a cluster that all test programs share.
pub const ENVIRONMENT: &str = "TOKENHOUSE_TEST_POSTGRES";

/// Whether commits must survive a crash.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// PostgreSQL's defaults: what was acknowledged survives.
    #[default]
    Full,
    /// `fsync`, `synchronous_commit` and `full_page_writes` off, for tests that do not study crashes.
    Off,
}

/// How a cluster is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whether commits must survive a crash.
    pub durability: Durability,
    /// `max_connections`.
    pub max_connections: u16,
    /// Loads `pg_stat_statements`; the extension itself is made in each database that wants it.
    pub statement_statistics: bool,
    /// Further settings, as in `postgresql.conf`; the last one wins.
    pub settings: Vec<(String, String)>,
    /// Files of the data folder, by name, for the server alone to read: certificates, `pg_hba.conf`.
    pub files: Vec<(String, String)>,
    /// Where its folder is made; where temporary files are if not set.
    pub folder: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            durability: Durability::Full,
            max_connections: 200,
            statement_statistics: false,
            settings: Vec::new(),
            files: Vec::new(),
            folder: None,
        }
    }
}

impl Options {
    /// For tests that do not study crashes.
    #[must_use]
    pub fn quick() -> Self {
        Self { durability: Durability::Off, ..Self::default() }
    }

    /// Adds a setting.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a file to the data folder, or replaces one.
    #[must_use]
    pub fn file(mut self, name: &str, content: &str) -> Self {
        self.files.push((name.to_owned(), content.to_owned()));
        self
    }
}

/// How a cluster is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopMode {
    /// SIGINT: connections are ended, a checkpoint is written.
    Fast,
    /// SIGQUIT: as in a crash, but the memory is given back; recovery at the next start.
    Immediate,
    /// SIGKILL to every one of its processes at once.
    Kill,
}

/// A PostgreSQL cluster. One that was started here is stopped and removed when dropped.
#[derive(Debug)]
pub struct Cluster {
    programs: Programs,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Own(Box<Instance>),
    /// The URL without the database, and its query.
    Theirs {
        base: String,
        query: String,
    },
}

static SHARED: OnceCell<Cluster> = OnceCell::const_new();

/// The cluster for tests that need nothing but databases: the one of the environment, or one that
/// is started once for this test process, without durability.
///
/// # Errors
/// When PostgreSQL is not installed or does not start.
pub async fn shared() -> Result<&'static Cluster> {
    SHARED
        .get_or_try_init(|| async {
            match Cluster::from_env()? {
                Some(cluster) => Ok(cluster),
                None => Cluster::start(Options::quick()).await,
            }
        })
        .await
}

impl Cluster {
    /// Makes and starts a cluster, and waits until it accepts connections.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start; the message ends with its log.
    pub async fn start(options: Options) -> Result<Self> {
        let programs = Programs::find()?;
        let instance = Instance::create(&programs, &options).await?;
        Ok(Self { programs, place: Place::Own(Box::new(instance)) })
    }

    /// The cluster of [`ENVIRONMENT`], if that is set.
    ///
    /// # Errors
    /// When its value is not a PostgreSQL URL, or no `psql` is installed.
    pub fn from_env() -> Result<Option<Self>> {
        let Ok(url) = std::env::var(ENVIRONMENT) else {
            return Ok(None);
        };
        let (base, query) =
            split_url(&url).with_context(|| format!("{ENVIRONMENT} is not a PostgreSQL URL"))?;
        Ok(Some(Self { programs: Programs::find()?, place: Place::Theirs { base, query } }))
    }

    /// The URL of a database over TCP, as its superuser.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        match &self.place {
            Place::Own(instance) => {
                format!("postgresql://postgres@127.0.0.1:{}/{database}", instance.port())
            }
            Place::Theirs { base, query } => format!("{base}/{database}{query}"),
        }
    }

    /// The port it listens on, at 127.0.0.1.
    ///
    /// # Errors
    /// When the cluster was not started here.
    pub fn port(&self) -> Result<u16> {
        Ok(self.own()?.port())
    }

    /// The URL of a database over the unix socket.
    ///
    /// # Errors
    /// When the cluster was not started here.
    pub fn socket_url(&self, database: &str) -> Result<String> {
        let instance = self.own()?;
        let folder = instance.folder().display().to_string().replace('/', "%2F");
        Ok(format!("postgresql://postgres@{folder}:{}/{database}", instance.port()))
    }

    /// The process id of the postmaster; none if it is stopped or was not started here.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        match &self.place {
            Place::Own(instance) => instance.pid(),
            Place::Theirs { .. } => None,
        }
    }

    /// Makes an empty database. `name` is quoted here.
    ///
    /// # Errors
    /// When it exists, or the cluster cannot be reached.
    pub async fn create_database(&self, name: &str) -> Result<()> {
        let quoted = name.replace('"', "\"\"");
        self.psql("postgres", &format!("CREATE DATABASE \"{quoted}\"")).await?;
        Ok(())
    }

    /// Makes an empty database with a name nobody else has, and returns its URL.
    ///
    /// # Errors
    /// When the cluster cannot be reached.
    pub async fn fresh_database(&self) -> Result<String> {
        let name = format!("test_{}", uuid::Uuid::new_v4().simple());
        self.create_database(&name).await?;
        Ok(self.url(&name))
    }

    /// Runs SQL, stops at the first error, and returns what it prints: unaligned, `|` between
    /// columns, no header, no final newline.
    ///
    /// # Errors
    /// When a statement fails (with the server's message) or the cluster cannot be reached.
    pub async fn psql(&self, database: &str, sql: &str) -> Result<String> {
        let mut command = bare_command(self.programs.psql());
        command
            .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"])
            .args(["--set", "ON_ERROR_STOP=1", "--dbname"])
            .arg(self.url(database))
            .arg("--file=-");
        let output = run_to_end(command, sql.as_bytes(), Duration::from_secs(60)).await?;
        if !output.status.success() {
            bail!("psql: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
    }

    /// Stops it and waits until each of its processes is gone.
    ///
    /// # Errors
    /// When it was not started here, is not running, or takes more than a minute.
    pub async fn stop(&mut self, mode: StopMode) -> Result<()> {
        self.own_mut()?.stop(mode).await
    }

    /// Starts it again on the same port and folder, and waits until it accepts connections.
    ///
    /// # Errors
    /// When it was not started here, still runs, or does not start.
    pub async fn start_again(&mut self) -> Result<()> {
        let programs = self.programs.clone();
        self.own_mut()?.start(&programs).await
    }

    fn own(&self) -> Result<&Instance> {
        match &self.place {
            Place::Own(instance) => Ok(instance),
            Place::Theirs { .. } => bail!("the cluster of {ENVIRONMENT} was not started here"),
        }
    }

    fn own_mut(&mut self) -> Result<&mut Instance> {
        match &mut self.place {
            Place::Own(instance) => Ok(instance),
            Place::Theirs { .. } => bail!("the cluster of {ENVIRONMENT} was not started here"),
        }
    }
}

/// Everything before the database's name, and the query with its `?`.
fn split_url(url: &str) -> Option<(String, String)> {
    let (scheme, rest) = url.split_once("://")?;
    if !matches!(scheme, "postgres" | "postgresql") {
        return None;
    }
    let (address, query) = match rest.split_once('?') {
        Some((address, query)) => (address, format!("?{query}")),
        None => (rest, String::new()),
    };
    let authority = address.split('/').next()?;
    Some((format!("{scheme}://{authority}"), query))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_database_of_a_url_is_replaced_and_the_rest_kept() {
        let cut = |url| split_url(url).map(|(base, query)| format!("{base}/new{query}"));
        assert_eq!(
            cut("postgres://u:p@h:5/old?sslmode=disable").as_deref(),
            Some("postgres://u:p@h:5/new?sslmode=disable")
        );
        assert_eq!(cut("postgresql://h").as_deref(), Some("postgresql://h/new"));
        assert_eq!(cut("mysql://h/old"), None);
    }
}
