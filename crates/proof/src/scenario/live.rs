//! What can be seen of a scenario while it runs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::book::Book;
use crate::generator::Generator;

/// The scenario under way. It is replaced by the next one.
#[derive(Default)]
pub struct Live {
    now: Mutex<Now>,
}

#[derive(Default)]
struct Now {
    book: Arc<Book>,
    generators: Vec<Generator>,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").field("operations", &self.operations()).finish_non_exhaustive()
    }
}

impl Live {
    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Another scenario begins.
    pub fn begin(&self) {
        *self.now() = Now::default();
    }

    /// The notes of the scenario.
    #[must_use]
    pub fn book(&self) -> Arc<Book> {
        Arc::clone(&self.now().book)
    }

    /// The load of the scenario.
    pub(super) fn drives(&self, generator: Generator) {
        self.now().generators.push(generator);
    }

    /// How many operations have ended.
    #[must_use]
    pub fn operations(&self) -> usize {
        self.now().generators.iter().map(Generator::ended).sum()
    }

    /// How many faults were injected.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.now().book.faults()
    }
}
