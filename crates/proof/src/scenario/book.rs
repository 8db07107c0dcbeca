//! What was done on purpose during a scenario, and when: the marks of its timeline, the windows in which
//! errors are allowed, the recoveries that were timed, and what was measured on the way.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use crate::checker::Fault;
use crate::history::Nanos;

/// Something that was done.
#[derive(Clone, Debug, Serialize)]
pub struct Mark {
    /// When.
    pub at: Nanos,
    /// What, in a few words.
    pub what: String,
}

/// A figure that has to be met.
#[derive(Clone, Debug, Serialize)]
pub struct Target {
    /// What was measured.
    pub what: String,
    /// What it has to be.
    pub wanted: String,
    /// What it was.
    pub measured: String,
    /// Whether it is.
    pub met: bool,
}

/// The notes of one scenario.
#[derive(Debug, Default)]
pub struct Book {
    notes: Mutex<Notes>,
}

/// All that is in a book.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// In the order in which they were made.
    pub marks: Vec<Mark>,
    /// When errors are allowed.
    pub windows: Vec<Fault>,
    /// From the fault, or from the moment that recovery became possible, to the first good answer.
    pub recoveries: Vec<Duration>,
    /// How many faults were injected.
    pub faults: u64,
    /// What had to be met.
    pub targets: Vec<Target>,
    /// What else was measured.
    pub figures: Vec<(String, String)>,
}

/// A window that is still open.
#[derive(Debug)]
#[must_use = "a window that is never closed allows errors to the end"]
pub struct Window(usize);

impl Book {
    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A fault is about to be injected, and errors are allowed from now on.
    pub fn fault(&self, what: impl Into<String>) -> Window {
        self.harmless(what);
        self.window()
    }

    /// A fault is about to be injected that allows no errors at all.
    pub fn harmless(&self, what: impl Into<String>) {
        self.count(1);
        self.mark(what);
    }

    /// Something happened that is worth seeing in the timeline.
    pub fn mark(&self, what: impl Into<String>) {
        self.notes().marks.push(Mark { at: Nanos::now(), what: what.into() });
    }

    /// Errors are allowed from now on, though nothing new was done.
    pub fn window(&self) -> Window {
        let mut notes = self.notes();
        notes.windows.push(Fault { from: Nanos::now(), to: Nanos::NEVER });
        Window(notes.windows.len() - 1)
    }

    /// From now on errors are wrong again.
    pub fn over(&self, window: Window) {
        if let Some(open) = self.notes().windows.get_mut(window.0) {
            open.to = Nanos::now();
        }
    }

    /// So many more faults were injected.
    pub fn count(&self, more: u64) {
        self.notes().faults += more;
    }

    /// How many faults there were so far.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.notes().faults
    }

    /// A recovery took so long.
    pub fn recovered(&self, after: Duration) {
        self.notes().recoveries.push(after);
    }

    /// Something that had to be met.
    pub fn target(&self, what: &str, wanted: &str, measured: impl Into<String>, met: bool) {
        self.notes().targets.push(Target {
            what: what.to_owned(),
            wanted: wanted.to_owned(),
            measured: measured.into(),
            met,
        });
    }

    /// Something else that was measured.
    pub fn figure(&self, name: &str, value: impl Into<String>) {
        self.notes().figures.push((name.to_owned(), value.into()));
    }

    /// Everything so far.
    #[must_use]
    pub fn read(&self) -> Notes {
        self.notes().clone()
    }
}
