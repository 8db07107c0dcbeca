//! The count of requests where a process may take in only so many: exact, also for one.
//!
//! A connection holds one reserved request for as long as a request may come from it: it is accepted only with a
//! reservation, and kept alive only if it can have another. So a request that arrives is always within the count, and
//! none is ever refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::Semaphore;

use crate::lifecycle::{Drain, Lifecycle};

/// All the requests this process may take in.
#[derive(Debug)]
pub(super) struct Budget {
    /// Requests neither taken in nor reserved.
    free: Semaphore,
    /// Requests not yet taken in.
    remaining: AtomicU64,
    lifecycle: Lifecycle,
}

impl Budget {
    pub(super) fn new(requests: u64, lifecycle: Lifecycle) -> Arc<Self> {
        let permits = usize::try_from(requests).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        Arc::new(Self {
            free: Semaphore::new(permits),
            remaining: AtomicU64::new(permits as u64),
            lifecycle,
        })
    }

    /// Waits until a request can be reserved.
    pub(super) async fn reserve(self: &Arc<Self>) -> Reservation {
        if let Ok(permit) = self.free.acquire().await {
            permit.forget();
        }
        Reservation::of(self)
    }

    pub(super) fn try_reserve(self: &Arc<Self>) -> Option<Reservation> {
        self.free.try_acquire().ok()?.forget();
        Some(Reservation::of(self))
    }
}

/// One connection's claim to one request, renewed while it is kept alive.
#[derive(Debug)]
pub(super) struct Reservation {
    budget: Arc<Budget>,
    held: AtomicBool,
}

/// Whether the connection may send a further request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Welcome,
    Last,
}

impl Reservation {
    fn of(budget: &Arc<Budget>) -> Self {
        Self { budget: Arc::clone(budget), held: AtomicBool::new(true) }
    }

    /// A request came in. The last one of all makes the process drain.
    pub(super) fn take(&self) -> Next {
        if self.budget.remaining.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.budget.lifecycle.begin_drain(Drain::Prompt);
        }
        let another = self.budget.free.try_acquire();
        self.held.store(another.is_ok(), Ordering::Release);
        match another {
            Ok(permit) => {
                permit.forget();
                Next::Welcome
            }
            Err(_) => Next::Last,
        }
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.held.load(Ordering::Acquire) {
            self.budget.free.add_permits(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reservation_without_a_request_is_given_back() {
        let lifecycle = Lifecycle::new();
        let budget = Budget::new(1, lifecycle.clone());
        let first = budget.try_reserve().unwrap();
        assert!(budget.try_reserve().is_none());
        drop(first);
        let second = budget.try_reserve().unwrap();
        assert!(!lifecycle.is_draining());
        assert_eq!(second.take(), Next::Last);
        assert!(lifecycle.is_draining());
        drop(second);
        assert!(budget.try_reserve().is_none());
    }

    #[test]
    fn a_kept_connection_reserves_its_next_request() {
        let lifecycle = Lifecycle::new();
        let budget = Budget::new(3, lifecycle.clone());
        let kept = budget.try_reserve().unwrap();
        assert_eq!(kept.take(), Next::Welcome);
        let other = budget.try_reserve().unwrap();
        assert_eq!(kept.take(), Next::Last);
        assert!(!lifecycle.is_draining());
        assert_eq!(other.take(), Next::Last);
        assert!(lifecycle.is_draining());
    }
}
