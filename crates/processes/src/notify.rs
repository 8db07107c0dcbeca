//! Telling those who wait that this process is ready, stopping or alive: systemd, and the parent that started it.
//!
//! A notice that cannot be delivered is logged and nothing more: serving never depends on it.

use std::io;
use std::net::SocketAddr;

use sd_notify::NotifyState;
use tokio::time::{Duration, MissedTickBehavior};

use crate::identity::ProcessId;
use crate::lifecycle::Lifecycle;
use crate::rendezvous::{Invitation, Report};

/// `READY=1` to systemd, if it asked (`NOTIFY_SOCKET`).
pub fn ready() {
    tell(NotifyState::Ready);
}

/// `STOPPING=1` to systemd, if it asked.
pub fn stopping() {
    tell(NotifyState::Stopping);
}

/// Starts a task that sends `WATCHDOG=1` at half the interval systemd asked for (`WATCHDOG_USEC`), until `lifecycle`
/// stops. Without such a request nothing is started. Inside a tokio runtime only.
pub fn watchdog(lifecycle: Lifecycle) {
    let Some(interval) = watchdog_interval() else {
        return;
    };
    tokio::spawn(async move {
        let mut tick = tokio::time::interval(interval);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let stopped = lifecycle.stopped();
        tokio::pin!(stopped);
        loop {
            tokio::select! {
                () = &mut stopped => return,
                _ = tick.tick() => alive(),
            }
        }
    });
}

/// Tells the parent that this process serves now, under which name, and where its management listener is.
/// Without a parent it does nothing.
///
/// # Errors
/// The parent cannot be reached; it will take this process for one that failed to start.
pub fn to_parent_ready(process: &ProcessId, management: Option<SocketAddr>) -> io::Result<()> {
    let Some(invitation) = Invitation::from_environment() else {
        return Ok(());
    };
    invitation.answer(&Report {
        token: invitation.token.clone(),
        process_id: process.as_str().to_owned(),
        management,
    })
}

/// How often systemd wants to hear of us, with room for a late message.
pub(crate) fn watchdog_interval() -> Option<Duration> {
    sd_notify::watchdog_enabled().map(|limit| limit / 2).filter(|interval| !interval.is_zero())
}

/// `WATCHDOG=1` to systemd.
pub(crate) fn alive() {
    tell(NotifyState::Watchdog);
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "systemd could not be told");
    }
}
