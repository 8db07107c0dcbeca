//! What the connections of one proxy share: their fates, the traps, what passed, and the marks.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::fault::{Fate, Link, Reach, Scope, Trap};
use super::marks::{Marks, What};
use super::message::{Direction, Kind};

/// How many whole messages were passed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// From client to server.
    pub frontend: u64,
    /// From server to client.
    pub backend: u64,
}

impl Counts {
    fn add(&mut self, direction: Direction) {
        match direction {
            Direction::Frontend => self.frontend += 1,
            Direction::Backend => self.backend += 1,
        }
    }
}

/// A message that was passed on whole while [`super::Control::record`] was in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    /// On which connection.
    pub connection: u64,
    /// Which way.
    pub direction: Direction,
    /// What it was.
    pub kind: Kind,
}

#[derive(Debug, Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    /// Where new connections go.
    pub(super) upstream: watch::Sender<Option<SocketAddr>>,
    pub(super) frontend: watch::Sender<Link>,
    pub(super) backend: watch::Sender<Link>,
    /// Whose replies to commits are held back.
    pub(super) hold: watch::Sender<Option<Scope>>,
    pub(super) marks: Marks,
}

#[derive(Debug, Default)]
struct State {
    last: u64,
    open: BTreeMap<u64, Open>,
    newcomers: Option<Fate>,
    traps: Vec<Armed>,
    recorded: Option<Vec<Passed>>,
}

#[derive(Debug)]
struct Open {
    fate: watch::Sender<Fate>,
    port: u16,
    counts: Counts,
}

#[derive(Debug)]
struct Armed {
    trap: Trap,
    passed: u64,
    /// The connection that carries the statement asked for, once there is one.
    bound: Option<u64>,
}

impl Armed {
    fn counts(&self, connection: u64, direction: Direction) -> bool {
        let here = self.trap.scope == Scope::Any || self.bound == Some(connection);
        here && self.trap.direction == direction
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn link(&self, direction: Direction) -> &watch::Sender<Link> {
        match direction {
            Direction::Frontend => &self.frontend,
            Direction::Backend => &self.backend,
        }
    }

    /// A new connection; `port` is the one that the server sees it come from.
    pub(super) fn connected(&self, port: u16) -> (u64, watch::Receiver<Fate>) {
        let mut state = self.state();
        state.last += 1;
        let id = state.last;
        let (fate, watched) = watch::channel(state.newcomers.unwrap_or(Fate::Open));
        state.open.insert(id, Open { fate, port, counts: Counts::default() });
        drop(state);
        self.marks.add(Some(id), What::Connected);
        (id, watched)
    }

    pub(super) fn closed(&self, id: u64) {
        self.state().open.remove(&id);
        self.marks.add(Some(id), What::Closed);
    }

    pub(super) fn counts(&self) -> BTreeMap<u64, Counts> {
        self.state().open.iter().map(|(id, open)| (*id, open.counts)).collect()
    }

    pub(super) fn ports(&self) -> Vec<u16> {
        self.state().open.values().map(|open| open.port).collect()
    }

    pub(super) fn impose(&self, fate: Fate, reach: Reach) {
        let mut state = self.state();
        if reach == Reach::All {
            state.newcomers = Some(fate);
        }
        for open in state.open.values() {
            open.fate.send_replace(fate);
        }
        drop(state);
        self.marks.add(None, What::Fate(fate, reach));
    }

    fn impose_on(&self, connection: u64, fate: Fate) {
        if let Some(open) = self.state().open.get(&connection) {
            open.fate.send_replace(fate);
        }
        self.marks.add(Some(connection), What::Fate(fate, Reach::This));
    }

    /// No more faults; resets the connections that suffered any, and gives their numbers.
    pub(super) fn heal(&self) -> Vec<u64> {
        let mut state = self.state();
        state.newcomers = None;
        state.traps.clear();
        let mut spoilt = Vec::new();
        for (id, open) in &state.open {
            if *open.fate.borrow() != Fate::Open {
                open.fate.send_replace(Fate::Reset);
                spoilt.push(*id);
            }
        }
        spoilt
    }

    pub(super) fn arm(&self, trap: Trap) {
        self.state().traps.push(Armed { trap, passed: 0, bound: None });
        self.marks.add(None, What::Armed);
    }

    pub(super) fn armed(&self) -> usize {
        self.state().traps.len()
    }

    pub(super) fn record(&self) {
        self.state().recorded = Some(Vec::new());
    }

    pub(super) fn recorded(&self) -> Vec<Passed> {
        self.state().recorded.take().unwrap_or_default()
    }

    /// A message begins: springs the traps that let none pass.
    pub(super) fn begins(&self, connection: u64, direction: Direction, kind: Kind) {
        self.spring(connection, kind, |armed| {
            armed.counts(connection, direction) && armed.trap.after == 0
        });
    }

    /// A statement is sent: traps that wait for it begin to count here.
    pub(super) fn carries(&self, connection: u64, sql: &str) {
        for armed in &mut self.state().traps {
            if let Scope::Statement(wanted) = &armed.trap.scope
                && armed.bound.is_none()
                && sql.contains(wanted)
            {
                armed.bound = Some(connection);
            }
        }
    }

    /// The last bytes of a message are about to be passed on: it is counted before anybody can have an
    /// answer to it, so that who has the answer finds it counted.
    pub(super) fn passes(&self, connection: u64, direction: Direction, kind: Kind) {
        let mut state = self.state();
        if let Some(open) = state.open.get_mut(&connection) {
            open.counts.add(direction);
        }
        if let Some(recorded) = &mut state.recorded {
            recorded.push(Passed { connection, direction, kind });
        }
    }

    /// A message was passed on whole: springs the traps that waited for it.
    pub(super) fn passed(&self, connection: u64, direction: Direction, kind: Kind) {
        let mut state = self.state();
        for armed in &mut state.traps {
            if armed.counts(connection, direction) {
                armed.passed += 1;
            }
        }
        drop(state);
        self.spring(connection, kind, |armed| {
            armed.counts(connection, direction) && armed.passed >= armed.trap.after
        });
    }

    fn spring(&self, connection: u64, kind: Kind, ripe: impl Fn(&Armed) -> bool) {
        let sprung: Vec<Armed> = self.state().traps.extract_if(.., |armed| ripe(armed)).collect();
        for Armed { trap, .. } in sprung {
            if let Some(hook) = trap.hook {
                hook();
            }
            match (trap.fate, trap.reach) {
                (Fate::Open, _) => {}
                (fate, Reach::This) => self.impose_on(connection, fate),
                (fate, Reach::All) => self.impose(fate, Reach::All),
            }
            self.marks.add(Some(connection), What::Sprung(trap.direction, kind));
        }
    }
}

/// A connection that is taken off the list when it ends, however that is.
pub(super) struct Listed {
    pub(super) shared: Arc<Shared>,
    pub(super) id: u64,
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.shared.closed(self.id);
    }
}
