//! What the proxy did, and when: for reports of a run, and as events to wait for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::sync::watch;

use super::fault::{Fate, Link, Reach};
use super::message::{Direction, Kind};

/// Something that happened at the proxy.
#[derive(Clone, Debug)]
pub struct Mark {
    /// When, by the monotonic clock.
    pub at: Instant,
    /// On which connection; none for all or none in particular. Numbers are never used again.
    pub connection: Option<u64>,
    /// What it was.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A client connected.
    Connected,
    /// A connection ended at both sides.
    Closed,
    /// The server could not be reached.
    NoUpstream(String),
    /// A message cannot be one; the connection is reset.
    Garbage(String),
    /// A direction has become slower or faster.
    Slowed(Direction, Link),
    /// A trap was set.
    Armed,
    /// A trap's message came: the last one that passed, or, after none, the one that does not.
    Sprung(Direction, Kind),
    /// This became of connections.
    Fate(Fate, Reach),
    /// A reply to a commit is whole here, and held back.
    Held,
    /// Replies are no longer held back.
    Released,
    /// All faults are over.
    Healed,
}

/// The marks of one proxy. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Marks(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    list: Mutex<Vec<Mark>>,
    count: watch::Sender<usize>,
}

impl Marks {
    fn list(&self) -> MutexGuard<'_, Vec<Mark>> {
        self.0.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, connection: Option<u64>, what: What) {
        self.list().push(Mark { at: Instant::now(), connection, what });
        self.0.count.send_modify(|count| *count += 1);
    }

    /// All so far, in order.
    #[must_use]
    pub fn all(&self) -> Vec<Mark> {
        self.list().clone()
    }

    /// How many there are; with [`Marks::wait_from`], "from now on".
    #[must_use]
    pub fn len(&self) -> usize {
        self.list().len()
    }

    /// Whether nothing has happened yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Waits for the first mark from number `from` on for which `find` says yes.
    ///
    /// # Errors
    /// When it does not come in time; the message shows the marks there are.
    pub async fn wait_from(
        &self,
        from: usize,
        deadline: Duration,
        find: impl Fn(&Mark) -> bool,
    ) -> Result<Mark> {
        let search = async {
            let mut count = self.0.count.subscribe();
            loop {
                count.borrow_and_update();
                if let Some(mark) = self.list().iter().skip(from).find(|mark| find(mark)) {
                    return mark.clone();
                }
                // The sender lives in `self`.
                count.changed().await.ok();
            }
        };
        tokio::time::timeout(deadline, search)
            .await
            .with_context(|| format!("no such mark within {deadline:?}: {:?}", self.all()))
    }
}
