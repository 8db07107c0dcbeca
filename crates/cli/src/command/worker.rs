//! `tokenhouse worker`: background tasks and the sending of mails, without a listener.

use std::sync::Arc;

use anyhow::Result;
use tokenhouse_processes::lifecycle::Lifecycle;
use tokenhouse_processes::{notify, signals};
use tokenhouse_server::log::{Level, Sink};
use tokenhouse_server::mail::{self, Mailing, Sending};
use tokenhouse_server::tasks;
use tokenhouse_store::Store;

use crate::config::used::{self, Config};
use crate::config::{Flags, Written};

/// Runs until it is told to stop.
///
/// # Errors
/// A configuration that cannot be used, a database file that cannot be opened.
pub(crate) fn run(flags: &Flags) -> Result<()> {
    let written = Written::gather(flags)?;
    let config = Config::new(&written)?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let lifecycle = Lifecycle::new();
        signals::install(lifecycle.clone())?;
        let log = Sink::start(config.format, config.log_level, std::io::stdout())?;
        let store = config.store()?;
        let sending = sending(&written, &config, &store)?;
        log.event(
            Level::Info,
            "tokenhouse.worker.ready",
            serde_json::json!({ "process.pid": std::process::id() }),
        );
        lifecycle.set_ready();
        notify::ready();
        notify::watchdog(lifecycle.clone());
        let cleaning = tasks::run(store, config.schedule, lifecycle.clone(), log.clone());
        match sending {
            None => cleaning.await,
            Some(sending) => {
                tokio::join!(cleaning, mail::run(sending, lifecycle, log.clone()));
            }
        }
        notify::stopping();
        log.flush();
        Ok(())
    })
}

/// What sending mails takes; a worker that sends none needs no root secret.
fn sending(written: &Written, config: &Config, store: &Arc<dyn Store>) -> Result<Option<Sending>> {
    let settings = used::settings(written)?;
    if !matches!(settings.mailing, Mailing::Smtp(_)) {
        return Ok(None);
    }
    Ok(Some(Sending {
        store: Arc::clone(store),
        root: Arc::new(config.root()?),
        settings: Arc::new(settings),
        pages: Arc::new(used::pages(written)?),
        metrics: Arc::default(),
        lease: config.schedule.lease * 2,
    }))
}
