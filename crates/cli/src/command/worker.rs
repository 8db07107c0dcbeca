//! `tokenhouse worker`: background tasks, the sending of mails, and telling applications that sessions ended, without
//! a listener.

use std::sync::Arc;

use anyhow::Result;
use tokenhouse_processes::lifecycle::Lifecycle;
use tokenhouse_processes::{notify, signals};
use tokenhouse_server::log::{Level, Sink};
use tokenhouse_server::mail::{self, Mailing, Sending};
use tokenhouse_server::oauth::backchannel::{self, Pace, Telling};
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
        let telling = telling(&written, &config, &store)?;
        if telling.is_none() {
            let attributes = serde_json::json!({ "exception.message": "there is no root secret" });
            log.event(Level::Warn, "tokenhouse.logout.stopped", attributes);
        }
        log.event(
            Level::Info,
            "tokenhouse.worker.ready",
            serde_json::json!({ "process.pid": std::process::id() }),
        );
        lifecycle.set_ready();
        notify::ready();
        notify::watchdog(lifecycle.clone());
        let cleaning = tasks::run(store, config.schedule, lifecycle.clone(), log.clone());
        let sending = async {
            if let Some(sending) = sending {
                mail::run(sending, lifecycle.clone(), log.clone()).await;
            }
        };
        let telling = async {
            if let Some(telling) = telling {
                backchannel::run(telling, lifecycle.clone(), log.clone()).await;
            }
        };
        tokio::join!(cleaning, sending, telling);
        notify::stopping();
        log.flush();
        Ok(())
    })
}

/// What telling applications takes. A worker that was given no root secret leaves it to those that were.
fn telling(written: &Written, config: &Config, store: &Arc<dyn Store>) -> Result<Option<Telling>> {
    let Ok(root) = config.root() else { return Ok(None) };
    Ok(Some(Telling {
        store: Arc::clone(store),
        root: Arc::new(root),
        settings: Arc::new(used::settings(written)?),
        metrics: Arc::default(),
        lease: config.schedule.lease * 2,
        pace: Pace::default(),
    }))
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
