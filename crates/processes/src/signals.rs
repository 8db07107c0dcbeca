//! What the signals mean to a serving process.
//!
//! SIGTERM drains gracefully, SIGINT and SIGHUP promptly, a second SIGTERM or SIGINT stops at once. A SIGTERM that
//! comes because the parent died drains promptly: nobody else serves the port any more, and a new parent will want it.
//! The parent's own signals are in [`crate::supervisor::signals`].

use std::io;

use tokio::signal::unix::{SignalKind, signal};

use crate::child;
use crate::lifecycle::{Drain, Lifecycle};

/// Starts one task that turns signals into stages of `lifecycle`; inside a tokio runtime only.
///
/// # Errors
/// A signal cannot be caught.
pub fn install(lifecycle: Lifecycle) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        let mut response = Response::default();
        let orphaned = orphaned();
        tokio::pin!(orphaned);
        loop {
            let received = tokio::select! {
                Some(()) = terminate.recv() => Received::Terminate,
                Some(()) = interrupt.recv() => Received::Interrupt,
                Some(()) = hangup.recv() => Received::Hangup,
                () = &mut orphaned, if !response.orphan => Received::Terminate,
                else => return,
            };
            tracing::info!(?received, "signal");
            response.to(received, child::is_orphan(), &lifecycle);
        }
    });
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Received {
    Terminate,
    Interrupt,
    Hangup,
}

/// What has been asked for so far.
#[derive(Default)]
struct Response {
    asked: bool,
    orphan: bool,
}

impl Response {
    fn to(&mut self, received: Received, orphan: bool, lifecycle: &Lifecycle) {
        // The kernel's notice of the parent's death is not a second request by the operator.
        let first_notice = orphan && !self.orphan;
        self.orphan |= orphan;
        match received {
            Received::Terminate if first_notice => lifecycle.begin_drain(Drain::Prompt),
            Received::Hangup => lifecycle.begin_drain(Drain::Prompt),
            Received::Terminate | Received::Interrupt if self.asked => lifecycle.stop_now(),
            Received::Terminate => lifecycle.begin_drain(Drain::Graceful),
            Received::Interrupt => lifecycle.begin_drain(Drain::Prompt),
        }
        self.asked |= received != Received::Hangup;
    }
}

/// Completes when the parent is gone, where the kernel does not tell.
#[cfg(not(target_os = "linux"))]
async fn orphaned() {
    let mut look = tokio::time::interval(std::time::Duration::from_millis(500));
    while !child::is_orphan() {
        look.tick().await;
    }
}

#[cfg(target_os = "linux")]
async fn orphaned() {
    std::future::pending().await
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn after(signals: &[(Received, bool)]) -> &'static str {
        let lifecycle = Lifecycle::new();
        let mut response = Response::default();
        for (received, orphan) in signals {
            response.to(*received, *orphan, &lifecycle);
        }
        if lifecycle.stopped().now_or_never().is_some() {
            "stopped"
        } else if lifecycle.draining_promptly().now_or_never().is_some() {
            "prompt"
        } else if lifecycle.is_draining() {
            "graceful"
        } else {
            "serving"
        }
    }

    #[test]
    fn each_signal_has_its_meaning() {
        use Received::{Hangup, Interrupt, Terminate};
        assert_eq!(after(&[(Terminate, false)]), "graceful");
        assert_eq!(after(&[(Interrupt, false)]), "prompt");
        assert_eq!(after(&[(Hangup, false), (Hangup, false)]), "prompt");
        assert_eq!(after(&[(Terminate, false), (Terminate, false)]), "stopped");
        assert_eq!(after(&[(Interrupt, false), (Terminate, false)]), "stopped");
    }

    #[test]
    fn the_death_of_the_parent_is_no_second_request() {
        use Received::Terminate;
        assert_eq!(after(&[(Terminate, true)]), "prompt");
        assert_eq!(after(&[(Terminate, false), (Terminate, true)]), "prompt");
        assert_eq!(after(&[(Terminate, true), (Terminate, true)]), "stopped");
    }
}
