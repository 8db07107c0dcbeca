//! Background tasks: rows with a lease, taken by whichever process comes first.
//!
//! A process that is killed in the middle loses nothing: its lease runs out and another one takes the
//! task again. Every task may be done twice without harm.

use std::sync::Arc;
use std::time::Duration;

use tokenhouse_processes::lifecycle::Lifecycle;
use tokenhouse_store::{Result, Store};
use uuid::Uuid;

use crate::entropy;
use crate::log::{Level, Sink};
use serde_json::json;

/// When and how long.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// How often a process looks for a due task.
    pub poll: Duration,
    /// How long a task belongs to the process that took it, unless extended.
    pub lease: Duration,
    /// How long after one deletion of expired rows the next is due.
    pub interval: Duration,
    /// How long the audit trail is kept.
    pub keep_events: Duration,
}

/// Rows of each kind that one statement deletes: small enough to disturb nobody.
const CHUNK: u32 = 500;

/// Works on due tasks until the process drains.
pub async fn run(store: Arc<dyn Store>, schedule: Schedule, lifecycle: Lifecycle, log: Sink) {
    let holder = Uuid::from_bytes(entropy::bytes());
    loop {
        tokio::select! {
            () = lifecycle.draining() => return,
            () = tokio::time::sleep(schedule.poll) => {}
        }
        if let Err(error) = turn(store.as_ref(), holder, &schedule, &log).await {
            log.event(
                Level::Warn,
                "tokenhouse.task.failed",
                json!({ "exception.message": error.to_string() }),
            );
        }
    }
}

async fn turn(store: &dyn Store, holder: Uuid, schedule: &Schedule, log: &Sink) -> Result<()> {
    let Some(name) = store.claim_task(holder, schedule.lease).await? else { return Ok(()) };
    let mut deleted = 0;
    loop {
        let expired = store.delete_expired(CHUNK, schedule.keep_events).await?;
        let gone = expired + store.clear_deleted_clients().await?;
        deleted += gone;
        if gone == 0 {
            break;
        }
        if !store.extend_task(&name, holder, schedule.lease).await? {
            return Ok(());
        }
    }
    store.finish_task(&name, holder, schedule.interval).await?;
    log.event(Level::Info, "tokenhouse.task.done", json!({ "task": name, "rows": deleted }));
    Ok(())
}
