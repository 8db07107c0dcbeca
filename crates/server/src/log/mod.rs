//! The event stream on stdout: access lines, security events, failures. Never read back.
//!
//! Lines are put into a bounded buffer and written by a thread of their own. When stdout does not take
//! them (a full pipe, a frozen terminal) they are dropped and counted; no request ever waits.
//!
//! Lines of requests, of access and of what happened in them, wait for others for a few milliseconds, so that
//! a busy server writes hundreds at once and a request wakes nobody. What the process says of itself
//! ([`Sink::put`]) is written at once, and what waits goes with it.

#![expect(clippy::disallowed_types, reason = "lines on their way to stdout, read back by nobody")]

pub mod access;

use std::cell::RefCell;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};
use tokenhouse_processes::identity::ProcessId;
use tokenhouse_rules::time::Timestamp;

use self::access::Access;
use crate::text::Clock;

/// The most bytes that wait to be written.
const MOST: usize = 4 * 1024 * 1024;

/// How long a line may wait for others, and with how many bytes no longer.
const LINGER: Duration = Duration::from_millis(10);
const ENOUGH: usize = 64 * 1024;

/// How much it takes for a line to be written. Access lines are [`Level::Info`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something failed that should not.
    Error,
    /// Something was refused or is doubtful.
    Warn,
    /// Something happened.
    Info,
    /// For developers.
    Debug,
}

impl Level {
    /// The name in a line (OpenTelemetry severity text).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::Warn => "WARN",
            Self::Info => "INFO",
            Self::Debug => "DEBUG",
        }
    }
}

/// How lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line, with OpenTelemetry's names.
    Json,
    /// Short lines for a person at a terminal.
    Text,
}

struct Shared {
    buffer: Mutex<Buffer>,
    filled: Condvar,
    written: Condvar,
    dropped: AtomicU64,
    format: Format,
    level: Level,
}

#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    /// Something in it is not to wait.
    urgent: bool,
    writing: bool,
}

impl Buffer {
    /// Whether it is to be written without waiting for more.
    fn is_due(&self) -> bool {
        self.urgent || self.bytes.len() >= ENOUGH
    }
}

thread_local! {
    /// Where this thread makes its lines.
    static DRAFT: RefCell<Draft> = const { RefCell::new(Draft::new()) };
}

struct Draft {
    clock: Clock,
    line: Vec<u8>,
}

impl Draft {
    const fn new() -> Self {
        Self { clock: Clock::new(), line: Vec::new() }
    }
}

/// Where lines go. Cloning shares it.
#[derive(Clone)]
pub struct Sink(Arc<Shared>);

impl Sink {
    /// Starts the writing thread.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    #[expect(clippy::disallowed_methods, reason = "a thread for as long as the process lives")]
    pub fn start(
        format: Format,
        level: Level,
        mut output: impl Write + Send + 'static,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            buffer: Mutex::default(),
            filled: Condvar::new(),
            written: Condvar::new(),
            dropped: AtomicU64::new(0),
            format,
            level,
        });
        let theirs = Arc::clone(&shared);
        std::thread::Builder::new().name("log".to_owned()).spawn(move || {
            let mut lines = Vec::new();
            loop {
                theirs.take(&mut lines);
                // Nobody is left to be told when stdout is gone.
                drop(output.write_all(&lines).and_then(|()| output.flush()));
                lines.clear();
                theirs.done();
            }
        })?;
        Ok(Self(shared))
    }

    /// How lines look.
    pub fn format(&self) -> Format {
        self.0.format
    }

    /// How many lines were dropped because stdout did not take them.
    pub fn dropped(&self) -> u64 {
        self.0.dropped.load(Ordering::Relaxed)
    }

    /// Waits until everything is written, at the end of the process.
    pub fn flush(&self) {
        let mut buffer = self.0.lock();
        buffer.urgent |= !buffer.bytes.is_empty();
        self.0.filled.notify_one();
        let patience = Duration::from_millis(500);
        let waited = self.0.written.wait_timeout_while(buffer, patience, |buffer| {
            buffer.writing || !buffer.bytes.is_empty()
        });
        drop(waited);
    }

    /// Writes one event: its name, and attributes by OpenTelemetry's names.
    pub fn event(&self, level: Level, name: &str, attributes: Value) {
        if level > self.0.level {
            return;
        }
        let severity = level.name();
        match self.0.format {
            Format::Json => {
                let mut line = Map::new();
                line.insert("timestamp".into(), instant().into());
                line.insert("severity".into(), severity.into());
                line.insert("event.name".into(), name.into());
                if let Value::Object(members) = attributes {
                    line.extend(members.into_iter().filter(|(_, value)| !value.is_null()));
                }
                self.append(format!("{}\n", Value::Object(line)).as_bytes(), false);
            }
            Format::Text => {
                let mut line = format!("{} {severity:5} {name}", Clock::new().time_of_day(now()));
                if let Value::Object(members) = attributes {
                    for (key, value) in members.iter().filter(|(_, value)| !value.is_null()) {
                        line.push_str(&format!(" {key}={value}"));
                    }
                }
                line.push('\n');
                self.append(line.as_bytes(), false);
            }
        }
    }

    /// Writes the cause of a failure that a client was not told.
    pub(crate) fn failure(&self, code: &str, cause: &dyn std::error::Error, request_id: &str) {
        let mut text = cause.to_string();
        let mut source = cause.source();
        while let Some(inner) = source {
            text.push_str(": ");
            text.push_str(&inner.to_string());
            source = inner.source();
        }
        let attributes = json!({ "error.type": code, "exception.message": text,
                                 "tokenhouse.request.id": request_id });
        self.event(Level::Error, "tokenhouse.request.failed", attributes);
    }

    pub(crate) fn access(&self, access: &Access<'_>, process: &ProcessId) {
        if self.0.level < Level::Info {
            return;
        }
        DRAFT.with_borrow_mut(|Draft { clock, line }| {
            line.clear();
            match self.0.format {
                Format::Json => access.json(line, (clock, now()), process),
                Format::Text => access.text(line, (clock, now())),
            }
            self.append(line, false);
        });
    }

    /// Puts a whole line into the buffer to be written at once, or drops it.
    pub fn put(&self, line: &[u8]) {
        self.append(line, true);
    }

    fn append(&self, line: &[u8], urgent: bool) {
        let mut buffer = self.0.lock();
        if buffer.bytes.len() + line.len() > MOST {
            drop(buffer);
            self.0.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let (was_empty, was_due) = (buffer.bytes.is_empty(), buffer.is_due());
        buffer.bytes.extend_from_slice(line);
        buffer.urgent |= urgent;
        // Whoever is writing looks again by itself.
        let wakes = !buffer.writing && (was_empty || buffer.is_due() && !was_due);
        drop(buffer);
        if wakes {
            self.0.filled.notify_one();
        }
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Buffer> {
        self.buffer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, lines: &mut Vec<u8>) {
        let buffer = self
            .filled
            .wait_while(self.lock(), |buffer| buffer.bytes.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        let (mut buffer, _) = self
            .filled
            .wait_timeout_while(buffer, LINGER, |buffer| !buffer.is_due())
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::swap(&mut buffer.bytes, lines);
        buffer.urgent = false;
        buffer.writing = true;
    }

    fn done(&self) {
        let mut buffer = self.lock();
        buffer.writing = false;
        if buffer.bytes.is_empty() {
            self.written.notify_all();
        }
    }
}

/// The time of a line; nothing is decided by it.
#[expect(clippy::disallowed_methods, reason = "the time of a log line decides nothing")]
fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

/// The same as text.
fn instant() -> String {
    let mut text = Vec::with_capacity(27);
    Clock::new().write(&mut text, now());
    String::from_utf8(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Instant;

    use super::*;

    /// Every write as the output gets it.
    struct Writes(mpsc::Sender<Vec<u8>>);

    impl Write for Writes {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            drop(self.0.send(bytes.to_vec()));
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[expect(clippy::disallowed_methods, reason = "carries what was written to the test")]
    fn sink() -> (Sink, mpsc::Receiver<Vec<u8>>) {
        let (sender, writes) = mpsc::channel();
        let sink = Sink::start(Format::Json, Level::Info, Writes(sender)).expect("a thread");
        (sink, writes)
    }

    const PATIENCE: Duration = Duration::from_secs(10);

    #[test]
    fn access_lines_travel_together_and_an_event_takes_them_along() {
        let (sink, writes) = sink();
        let began = Instant::now();
        let lines: Vec<String> = (0..200).map(|number| format!("line {number}\n")).collect();
        for (number, line) in (0..).zip(&lines) {
            // Slower than a line is written, or they would travel together by themselves.
            while began.elapsed() < Duration::from_micros(200 * number) {
                std::thread::yield_now();
            }
            sink.append(line.as_bytes(), false);
        }
        sink.put(b"an event\n");
        let (mut written, mut count) = (Vec::new(), 0);
        while !written.ends_with(b"an event\n") {
            written.extend(writes.recv_timeout(PATIENCE).expect("what was put"));
            count += 1;
        }
        // One for each time the first of them had waited long enough, one for the event.
        let most = began.elapsed().as_millis() / LINGER.as_millis() + 2;
        assert!(count <= most, "{count} writes where {most} were due");
        assert_eq!(String::from_utf8(written), Ok(lines.concat() + "an event\n"));
    }

    #[test]
    fn a_lonely_access_line_is_written_without_an_event() {
        let (sink, writes) = sink();
        for _ in 0..3 {
            sink.append(b"a line\n", false);
            assert_eq!(writes.recv_timeout(PATIENCE).as_deref(), Ok(&b"a line\n"[..]));
        }
    }
}
