//! From started to ready: waits for a schema that this release can work with and for the first administrator, if
//! the configuration names one, then says that it serves.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use tokenhouse_processes::identity::ProcessId;
use tokenhouse_processes::notify;
use tokenhouse_server::app::{App, Shared};
use tokenhouse_server::log::Level;
use tokenhouse_store::{Error as StoreError, Store};
use tokio::sync::oneshot;

use super::banner::Banner;
use super::setup::{self, first_administrator};
use crate::config::used::Bootstrap;

/// How long between two looks for a database that is away.
const AGAIN: Duration = Duration::from_millis(300);

/// What it takes to become ready.
pub(super) struct Ready {
    pub(super) app: App,
    pub(super) migrate: bool,
    /// Who becomes the first administrator, if the configuration says so.
    pub(super) first: Option<Bootstrap>,
    /// Whether this process is the one that says that setup is open.
    pub(super) tells: bool,
    /// Printed when the database was looked at for the first time, whatever came of it.
    pub(super) banner: Option<Banner>,
    pub(super) address: SocketAddr,
    pub(super) management: Option<SocketAddr>,
    pub(super) process: ProcessId,
}

/// Waits for a schema this release can work with, then says that it serves. Requests are answered
/// meanwhile, each with an honest 503 if it needs what is not there. `tried` is dropped when the database was looked
/// at for the first time, whatever came of it.
pub(super) async fn become_ready(ready: Ready, tried: oneshot::Sender<()>) -> Result<()> {
    let mut said = false;
    let mut looked = look(&ready).await;
    let mut told = !ready.tells;
    if let Some(banner) = &ready.banner {
        let Shared { store, settings, root, .. } = &*ready.app;
        let link = match looked {
            Ok(true) => setup::link_for(banner, store.as_ref(), &settings.base_url, root).await,
            _ => None,
        };
        banner.print(link.as_deref().map(String::as_str));
        told |= link.is_some();
    }
    drop(tried);
    let is_open = loop {
        let error = match looked {
            Ok(is_open) => break is_open,
            Err(error) => error,
        };
        let worth_waiting = matches!(error.downcast_ref(), Some(StoreError::Unavailable(_)));
        if !worth_waiting {
            return Err(error);
        }
        if !said {
            let attributes = json!({ "exception.message": format!("{error:#}") });
            ready.app.log.event(Level::Warn, "tokenhouse.waiting_for_database", attributes);
            said = true;
        }
        tokio::select! {
            () = ready.app.lifecycle.draining() => return Ok(()),
            () = tokio::time::sleep(AGAIN) => {}
        }
        looked = look(&ready).await;
    };
    ready.app.lifecycle.set_ready();
    ready.app.log.event(
        Level::Info,
        "tokenhouse.ready",
        json!({
            "server.address": ready.address.ip().to_string(),
            "server.port": ready.address.port(),
            "tokenhouse.management.address": ready.management.map(|address| address.to_string()),
            "process.pid": std::process::id(),
            "tokenhouse.process.id": ready.process.as_str(),
            "db.system.name": ready.app.store.engine().name(),
        }),
    );
    if is_open && !told {
        setup::tell(&ready.app.log);
    }
    notify::to_parent_ready(&ready.process, ready.management)?;
    notify::ready();
    notify::watchdog(ready.app.lifecycle.clone());
    Ok(())
}

/// Looks at the database, and puts in order what is this process's to put; whether setup is open.
async fn look(ready: &Ready) -> Result<bool> {
    schema(ready.app.store.as_ref(), ready.migrate).await?;
    first_administrator(&ready.app, ready.first.as_ref()).await
}

async fn schema(store: &dyn Store, migrate: bool) -> Result<()> {
    if migrate {
        store.migrate().await?;
    }
    let state = store.schema().await?;
    if state.is_acceptable() {
        return Ok(());
    }
    if state.applied < state.known {
        let text = "the schema is behind; run `tokenhouse db migrate`".to_owned();
        return Err(StoreError::Unavailable(text).into());
    }
    anyhow::bail!(
        "the database has schema {} and asks for a release that knows {}; this one knows {}",
        state.applied,
        state.required,
        state.known
    );
}
