//! `tokenhouse serve`: one process, or the parent of several.

mod banner;
mod parent;
mod ready;
mod setup;

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;
use tokenhouse_processes::identity::ProcessId;
use tokenhouse_processes::lifecycle::Lifecycle;
use tokenhouse_processes::listener::{self, Origin};
use tokenhouse_processes::{child, connections, notify, signals};
use tokenhouse_server::app::{App, Shared};
use tokenhouse_server::hashing::Hashing;
use tokenhouse_server::log::{Level, Sink};
use tokenhouse_server::mail::{self, Sending};
use tokenhouse_server::metrics::Metrics;
use tokenhouse_server::oauth::backchannel::{self, Pace, Telling};
use tokenhouse_server::oauth::{Keyring, keyring};
use tokenhouse_server::settings::Settings;
use tokenhouse_server::{management, router, tasks};

use self::banner::Banner;
use self::parent::supervise;
use self::ready::{Ready, become_ready};
use crate::config::used::{self, Config};
use crate::config::{Flags, Written};

/// Run the server
#[derive(Args)]
pub(crate) struct Arguments {
    /// Leave background tasks to `tokenhouse worker`
    #[arg(long)]
    no_worker: bool,
    /// Do not touch the schema; `tokenhouse db migrate` does
    #[arg(long)]
    no_migrate: bool,
    #[command(flatten)]
    flags: Flags,
}

/// Runs until it is told to stop.
///
/// # Errors
/// A configuration that cannot be used, a port that is taken, a database file that cannot be opened.
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    let written = Written::gather(&arguments.flags)?;
    let config = Config::new(&written)?;
    let parent = child::adopt();
    let many = config.processes > 1 || config.limits.max_requests.is_some();
    let (listener, origin) = listener::acquire(&config.listen)
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    if parent.is_none() && many {
        return supervise(&config, &written, listener);
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve(
        &arguments,
        &written,
        &config,
        (listener, origin),
    ))
}

#[expect(
    clippy::disallowed_methods,
    reason = "start, housekeeping: tasks of the process, not of a request"
)]
async fn serve(
    arguments: &Arguments,
    written: &Written,
    config: &Config,
    (listener, origin): (TcpListener, Origin),
) -> Result<()> {
    let process = ProcessId::random();
    let log = log(config)?;
    let lifecycle = Lifecycle::new();
    signals::install(lifecycle.clone())?;
    let address = listener.local_addr()?;
    let first = used::bootstrap(written)?;
    let app = app(written, config, address, (&process, &lifecycle, &log))?;
    let management = manage(&app, config)?;
    let (tried, looked) = tokio::sync::oneshot::channel();
    let ready = Ready {
        app: app.clone(),
        migrate: !arguments.no_migrate,
        first,
        // The parent speaks for its children.
        tells: origin != Origin::Parent,
        banner: (origin == Origin::Bound).then(|| Banner::new(config, &app.settings, address)),
        address,
        management,
        process,
    };
    let ready = tokio::spawn(become_ready(ready, tried));
    // Who comes while a new database gets its schema waits at the socket for those milliseconds; only a
    // database that is away is answered for.
    drop(looked.await);
    let workers = (!arguments.no_worker).then(|| {
        let store = Arc::clone(&app.store);
        let cleaning = tasks::run(store, config.schedule, lifecycle.clone(), log.clone());
        let sending = mail::run(sending(&app, config), lifecycle.clone(), log.clone());
        let rotating = keyring::rotate(app.clone(), lifecycle.clone());
        let telling = backchannel::run(telling(&app, config), lifecycle.clone(), log.clone());
        let rotating = tokio::spawn(rotating);
        [tokio::spawn(cleaning), tokio::spawn(sending), tokio::spawn(telling), rotating]
    });
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let routes = router::router(app.clone());
    let serving = connections::serve(listener, routes, config.limits.clone(), lifecycle.clone());
    tokio::select! {
        served = serving => {
            notify::stopping();
            log.event(Level::Info, "tokenhouse.stopped", json!({ "tokenhouse.requests": served.requests }));
        }
        failed = failure(ready) => {
            log.flush();
            return Err(failed);
        }
    }
    for worker in workers.into_iter().flatten() {
        worker.abort();
    }
    log.flush();
    Ok(())
}

/// What sending mails takes.
fn sending(app: &App, config: &Config) -> Sending {
    let Shared { store, root, settings, pages, metrics, .. } = &**app;
    Sending {
        store: Arc::clone(store),
        root: Arc::clone(root),
        settings: Arc::clone(settings),
        pages: Arc::clone(pages),
        metrics: Arc::clone(metrics),
        lease: config.schedule.lease * 2,
    }
}

/// What telling applications that sessions ended takes.
fn telling(app: &App, config: &Config) -> Telling {
    let Shared { store, root, settings, metrics, .. } = &**app;
    Telling {
        store: Arc::clone(store),
        root: Arc::clone(root),
        settings: Arc::clone(settings),
        metrics: Arc::clone(metrics),
        lease: config.schedule.lease * 2,
        pace: Pace::default(),
    }
}

/// Resolves only when becoming ready failed for good.
async fn failure(ready: tokio::task::JoinHandle<Result<()>>) -> anyhow::Error {
    match ready.await {
        Ok(Ok(())) => std::future::pending().await,
        Ok(Err(error)) => error,
        Err(error) => error.into(),
    }
}

fn app(
    written: &Written,
    config: &Config,
    address: SocketAddr,
    (process, lifecycle, log): (&ProcessId, &Lifecycle, &Sink),
) -> Result<App> {
    let settings = used::settings_at(written, Some(address))?;
    let cost = settings.hash_cost;
    if cost.is_below_default() {
        let attributes = json!({ "tokenhouse.argon2.memory": cost.memory,
                                 "tokenhouse.argon2.iterations": cost.iterations });
        log.event(Level::Warn, "tokenhouse.config.weak_hash", attributes);
    }
    let hashing = hashing(&settings, log)?;
    Ok(App::new(Shared {
        store: config.store()?,
        root: Arc::new(config.root()?),
        settings: Arc::new(settings),
        pages: Arc::new(used::pages(written)?),
        hashing,
        lifecycle: lifecycle.clone(),
        metrics: Arc::new(Metrics::default()),
        log: log.clone(),
        process: process.clone(),
        keyring: Keyring::default(),
    }))
}

fn hashing(settings: &Settings, log: &Sink) -> Result<Hashing> {
    let wanted = settings.hash_implementation;
    let hashing =
        Hashing::start_by(wanted, settings.hash_cost, settings.hash_permits, settings.hash_budget)?;
    if hashing.implementation() != wanted {
        let why = "the fast Argon2 and the portable one do not agree on this machine";
        let attributes = json!({ "exception.message": why });
        log.event(Level::Warn, "tokenhouse.argon2.fallback", attributes);
    }
    Ok(hashing)
}

/// The stream on stdout, and warnings of the libraries in it.
fn log(config: &Config) -> Result<Sink> {
    let sink = Sink::start(config.format, config.log_level, std::io::stdout())?;
    let writer = sink.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(config.log_level.name()))
        .with_writer(move || Lines(writer.clone()));
    // A second call in one process (tests) keeps the first; nothing depends on it.
    drop(match config.format {
        tokenhouse_server::log::Format::Json => subscriber.json().try_init(),
        tokenhouse_server::log::Format::Text => subscriber.compact().try_init(),
    });
    Ok(sink)
}

struct Lines(Sink);

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.put(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Opens the management listener, if there is to be one.
#[expect(clippy::disallowed_methods, reason = "probes are answered until the very end")]
fn manage(app: &App, config: &Config) -> Result<Option<SocketAddr>> {
    let Some(address) = &config.management else { return Ok(None) };
    let wanted: SocketAddr = address.parse().map_err(|_| {
        crate::config::BadConfig(format!(
            "MANAGEMENT_LISTEN: `{address}` is not an address and port"
        ))
    })?;
    let listener = listener::bind_next(wanted, 100)
        .with_context(|| format!("cannot listen on {wanted} for management"))?;
    let bound = listener.local_addr()?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let routes = management::router(app.clone());
    // Probes are answered until the very end of the drain, so this listener has a life of its own.
    let life = Lifecycle::new();
    tokio::spawn(connections::serve(listener, routes, connections::Limits::default(), life));
    Ok(Some(bound))
}
