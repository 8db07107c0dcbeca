//! Keeps something busy while a test does something to it, and counts what failed: for claims such
//! as "no request fails while every process is replaced".
//!
//! Closed loops: each task repeats one operation, the next after the last has ended. What counts as
//! a failure is the operation's decision.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use hdrhistogram::Histogram;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How many failures' texts are kept per task.
const SHOWN: usize = 5;
/// Latencies are counted up to ten minutes, in microseconds.
const LONGEST_MICROSECONDS: u64 = 600_000_000;

/// Tasks that repeat an operation until stopped; dropping it stops them at their next turn.
#[derive(Debug)]
pub struct Load {
    stopping: Arc<AtomicBool>,
    done: watch::Receiver<Done>,
    tasks: Vec<JoinHandle<Result<Report>>>,
    started: Instant,
}

#[derive(Clone, Copy, Debug, Default)]
struct Done {
    ok: u64,
    failed: u64,
}

/// What the tasks saw.
#[derive(Clone, Debug)]
pub struct Report {
    /// Operations that ended well.
    pub ok: u64,
    /// Operations that failed.
    pub failed: u64,
    /// The first failures of each task: the task's number and the text.
    pub failures: Vec<String>,
    /// From the start to the stop.
    pub elapsed: Duration,
    /// Microseconds of every operation, failed ones included.
    pub latency: Histogram<u64>,
}

impl Load {
    /// Starts `tasks` tasks; `operation` is told the number of the task, from 0.
    pub fn start<F, R>(tasks: usize, operation: F) -> Self
    where
        F: Fn(usize) -> R + Send + Sync + 'static,
        R: Future<Output = Result<(), String>> + Send,
    {
        let operation = Arc::new(operation);
        let stopping = Arc::new(AtomicBool::new(false));
        let (counter, done) = watch::channel(Done::default());
        let counter = Arc::new(counter);
        let tasks = (0..tasks)
            .map(|task| {
                let operation = Arc::clone(&operation);
                let stopping = Arc::clone(&stopping);
                let counter = Arc::clone(&counter);
                tokio::spawn(async move {
                    let mut report = Report::empty()?;
                    while !stopping.load(Ordering::Relaxed) {
                        let began = Instant::now();
                        let outcome = operation(task).await;
                        report.count(task, began.elapsed(), &outcome);
                        counter.send_modify(|done| match outcome {
                            Ok(()) => done.ok += 1,
                            Err(_) => done.failed += 1,
                        });
                        // An operation that never waits must not keep the others from running.
                        tokio::task::yield_now().await;
                    }
                    Ok(report)
                })
            })
            .collect();
        Self { stopping, done, tasks, started: Instant::now() }
    }

    /// Waits until `more` operations have ended well from now on: the way to let load go on for a
    /// while without guessing at a duration.
    ///
    /// # Errors
    /// When they have not by the deadline.
    pub async fn succeeded(&self, more: u64, deadline: Duration) -> Result<()> {
        let mut done = self.done.clone();
        let now = done.borrow().ok;
        let reached = tokio::time::timeout(deadline, done.wait_for(|done| done.ok >= now + more));
        if let Ok(Ok(_)) = reached.await {
            return Ok(());
        }
        let Done { ok, failed } = *self.done.borrow();
        bail!(
            "{} of {more} operations in {deadline:?} ({ok} ok and {failed} failed since the start)",
            ok - now
        );
    }

    /// Lets the operations under way end, and adds up.
    ///
    /// # Errors
    /// When an operation panicked.
    pub async fn stop(mut self) -> Result<Report> {
        self.stopping.store(true, Ordering::Relaxed);
        let mut total = Report::empty()?;
        for task in std::mem::take(&mut self.tasks) {
            total.add(task.await.context("an operation panicked")??)?;
        }
        total.elapsed = self.started.elapsed();
        Ok(total)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
    }
}

impl Report {
    fn empty() -> Result<Self> {
        Ok(Self {
            ok: 0,
            failed: 0,
            failures: Vec::new(),
            elapsed: Duration::ZERO,
            latency: Histogram::new_with_bounds(1, LONGEST_MICROSECONDS, 3)?,
        })
    }

    fn count(&mut self, task: usize, took: Duration, outcome: &Result<(), String>) {
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.latency.saturating_record(microseconds);
        match outcome {
            Ok(()) => self.ok += 1,
            Err(text) => {
                self.failed += 1;
                if self.failures.len() < SHOWN {
                    self.failures.push(format!("task {task}: {text}"));
                }
            }
        }
    }

    fn add(&mut self, other: Self) -> Result<()> {
        self.ok += other.ok;
        self.failed += other.failed;
        self.failures.extend(other.failures);
        self.latency.add(&other.latency)?;
        Ok(())
    }

    /// # Panics
    /// When an operation failed, with the first failures, or when none was done at all.
    pub fn assert_no_failures(&self) {
        assert!(self.ok + self.failed > 0, "the load did nothing");
        assert!(
            self.failed == 0,
            "{} of {} operations failed:\n{}",
            self.failed,
            self.ok + self.failed,
            self.failures.join("\n")
        );
    }

    /// Operations that ended well, per second.
    #[must_use]
    pub fn per_second(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
        let ok = self.ok as f64;
        ok / self.elapsed.as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;

    const LONG: Duration = Duration::from_secs(10);

    #[tokio::test]
    async fn good_operations_are_counted_and_nothing_is_blamed() -> Result<()> {
        let load = Load::start(4, |_| async { Ok(()) });
        load.succeeded(100, LONG).await?;
        let report = load.stop().await?;
        report.assert_no_failures();
        assert!(report.ok >= 100);
        assert_eq!(report.latency.len(), report.ok);
        Ok(())
    }

    #[tokio::test]
    async fn one_failure_among_many_operations_is_found_and_shown() -> Result<()> {
        let turn = AtomicU64::new(0);
        let load = Load::start(2, move |_| {
            let turn = turn.fetch_add(1, Ordering::Relaxed);
            async move { if turn == 50 { Err("the fiftieth".to_owned()) } else { Ok(()) } }
        });
        load.succeeded(100, LONG).await?;
        let report = load.stop().await?;
        assert_eq!(report.failed, 1);
        assert!(report.failures[0].ends_with("the fiftieth"));
        assert!(std::panic::catch_unwind(|| report.assert_no_failures()).is_err());
        Ok(())
    }

    #[tokio::test]
    async fn load_that_never_succeeds_is_told_at_the_deadline() -> Result<()> {
        let load = Load::start(1, |_| async { Err("no".to_owned()) });
        let waited = load.succeeded(1, Duration::from_millis(50)).await;
        assert!(waited.is_err());
        load.stop().await?;
        Ok(())
    }
}
