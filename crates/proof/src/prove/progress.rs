//! How far it is: on a terminal one line that is drawn again four times a second, below the lines of what
//! is done; otherwise only those lines.

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::report::Totals;
use crate::scenario::Live;

const EVERY: Duration = Duration::from_millis(250);
const CLEAR: &str = "\r\x1b[2K";

/// The display; nothing is drawn any more once it has ended.
pub(super) struct Progress {
    board: Option<Arc<Board>>,
    drawing: Option<JoinHandle<()>>,
}

struct Board {
    live: Arc<Live>,
    state: Mutex<State>,
}

struct State {
    id: &'static str,
    what: &'static str,
    totals: Totals,
    begun: Instant,
    expected: Duration,
}

impl Progress {
    pub(super) fn start(live: Arc<Live>, expected: Duration) -> Self {
        if !std::io::stdout().is_terminal() {
            return Self { board: None, drawing: None };
        }
        let state =
            State { id: "", what: "", totals: Totals::default(), begun: Instant::now(), expected };
        let board = Arc::new(Board { live, state: Mutex::new(state) });
        let drawn = Arc::clone(&board);
        let drawing = tokio::spawn(async move {
            let mut turn = tokio::time::interval(EVERY);
            loop {
                turn.tick().await;
                put(&format!("{CLEAR}{}", drawn.line()));
            }
        });
        Self { board: Some(board), drawing: Some(drawing) }
    }

    /// Something begins.
    pub(super) fn begin(&self, id: &'static str, what: &'static str) {
        if let Some(board) = &self.board {
            let mut state = board.state();
            (state.id, state.what) = (id, what);
        }
    }

    /// Prints a line that stays.
    pub(super) fn line(&self, line: &str) {
        match &self.board {
            Some(board) => put(&format!("{CLEAR}{line}\n{}", board.line())),
            None => println!("{line}"),
        }
    }

    /// What was counted so far.
    pub(super) fn totals(&self, totals: &Totals) {
        if let Some(board) = &self.board {
            board.state().totals = totals.clone();
        }
    }

    /// Takes the line away.
    pub(super) fn end(&mut self) {
        if let Some(drawing) = self.drawing.take() {
            drawing.abort();
            put(CLEAR);
        }
    }
}

impl Board {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self) -> String {
        let state = self.state();
        let left = state.expected.saturating_sub(state.begun.elapsed()).as_secs();
        let line = format!(
            "{:<4} {} operations, {} faults, lost {}, wrong {}, about {}:{:02} left — {}",
            state.id,
            state.totals.operations + self.live.operations(),
            state.totals.faults + self.live.faults(),
            state.totals.lost,
            state.totals.wrong,
            left / 60,
            left % 60,
            state.what
        );
        // A line that wraps cannot be taken back.
        line.chars().take(columns().saturating_sub(1)).collect()
    }
}

fn columns() -> usize {
    rustix::termios::tcgetwinsize(std::io::stdout())
        .ok()
        .map(|size| usize::from(size.ws_col))
        .filter(|columns| *columns > 0)
        .unwrap_or(80)
}

/// A terminal that is gone is no reason to stop.
fn put(text: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).ok();
}
