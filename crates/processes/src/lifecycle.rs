//! The stages of a process's life, and how its parts learn of them: starting, ready, draining, stopping.
//!
//! Stages only ever advance, so that of two signals the stronger wins whatever their order. What each stage means for
//! connections is decided in [`crate::connections`]; who asks for it, in [`crate::signals`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

/// How much time a drain leaves to load balancers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Drain {
    /// New connections are still accepted for the drain delay, while readiness is already false.
    Graceful,
    /// Accepting stops at once; requests in flight still finish.
    Prompt,
}

/// In the order in which they are passed through: comparison is part of the meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Starting,
    Ready,
    Draining(Drain),
    Stopping,
}

#[derive(Debug)]
struct Shared {
    stage: watch::Sender<Stage>,
    /// The one question every response asks; answered without the channel's lock.
    draining: AtomicBool,
}

/// A handle on this process's stage; clones share it.
#[derive(Clone, Debug)]
pub struct Lifecycle(Arc<Shared>);

impl Lifecycle {
    /// A process that is starting.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Shared {
            stage: watch::Sender::new(Stage::Starting),
            draining: AtomicBool::new(false),
        }))
    }

    /// Requests are welcome from now on. Without effect once draining has begun.
    pub fn set_ready(&self) {
        self.advance(Stage::Ready);
    }

    /// Begins to drain. [`Drain::Prompt`] during a graceful drain cuts its delay short.
    pub fn begin_drain(&self, drain: Drain) {
        self.advance(Stage::Draining(drain));
    }

    /// Ends everything at once, requests in flight included.
    pub fn stop_now(&self) {
        self.advance(Stage::Stopping);
    }

    /// Whether load balancers should send requests here.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        *self.0.stage.borrow() == Stage::Ready
    }

    /// Whether draining has begun (true also while stopping). Cheap enough for every response.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::Acquire)
    }

    /// Whether everything is to end at once.
    pub(crate) fn is_stopping(&self) -> bool {
        *self.0.stage.borrow() == Stage::Stopping
    }

    /// Completes when draining has begun.
    pub async fn draining(&self) {
        self.reached(Stage::Draining(Drain::Graceful)).await;
    }

    /// Completes when a drain without delay was asked for.
    pub(crate) async fn draining_promptly(&self) {
        self.reached(Stage::Draining(Drain::Prompt)).await;
    }

    /// Completes after [`stop_now`](Self::stop_now).
    pub async fn stopped(&self) {
        self.reached(Stage::Stopping).await;
    }

    fn advance(&self, to: Stage) {
        if to > Stage::Ready {
            self.0.draining.store(true, Ordering::Release);
        }
        self.0.stage.send_if_modified(|stage| {
            let advances = to > *stage;
            if advances {
                *stage = to;
            }
            advances
        });
    }

    async fn reached(&self, stage: Stage) {
        // The sender lives in `self`, so the channel cannot be closed while this waits.
        let _ = self.0.stage.subscribe().wait_for(|now| *now >= stage).await;
    }
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn stages_never_go_back() {
        let lifecycle = Lifecycle::new();
        assert!(!lifecycle.is_ready() && !lifecycle.is_draining());
        lifecycle.set_ready();
        assert!(lifecycle.is_ready());
        lifecycle.begin_drain(Drain::Prompt);
        lifecycle.begin_drain(Drain::Graceful);
        lifecycle.set_ready();
        assert!(!lifecycle.is_ready() && lifecycle.is_draining());
        assert!(lifecycle.draining_promptly().now_or_never().is_some());
        assert!(lifecycle.stopped().now_or_never().is_none());
    }

    #[test]
    fn a_graceful_drain_can_be_hastened() {
        let lifecycle = Lifecycle::new();
        lifecycle.begin_drain(Drain::Graceful);
        assert!(lifecycle.draining().now_or_never().is_some());
        assert!(lifecycle.draining_promptly().now_or_never().is_none());
        lifecycle.begin_drain(Drain::Prompt);
        assert!(lifecycle.draining_promptly().now_or_never().is_some());
    }

    #[test]
    fn stopping_satisfies_everyone_who_waits() {
        let lifecycle = Lifecycle::new();
        lifecycle.stop_now();
        assert!(lifecycle.draining().now_or_never().is_some());
        assert!(lifecycle.stopped().now_or_never().is_some());
    }
}
