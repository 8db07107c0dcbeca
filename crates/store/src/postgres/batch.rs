//! Requests that arrive while a statement is out go together in the next one.
//!
//! The one rule: *a request is only answered by a statement that was sent after it arrived*; otherwise
//! a logout could be answered and the read after it still find the session. So what waits is taken at
//! the moment of sending, and nothing is kept after the answer. A request that finds a lane free is
//! sent at once: under light load a batch is one, and nothing waits for company.
//!
//! Lanes are tasks that live as long as there is work. A client that gives up takes nothing with it:
//! the statement is the lane's, not the request's.

#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "requests in flight: nothing is kept after the answer"
)]

use std::collections::VecDeque;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::connection::QUICKLY;
use crate::{Error, Result};

/// Statements that are out at once. With one, the server idles while answers are handed out; a third
/// only makes batches smaller (docs/performance.md).
pub(super) const LANES: usize = 2;

/// What the members of one batch have in common: a statement that serves many.
pub(super) trait Kind: Send + Sync + 'static {
    type Question: Send + Sync + 'static;
    type Answer: Send + 'static;

    /// Sends one statement for all the questions; as many answers, in their order.
    fn send(
        &self,
        questions: &[Self::Question],
    ) -> impl Future<Output = Result<Vec<Result<Self::Answer>>>> + Send;
}

/// Gathers questions of one kind.
pub(super) struct Batches<K: Kind>(Arc<Shared<K>>);

struct Shared<K: Kind> {
    kind: K,
    /// The most members of one statement.
    limit: usize,
    queue: Mutex<Queue<K>>,
}

struct Queue<K: Kind> {
    waiting: VecDeque<(K::Question, Asker<K>)>,
    lanes: usize,
}

/// What goes out together: as many askers as questions.
struct Batch<K: Kind> {
    questions: Vec<K::Question>,
    askers: Vec<Asker<K>>,
}

/// Whom the answer goes to.
type Asker<K> = oneshot::Sender<Result<<K as Kind>::Answer>>;

impl<K: Kind> Batches<K> {
    pub(super) fn new(kind: K, limit: usize) -> Self {
        let queue = Mutex::new(Queue { waiting: VecDeque::new(), lanes: 0 });
        Self(Arc::new(Shared { kind, limit: limit.max(1), queue }))
    }

    pub(super) fn kind(&self) -> &K {
        &self.0.kind
    }

    /// Asks, together with whoever else is asking.
    pub(super) async fn ask(&self, question: K::Question) -> Result<K::Answer> {
        let (asker, answer) = oneshot::channel();
        if let Some(lane) = self.0.enqueue(question, asker) {
            tokio::spawn(lane.run());
        }
        // Nobody answers only when the runtime is being shut down.
        answer.await.unwrap_or_else(|_| Err(Error::Unavailable("the process is ending".into())))
    }
}

impl<K: Kind> Shared<K> {
    fn lock(&self) -> MutexGuard<'_, Queue<K>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lines up; gives a new lane to run if one more is allowed.
    fn enqueue(self: &Arc<Self>, question: K::Question, asker: Asker<K>) -> Option<Lane<K>> {
        let mut queue = self.lock();
        queue.waiting.push_back((question, asker));
        (queue.lanes < LANES).then(|| {
            queue.lanes += 1;
            Lane { shared: Arc::clone(self), open: true }
        })
    }

    async fn answer(&self, Batch { questions, askers }: Batch<K>) {
        let sent = Instant::now();
        match self.kind.send(&questions).await {
            Ok(answers) => {
                for (asker, answer) in askers.into_iter().zip(answers) {
                    tell(asker, answer);
                }
            }
            Err(Error::Unavailable(why)) => {
                // What failed slowly would only fail slowly again: whoever waited meanwhile is told too.
                if sent.elapsed() >= QUICKLY {
                    self.turn_away(&why);
                }
                for asker in askers {
                    tell(asker, Err(Error::Unavailable(why.clone())));
                }
            }
            // Refused as a whole and rolled back, because of one of them: each has its own outcome.
            Err(_) if questions.len() > 1 => {
                for (question, asker) in questions.into_iter().zip(askers) {
                    tell(asker, self.send_alone(question).await);
                }
            }
            Err(error) => {
                if let Some(asker) = askers.into_iter().next() {
                    tell(asker, Err(error));
                }
            }
        }
    }

    async fn send_alone(&self, question: K::Question) -> Result<K::Answer> {
        let mut answers = self.kind.send(&[question]).await?;
        answers.pop().unwrap_or_else(|| Err(Error::Corrupt("one answer was expected".to_owned())))
    }

    fn turn_away(&self, why: &str) {
        let waiting = std::mem::take(&mut self.lock().waiting);
        for (_, asker) in waiting {
            tell(asker, Err(Error::Unavailable(why.to_owned())));
        }
    }
}

/// The asker may be gone; then nobody is to be told.
fn tell<T>(asker: oneshot::Sender<T>, answer: T) {
    drop(asker.send(answer));
}

/// The right to have one statement out.
struct Lane<K: Kind> {
    shared: Arc<Shared<K>>,
    open: bool,
}

impl<K: Kind> Lane<K> {
    async fn run(mut self) {
        while let Some(batch) = self.next() {
            self.shared.answer(batch).await;
        }
    }

    /// Whoever waits at this moment, up to the limit; when nobody does, the lane closes under the same
    /// lock, so that the next to come opens one.
    fn next(&mut self) -> Option<Batch<K>> {
        let mut queue = self.shared.lock();
        let most = queue.waiting.len().min(self.shared.limit);
        let (questions, askers) = (Vec::with_capacity(most), Vec::with_capacity(most));
        let mut batch = Batch { questions, askers };
        while batch.questions.len() < self.shared.limit
            && let Some((question, asker)) = queue.waiting.pop_front()
        {
            if !asker.is_closed() {
                batch.questions.push(question);
                batch.askers.push(asker);
            }
        }
        if batch.questions.is_empty() {
            queue.lanes -= 1;
            self.open = false;
            return None;
        }
        Some(batch)
    }
}

impl<K: Kind> Drop for Lane<K> {
    /// A lane that was cut off (the runtime ends) gives its place back.
    fn drop(&mut self) {
        if self.open {
            self.shared.lock().lanes -= 1;
        }
    }
}

#[cfg(test)]
mod tests;
