//! From started to ready: waits for a schema that this release can work with, then says that it serves.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use tokenhouse_processes::identity::ProcessId;
use tokenhouse_processes::notify;
use tokenhouse_server::app::App;
use tokenhouse_server::log::Level;
use tokenhouse_store::{Error as StoreError, Store};

/// How long between two looks for a database that is away.
const AGAIN: Duration = Duration::from_millis(300);

/// What it takes to become ready.
pub(super) struct Ready {
    pub(super) app: App,
    pub(super) migrate: bool,
    pub(super) address: SocketAddr,
    pub(super) management: Option<SocketAddr>,
    pub(super) process: ProcessId,
    /// Told when the database was looked at for the first time, whatever came of it.
    pub(super) tried: tokio::sync::oneshot::Sender<()>,
}

/// Waits for a schema this release can work with, then says that it serves. Requests are answered
/// meanwhile, each with an honest 503 if it needs what is not there.
pub(super) async fn become_ready(ready: Ready) -> Result<()> {
    let mut said = false;
    let mut looked = schema(ready.app.store.as_ref(), ready.migrate).await;
    drop(ready.tried);
    while let Err(error) = looked {
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
        looked = schema(ready.app.store.as_ref(), ready.migrate).await;
    }
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
    notify::to_parent_ready(&ready.process, ready.management)?;
    notify::ready();
    notify::watchdog(ready.app.lifecycle.clone());
    Ok(())
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
