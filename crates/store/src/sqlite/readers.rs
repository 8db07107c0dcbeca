//! The connections that reads use. A read takes one that is idle, or opens another; it never waits.
//! Plumbing, not state: each holds nothing but the driver's page cache and prepared statements.

#![expect(clippy::disallowed_types, reason = "connections that are idle: plumbing, no state")]

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rusqlite::Connection;

use crate::{Error, Result};

/// More idle connections than this are closed again.
const MOST_IDLE: usize = 16;

pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    busy: AtomicUsize,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Mutex::default(), busy: AtomicUsize::new(0) }
    }

    /// Asks a question on a connection of its own.
    pub(super) fn with<T>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let taken = self.lock().pop();
        let connection = match taken {
            Some(connection) => connection,
            None => super::connect(&self.path)?,
        };
        self.busy.fetch_add(1, Ordering::Relaxed);
        let answer = question(&connection);
        self.busy.fetch_sub(1, Ordering::Relaxed);
        let mut idle = self.lock();
        if idle.len() < MOST_IDLE {
            idle.push(connection);
        }
        answer.map_err(Error::from)
    }

    /// Connections in use and idle.
    pub(super) fn count(&self) -> (usize, usize) {
        (self.busy.load(Ordering::Relaxed), self.lock().len())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
