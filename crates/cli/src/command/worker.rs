//! `tokenhouse worker`: background tasks without a listener.

use anyhow::Result;
use tokenhouse_processes::lifecycle::Lifecycle;
use tokenhouse_processes::{notify, signals};
use tokenhouse_server::log::{Level, Sink};
use tokenhouse_server::tasks;

use crate::config::used::Config;
use crate::config::{Flags, Written};

/// Runs until it is told to stop.
///
/// # Errors
/// A configuration that cannot be used, a database file that cannot be opened.
pub(crate) fn run(flags: &Flags) -> Result<()> {
    let config = Config::new(&Written::gather(flags)?)?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let lifecycle = Lifecycle::new();
        signals::install(lifecycle.clone())?;
        let log = Sink::start(config.format, config.log_level, std::io::stdout())?;
        let store = config.store()?;
        log.event(
            Level::Info,
            "tokenhouse.worker.ready",
            serde_json::json!({ "process.pid": std::process::id() }),
        );
        lifecycle.set_ready();
        notify::ready();
        notify::watchdog(lifecycle.clone());
        tasks::run(store, config.schedule, lifecycle, log.clone()).await;
        notify::stopping();
        log.flush();
        Ok(())
    })
}
