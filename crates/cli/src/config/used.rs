//! The configuration as it is used: checked, parsed, and with the root secret at hand.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, IsTerminal, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokenhouse_processes::connections::Limits;
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_rules::limit::Limit;
use tokenhouse_rules::origin::Origin;
use tokenhouse_rules::session::Lifetime;
use tokenhouse_rules::span;
use tokenhouse_server::hashing::{Cost, Implementation};
use tokenhouse_server::log::{Format, Level};
use tokenhouse_server::pages::{Files, Pages};
use tokenhouse_server::settings::Settings;
use tokenhouse_server::tasks::Schedule;
use tokenhouse_store::{Engine, Location, PostgresOptions, Store};
use zeroize::Zeroizing;

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

/// What handlers need to know.
///
/// # Errors
/// [`BadConfig`], naming the variable at fault.
pub(crate) fn settings(written: &Written) -> Result<Settings> {
    let cost = Cost {
        memory: written.read("argon2_memory", positive)?,
        iterations: written.read("argon2_iterations", positive)?,
        parallelism: written.read("argon2_parallelism", positive)?,
    };
    if !cost.is_possible() {
        bail!(BadConfig("TOKENHOUSE_ARGON2_…: Argon2 does not accept these numbers".to_owned()));
    }
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let schema = written.value("data_schema").map(data_schema).transpose()?;
    Ok(Settings {
        lifetime: Lifetime {
            idle: written.read("session_idle", span::parse)?,
            absolute: written.read("session_absolute", span::parse)?,
        },
        password_min: written.read("password_min", |text| match text.parse() {
            Ok(count @ 8..=64) => Ok(count),
            _ => Err("must be 8 to 64"),
        })?,
        data_max_bytes: written.read("data_max_bytes", positive)?,
        data_schema: schema,
        limit_account: written.read("login_limit_account", Limit::parse)?,
        limit_address: written.read("login_limit_address", Limit::parse)?,
        trusted_proxies: written.read("trusted_proxies", networks)?,
        public_url: public_url(written)?,
        site_name: written.value("site_name").unwrap_or("Tokenhouse").to_owned(),
        show_process: written.read("show_process", switch)?,
        request_timeout: written.read("request_timeout", span::parse)?,
        hash_cost: cost,
        hash_implementation: written.read("argon2_implementation", implementation)?,
        hash_permits: written.read("hash_permits", |text| match text {
            "auto" => Ok(cores),
            other => positive(other),
        })?,
        hash_budget: written.read("hash_budget", span::parse)?,
        access_log: written.read("access_log", switch)?,
    })
}

/// Where people reach this server. What cannot be such an address would only show when nobody can sign in.
fn public_url(written: &Written) -> Result<Option<String>> {
    if written.value("public_url").is_none() {
        return Ok(None);
    }
    written.read("public_url", |url| {
        Origin::parse(url).map(|_| Some(url.trim_end_matches('/').to_owned()))
    })
}

/// What the pages are made of: what is in the binary, and the operator's folder over it.
///
/// # Errors
/// [`BadConfig`], naming the file at fault.
pub(crate) fn pages(written: &Written) -> Result<Pages> {
    let own = match written.value("templates") {
        Some(folder) => read_folder(Path::new(folder))
            .map_err(|error| BadConfig(format!("TOKENHOUSE_TEMPLATES: {error:#}")))?,
        None => Files::new(),
    };
    Ok(Pages::new(own).map_err(|error| BadConfig(format!("TOKENHOUSE_TEMPLATES: {error}")))?)
}

/// The files of a folder by their path below it, hidden ones left out.
pub(crate) fn read_folder(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut folders = vec![(folder.to_owned(), String::new())];
    while let Some((folder, below)) = folders.pop() {
        let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let (path, name) = (entry.path(), format!("{below}{name}"));
            // Links are followed: that is how a ConfigMap is mounted.
            if fs::metadata(&path)?.is_dir() {
                folders.push((path, format!("{name}/")));
            } else {
                let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
                files.insert(name, bytes.into());
            }
        }
    }
    Ok(files)
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

/// `LISTEN_ADDR` may leave the port to `PORT`.
fn listen(written: &Written) -> Result<String> {
    let address = written.value("listen").unwrap_or("127.0.0.1:8080");
    let port = match written.value("port") {
        None => None,
        Some(_) => Some(written.read("port", |text| text.parse::<u16>())?),
    };
    let has_port = |text: &str| {
        text.rsplit_once(':').is_some_and(|(host, port)| {
            port.parse::<u16>().is_ok() && (!host.contains(':') || host.ends_with(']'))
        })
    };
    let host = if has_port(address) {
        address.rsplit_once(':').map_or(address, |(host, _)| host)
    } else {
        address
    };
    Ok(match port {
        Some(port) => format!("{host}:{port}"),
        None if has_port(address) => address.to_owned(),
        None => format!("{host}:8080"),
    })
}

fn positive<T: std::str::FromStr + PartialOrd + Default>(text: &str) -> Result<T, &'static str> {
    match text.parse::<T>() {
        Ok(number) if number > T::default() => Ok(number),
        _ => Err("must be a whole number above 0"),
    }
}

fn switch(text: &str) -> Result<bool, &'static str> {
    match text {
        "on" | "1" | "true" | "yes" => Ok(true),
        "off" | "0" | "false" | "no" => Ok(false),
        _ => Err("must be on or off"),
    }
}

fn implementation(text: &str) -> Result<Implementation, &'static str> {
    match text {
        "fast" => Ok(Implementation::Fast),
        "portable" => Ok(Implementation::Portable),
        _ => Err("must be fast or portable"),
    }
}

fn format(text: &str) -> Result<Format, &'static str> {
    match text {
        "json" => Ok(Format::Json),
        "text" => Ok(Format::Text),
        "auto" if std::io::stdout().is_terminal() => Ok(Format::Text),
        "auto" => Ok(Format::Json),
        _ => Err("must be json, text or auto"),
    }
}

fn level(text: &str) -> Result<Level, &'static str> {
    match text {
        "error" => Ok(Level::Error),
        "warn" => Ok(Level::Warn),
        "info" => Ok(Level::Info),
        "debug" => Ok(Level::Debug),
        _ => Err("must be error, warn, info or debug"),
    }
}

fn networks(text: &str) -> Result<Vec<ipnet::IpNet>, String> {
    let network = |member: &str| {
        let alone = member.parse::<std::net::IpAddr>().map(ipnet::IpNet::from);
        alone.or_else(|_| member.parse()).map_err(|_| format!("`{member}` is not a network"))
    };
    text.split(',').map(str::trim).filter(|member| !member.is_empty()).map(network).collect()
}

fn data_schema(path: &str) -> Result<jsonschema::Validator> {
    let refuse = |why: String| BadConfig(format!("TOKENHOUSE_DATA_SCHEMA: {path}: {why}"));
    let text = fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
    let schema: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| refuse(error.to_string()))?;
    Ok(jsonschema::validator_for(&schema).map_err(|error| refuse(error.to_string()))?)
}

/// The file beside the database. Of several processes that start at once one makes it: the file appears
/// whole, by a link that only succeeds once.
#[expect(clippy::disallowed_methods, reason = "makes the one secret that is made")]
fn embedded_secret(database: &Path) -> Result<Zeroizing<String>> {
    let path = database.with_file_name("secret");
    if let Some(text) = read_secret(&path)? {
        return Ok(text);
    }
    let mut entropy = [0; 32];
    getrandom::fill(&mut entropy).context("the operating system gives no random bytes")?;
    let draft = PathBuf::from(format!("{}.{}", path.display(), std::process::id()));
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&draft)
        .with_context(|| format!("{} cannot be made", draft.display()))?;
    file.write_all(RootSecret::compose("k1", &entropy).as_bytes())?;
    file.sync_all()?;
    let linked = fs::hard_link(&draft, &path);
    fs::remove_file(&draft)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(error).with_context(|| format!("{} cannot be made", path.display()))
        }
        _ => read_secret(&path)?.context("the root secret vanished"),
    }
}

fn read_secret(path: &Path) -> Result<Option<Zeroizing<String>>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(Zeroizing::new(text))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} cannot be read", path.display())),
    }
}
