//! The configuration as it is used: checked, parsed, and with the root secret at hand.

mod bootstrap;
mod listen;
mod mail;
mod pages;
mod secret;
mod settings;
mod value;

use std::fs::{self, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokenhouse_processes::connections::Limits;
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_rules::span;
use tokenhouse_server::log::{Format, Level};
use tokenhouse_server::tasks::Schedule;
use tokenhouse_store::{Engine, Location, PostgresOptions, Store};
use zeroize::Zeroizing;

pub(crate) use self::bootstrap::{Bootstrap, bootstrap};
pub(crate) use self::listen::is_own_machine;
pub(crate) use self::pages::{pages, read_folder};
pub(crate) use self::settings::{access_token_lifetime, settings, settings_at};

use self::listen::listen;
use self::secret::embedded_secret;
use self::value::{format, level, positive, switch};
use super::{BadConfig, Source, Written};

/// The configuration, checked as a whole.
pub(crate) struct Config {
    /// Where the database is.
    pub(crate) location: Location,
    /// How to use a PostgreSQL server.
    pub(crate) postgres: PostgresOptions,
    /// The public listener.
    pub(crate) listen: String,
    /// The management listener, if there is one.
    pub(crate) management: Option<String>,
    /// How many processes share the listener.
    pub(crate) processes: usize,
    /// What connections may cost.
    pub(crate) limits: Limits,
    /// When background tasks run.
    pub(crate) schedule: Schedule,
    /// How lines look.
    pub(crate) format: Format,
    /// Whether somebody asked for that format.
    pub(crate) format_was_given: bool,
    /// `error`, `warn`, `info` or `debug`.
    pub(crate) log_level: Level,
    secret: Option<Zeroizing<String>>,
}

impl Config {
    /// Checks the written configuration.
    ///
    /// # Errors
    /// [`BadConfig`], naming the variable at fault.
    pub(crate) fn new(written: &Written) -> Result<Self> {
        let folder = written.value("data_dir").unwrap_or("./data");
        let location = match written.value("database_url") {
            Some(_) => written.read("database_url", Location::parse)?,
            None => Location::Sqlite(Path::new(folder).join("tokenhouse.db")),
        };
        let secret = written.value("secret").map(|text| Zeroizing::new(text.to_owned()));
        if let Some(text) = &secret {
            RootSecret::parse(text)
                .map_err(|error| BadConfig(format!("TOKENHOUSE_SECRET: {error}")))?;
        }
        Ok(Self {
            location,
            postgres: PostgresOptions {
                connections: written.read("db_connections", positive)?,
                batch: written.read("db_batch", positive)?,
                prepare: written.read("db_prepare", switch)?,
                connect_timeout: written.read("db_connect_timeout", span::parse)?,
                statement_timeout: written.read("db_statement_timeout", span::parse)?,
            },
            listen: listen(written)?,
            management: written
                .value("management_listen")
                .filter(|v| *v != "off")
                .map(str::to_owned),
            processes: written.read("processes", positive)?,
            limits: limits(written)?,
            schedule: Schedule {
                poll: Duration::from_secs(1),
                lease: written.read("task_lease", span::parse)?,
                interval: written.read("cleanup_interval", span::parse)?,
                keep_events: written.read("audit_retention", span::parse)?,
            },
            format: written.read("log_format", format)?,
            format_was_given: written.source("log_format") != Source::Default,
            log_level: written.read("log_level", level)?,
            secret,
        })
    }

    /// Opens the database; the embedded one's folder is made when it is missing.
    ///
    /// # Errors
    /// When the folder or file cannot be used.
    pub(crate) fn store(&self) -> Result<Arc<dyn Store>> {
        self.prepare()?;
        Ok(self.location.open(self.postgres)?)
    }

    /// Makes the embedded database's folder and file, for nobody else to read.
    fn prepare(&self) -> Result<()> {
        if let Location::Sqlite(path) = &self.location {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if let Some(folder) = folder {
                fs::DirBuilder::new()
                    .recursive(true)
                    .mode(0o700)
                    .create(folder)
                    .with_context(|| format!("{} cannot be made", folder.display()))?;
            }
            // Nobody else may read it; SQLite gives its companions the same mode.
            OpenOptions::new()
                .create(true)
                .append(true)
                .mode(0o600)
                .open(path)
                .with_context(|| format!("{} cannot be opened", path.display()))?;
        }
        Ok(())
    }

    /// The root secret: as configured, or the one beside the embedded database, made when missing.
    ///
    /// # Errors
    /// [`BadConfig`] with PostgreSQL and no secret, saying how to make one.
    pub(crate) fn root(&self) -> Result<RootSecret> {
        let text = match (&self.secret, &self.location) {
            (Some(text), _) => text.clone(),
            (None, Location::Sqlite(path)) => {
                self.prepare()?;
                embedded_secret(path)?
            }
            (None, Location::Postgres(_)) => bail!(BadConfig(
                "TOKENHOUSE_SECRET is missing. All processes on this database need the same one. Make it once:\n\n    \
                 export TOKENHOUSE_SECRET=\"k1:$(openssl rand -base64 32)\"\n".to_owned()
            )),
        };
        Ok(RootSecret::parse(&text)
            .map_err(|error| BadConfig(format!("the root secret: {error}")))?)
    }

    /// Whether the database is the embedded one.
    pub(crate) fn is_embedded(&self) -> bool {
        self.location.engine() == Engine::Sqlite
    }
}

fn limits(written: &Written) -> Result<Limits> {
    Ok(Limits {
        header_timeout: written.read("header_timeout", span::parse)?,
        idle_timeout: written.read("idle_timeout", span::parse)?,
        drain_delay: written.read("drain_delay", span::parse)?,
        drain_timeout: written.read("drain_timeout", span::parse)?,
        max_connections: written.read("max_connections", positive)?,
        max_requests: match written.value("max_requests") {
            None => None,
            Some(_) => Some(written.read("max_requests", positive)?),
        },
        ..Limits::default()
    })
}
