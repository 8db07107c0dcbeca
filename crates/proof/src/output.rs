//! What a running program prints: read for its whole life, so that it never blocks on a full pipe,
//! and kept (the last 2000 lines) for assertions and for the text of failures.
//!
//! Read by a thread of its own: it has to go on when the runtime of the test that started the
//! program is gone. What the lines mean is left to the reader.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::sync::watch;

const KEPT: usize = 2000;

/// The lines of one stream of one program. Clones share them.
#[derive(Clone, Debug)]
pub struct Lines {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    kept: Mutex<Kept>,
    news: watch::Sender<Progress>,
}

#[derive(Debug, Default)]
struct Kept {
    /// How many lines were dropped from the front.
    dropped: usize,
    lines: VecDeque<String>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    read: usize,
    ended: bool,
}

impl Lines {
    /// Starts to read `stream` until its end.
    pub fn read(stream: impl Read + Send + 'static) -> Self {
        let lines = Self {
            shared: Arc::new(Shared { kept: Mutex::default(), news: watch::Sender::default() }),
        };
        let writer = lines.clone();
        std::thread::spawn(move || writer.fill(stream));
        lines
    }

    fn fill(&self, stream: impl Read) {
        for line in BufReader::new(stream).split(b'\n') {
            // A pipe whose writer is gone has ended.
            let Ok(line) = line else { break };
            let line = String::from_utf8_lossy(&line);
            self.kept().push(line.trim_end_matches('\r').to_owned());
            self.shared.news.send_modify(|progress| progress.read += 1);
        }
        self.shared.news.send_modify(|progress| progress.ended = true);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.shared.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lines that are kept, oldest first.
    #[must_use]
    pub fn all(&self) -> Vec<String> {
        self.kept().lines.iter().cloned().collect()
    }

    /// How many lines were read so far; with [`Lines::wait_from`], "from now on".
    #[must_use]
    pub fn mark(&self) -> usize {
        let kept = self.kept();
        kept.dropped + kept.lines.len()
    }

    /// The last lines as one text, for messages.
    #[must_use]
    pub fn tail(&self) -> String {
        let kept = self.kept();
        let skip = kept.lines.len().saturating_sub(20);
        let last: Vec<&str> = kept.lines.iter().skip(skip).map(String::as_str).collect();
        last.join("\n")
    }

    /// Waits for the first kept or coming line for which `find` answers.
    ///
    /// # Errors
    /// When the deadline passes or the stream ends before such a line.
    pub async fn wait_for<T>(
        &self,
        deadline: Duration,
        find: impl FnMut(&str) -> Option<T>,
    ) -> Result<T> {
        self.wait_from(0, deadline, find).await
    }

    /// [`Lines::wait_for`] among the lines after `mark`.
    ///
    /// # Errors
    /// When the deadline passes or the stream ends before such a line.
    pub async fn wait_from<T>(
        &self,
        mark: usize,
        deadline: Duration,
        find: impl FnMut(&str) -> Option<T>,
    ) -> Result<T> {
        tokio::time::timeout(deadline, self.search(mark, find)).await.with_context(|| {
            format!("the line did not come within {deadline:?}; last lines:\n{}", self.tail())
        })?
    }

    /// Waits until the program has closed the stream, or the deadline has passed.
    pub async fn end(&self, deadline: Duration) {
        let mut news = self.shared.news.subscribe();
        // Both outcomes are what the caller waited for.
        tokio::time::timeout(deadline, news.wait_for(|progress| progress.ended)).await.ok();
    }

    async fn search<T>(
        &self,
        mut next: usize,
        mut find: impl FnMut(&str) -> Option<T>,
    ) -> Result<T> {
        let mut news = self.shared.news.subscribe();
        loop {
            let ended = news.borrow_and_update().ended;
            let found = {
                let kept = self.kept();
                let skip = next.saturating_sub(kept.dropped);
                next = kept.dropped + kept.lines.len();
                kept.lines.iter().skip(skip).find_map(|line| find(line))
            };
            if let Some(found) = found {
                return Ok(found);
            }
            if ended {
                bail!("the output ended; last lines:\n{}", self.tail());
            }
            // The sender lives in `self`.
            news.changed().await.ok();
        }
    }
}

impl Kept {
    fn push(&mut self, line: String) {
        if self.lines.len() == KEPT {
            self.lines.pop_front();
            self.dropped += 1;
        }
        self.lines.push_back(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_is_found_whether_it_came_before_or_comes_later() -> Result<()> {
        let (reader, mut writer) = std::io::pipe()?;
        let lines = Lines::read(reader);
        let later = lines.clone();
        let waiting = tokio::spawn(async move {
            later.wait_for(Duration::from_secs(10), |line| (line == "two").then_some(())).await
        });
        std::io::Write::write_all(&mut writer, b"one\ntwo\n")?;
        waiting.await??;
        lines.wait_for(Duration::from_secs(10), |line| (line == "one").then_some(())).await?;
        assert_eq!(lines.all(), ["one", "two"]);
        Ok(())
    }

    #[tokio::test]
    async fn the_end_of_the_output_fails_the_wait_at_once_and_shows_the_lines() {
        let lines = Lines::read(&b"it is broken\n"[..]);
        let failure = lines
            .wait_for(Duration::from_secs(3600), |line| (line == "ready").then_some(()))
            .await
            .expect_err("the line never comes");
        assert!(failure.to_string().contains("it is broken"));
    }

    #[tokio::test]
    async fn the_oldest_lines_make_room_and_marks_stay_valid() -> Result<()> {
        let text: String = (0..KEPT + 10).map(|line| format!("{line}\n")).collect();
        let lines = Lines::read(std::io::Cursor::new(text));
        let last = (KEPT + 9).to_string();
        lines.wait_for(Duration::from_secs(10), |line| (line == last).then_some(())).await?;
        assert_eq!(lines.all().len(), KEPT);
        assert_eq!(lines.mark(), KEPT + 10);
        let found =
            lines.wait_from(KEPT, Duration::from_secs(10), |line| Some(line.to_owned())).await?;
        assert_eq!(found, KEPT.to_string());
        Ok(())
    }
}
