//! One thread that writes for the whole process, many writes to a transaction (group commit).
//!
//! Whatever has arrived when a transaction begins goes into it, each write in a savepoint of its own,
//! so that one that fails takes nothing else with it. Nobody is answered before the commit is on the
//! disk. Under light load a batch is one write and nothing waits. Counts of attempts to sign in are no
//! facts that anybody is told of: a transaction of nothing else does not wait for the disk.
//!
//! Several processes take turns by an advisory lock on a file beside the database: the kernel wakes
//! the next one, where SQLite's own busy handler would poll. A killed process loses its lock at once.

#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "writes in flight: nothing is kept after the answer"
)]

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{Error, Result};

/// The most writes in one transaction.
const BATCH: usize = 512;

/// A write that waits for its transaction.
struct Change {
    durability: Durability,
    make: Make,
}

/// What a caller may be told once the write is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    /// That it is on the disk.
    OnDisk,
    /// That every process sees it; a machine that loses its power at this moment may forget it.
    Seen,
}

/// Makes a change inside the open transaction and gives what tells the caller of it.
type Make = Box<dyn FnOnce(&Connection) -> Verdict + Send>;
/// Tells the caller how it ended, once it is known whether the transaction is durable.
type Verdict = Box<dyn FnOnce(Option<&rusqlite::Error>) + Send>;

pub(super) struct Writer {
    queue: Arc<Queue>,
}

#[derive(Default)]
struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Change>,
    closed: bool,
}

impl Writer {
    pub(super) fn start(path: &Path) -> Result<Self> {
        let turn = turn_file(path)?;
        let connection = open_in_turn(path, &turn)?;
        let queue = Arc::new(Queue::default());
        let theirs = Arc::clone(&queue);
        std::thread::Builder::new()
            .name("sqlite-writer".to_owned())
            .spawn(move || {
                while let Some(batch) = theirs.next() {
                    commit(&connection, &turn, batch);
                }
            })
            .map_err(|error| Error::Unavailable(error.to_string()))?;
        Ok(Self { queue })
    }

    /// Makes a change; returns when it is as durable as that.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        durability: Durability,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let (tell, told) = oneshot::channel();
        let make: Make = Box::new(move |connection| {
            let made = in_savepoint(connection, change);
            Box::new(move |failure| {
                let outcome = match failure {
                    None => made.map_err(Error::from),
                    Some(failure) => Err(Error::Unavailable(failure.to_string())),
                };
                // The caller may have given up; the change stands all the same.
                drop(tell.send(outcome));
            })
        });
        self.queue.push(Change { durability, make });
        told.await.unwrap_or_else(|_| {
            Err(Error::Unavailable("no write transaction could begin".to_owned()))
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.arrived.notify_one();
    }
}

impl Queue {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, change: Change) {
        self.lock().waiting.push_back(change);
        self.arrived.notify_one();
    }

    /// Everything that waits, up to a batch; `None` when nothing can come any more.
    fn next(&self) -> Option<Vec<Change>> {
        let state = self
            .arrived
            .wait_while(self.lock(), |state| state.waiting.is_empty() && !state.closed)
            .unwrap_or_else(PoisonError::into_inner);
        let mut state = state;
        let count = state.waiting.len().min(BATCH);
        (count > 0).then(|| state.waiting.drain(..count).collect())
    }
}

/// Opens the connection and puts the file into WAL mode. Of several processes that do so at once on a new
/// file SQLite refuses some without calling the busy handler, so they take turns.
fn open_in_turn(path: &Path, turn: &File) -> Result<Connection> {
    turn.lock().map_err(|error| Error::Unavailable(error.to_string()))?;
    let opened = super::connect(path).and_then(|connection| {
        connection.query_row("PRAGMA journal_mode = WAL", [], |_| Ok(()))?;
        Ok(connection)
    });
    let _ = turn.unlock();
    Ok(opened?)
}

fn commit(connection: &Connection, turn: &File, batch: Vec<Change>) {
    let locked = turn.lock();
    let on_disk = batch.iter().any(|change| change.durability == Durability::OnDisk);
    let begun = match &locked {
        Ok(()) => connection.execute_batch(match on_disk {
            true => "PRAGMA synchronous = FULL; BEGIN IMMEDIATE",
            false => "PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE",
        }),
        Err(error) => Err(rusqlite::Error::ToSqlConversionFailure(error.to_string().into())),
    };
    let verdicts: Vec<Verdict> = match &begun {
        Ok(()) => batch.into_iter().map(|change| (change.make)(connection)).collect(),
        // A change that is dropped without having run tells its caller that it is unavailable.
        Err(_) => Vec::new(),
    };
    let ended = begun.and_then(|()| {
        connection.execute_batch("COMMIT").inspect_err(|_| {
            // A failed commit may leave the transaction open (disk full); its changes are void.
            drop(connection.execute_batch("ROLLBACK"));
        })
    });
    if locked.is_ok() {
        drop(turn.unlock());
    }
    let failure = ended.err();
    for verdict in verdicts {
        verdict(failure.as_ref());
    }
}

fn in_savepoint<T>(
    connection: &Connection,
    change: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    connection.prepare_cached("SAVEPOINT one")?.execute([])?;
    let made = change(connection);
    if made.is_err() {
        connection.prepare_cached("ROLLBACK TO one")?.execute([])?;
    }
    connection.prepare_cached("RELEASE one")?.execute([])?;
    made
}

fn turn_file(path: &Path) -> Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push("-turn");
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(name)
        .map_err(|error| Error::Unavailable(error.to_string()))
}
