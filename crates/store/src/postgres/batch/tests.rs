//! The queue by itself, at a stand-in for the server that answers when it is told to.

#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "the stand-in for a server"
)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{Semaphore, mpsc};

use super::*;

/// Answers each question with itself and the time at which its statement was sent.
struct Server {
    sent: mpsc::UnboundedSender<Vec<u64>>,
    answers: Arc<Semaphore>,
    time: Arc<AtomicU64>,
}

/// Questions that go wrong.
const BAD: u64 = 1_000;
const AWAY: u64 = 2_000;

impl Kind for Server {
    type Question = u64;
    type Answer = (u64, u64);

    async fn send(&self, questions: &[u64]) -> Result<Vec<Result<(u64, u64)>>> {
        let at = self.time.load(Ordering::SeqCst);
        self.sent.send(questions.to_vec()).expect("the test listens");
        self.answers.acquire().await.expect("never closed").forget();
        if questions.contains(&AWAY) {
            tokio::time::sleep(Duration::from_secs(1)).await;
            return Err(Error::Unavailable("away".to_owned()));
        }
        if questions.contains(&BAD) {
            return Err(Error::Driver("bad data".into()));
        }
        Ok(questions.iter().map(|question| Ok((*question, at))).collect())
    }
}

struct Bench {
    batches: Arc<Batches<Server>>,
    sent: mpsc::UnboundedReceiver<Vec<u64>>,
    answers: Arc<Semaphore>,
    time: Arc<AtomicU64>,
}

type Asked = tokio::task::JoinHandle<Result<(u64, u64)>>;

impl Bench {
    fn new(limit: usize) -> Self {
        let (sender, sent) = mpsc::unbounded_channel();
        let (answers, time) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicU64::new(0)));
        let server =
            Server { sent: sender, answers: Arc::clone(&answers), time: Arc::clone(&time) };
        Self { batches: Arc::new(Batches::new(server, limit)), sent, answers, time }
    }

    fn ask(&self, question: u64) -> Asked {
        let batches = Arc::clone(&self.batches);
        tokio::spawn(async move { batches.ask(question).await })
    }

    /// Asks, and lets every asker get as far as the queue.
    async fn ask_all(&self, questions: impl IntoIterator<Item = u64>) -> Vec<Asked> {
        let asked = questions.into_iter().map(|question| self.ask(question)).collect();
        // One thread: whoever was spawned runs before this goes on.
        tokio::task::yield_now().await;
        asked
    }

    async fn sent(&mut self) -> Vec<u64> {
        self.sent.recv().await.expect("a statement")
    }

    /// Occupies both lanes.
    async fn busy(&mut self) -> Vec<Asked> {
        let mut asked = self.ask_all([1]).await;
        assert_eq!(self.sent().await, [1]);
        asked.extend(self.ask_all([2]).await);
        assert_eq!(self.sent().await, [2]);
        asked
    }
}

async fn answers(asked: Vec<Asked>) -> Vec<Result<(u64, u64)>> {
    join_all(asked).await.into_iter().map(|answer| answer.expect("no panic")).collect()
}

#[tokio::test]
async fn what_arrives_while_statements_are_out_goes_together_in_the_next() {
    let mut bench = Bench::new(64);
    let mut asked = bench.busy().await;
    asked.extend(bench.ask_all(3..=12).await);
    bench.answers.add_permits(10);
    assert_eq!(bench.sent().await, (3..=12).collect::<Vec<_>>());
    for (answer, question) in answers(asked).await.into_iter().zip(1..) {
        assert_eq!(answer.expect("an answer").0, question);
    }
}

#[tokio::test]
async fn no_statement_serves_more_than_the_limit() {
    let mut bench = Bench::new(4);
    let mut asked = bench.busy().await;
    asked.extend(bench.ask_all(3..=12).await);
    bench.answers.add_permits(10);
    assert_eq!(answers(asked).await.len(), 12);
    for _ in 0..3 {
        assert!(bench.sent().await.len() <= 4);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_answer_was_sent_for_after_its_question_arrived() {
    let bench = Bench::new(8);
    bench.answers.add_permits(100_000);
    let askers = (0..16).map(|asker| {
        let (batches, time) = (Arc::clone(&bench.batches), Arc::clone(&bench.time));
        tokio::spawn(async move {
            for _ in 0..500 {
                let arrived = time.fetch_add(1, Ordering::SeqCst) + 1;
                let (question, sent) = batches.ask(asker).await.expect("an answer");
                assert_eq!(question, asker);
                assert!(sent >= arrived, "sent at {sent}, asked at {arrived}");
            }
        })
    });
    for asker in askers.collect::<Vec<_>>() {
        asker.await.expect("no assertion failed");
    }
    let closed = async {
        while bench.batches.0.lock().lanes > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), closed).await.expect("no lane stays open");
}

#[tokio::test]
async fn bad_data_is_the_trouble_of_one_member_only() {
    let mut bench = Bench::new(64);
    let mut asked = bench.busy().await;
    asked.extend(bench.ask_all([3, BAD, 4]).await);
    bench.answers.add_permits(100);
    let answers = answers(asked).await;
    assert!(matches!(answers[3], Err(Error::Driver(_))), "{:?}", answers[3]);
    for (place, question) in [(0, 1), (1, 2), (2, 3), (4, 4)] {
        assert_eq!(answers[place].as_ref().expect("an answer").0, question);
    }
}

#[tokio::test(start_paused = true)]
async fn who_waited_while_a_statement_failed_slowly_does_not_wait_again() {
    let mut bench = Bench::new(64);
    let mut asked = bench.ask_all([AWAY]).await;
    assert_eq!(bench.sent().await, [AWAY]);
    asked.extend(bench.ask_all([AWAY]).await);
    assert_eq!(bench.sent().await, [AWAY]);
    asked.extend(bench.ask_all(3..=9).await);
    let started = Instant::now();
    bench.answers.add_permits(2);
    for answer in answers(asked).await {
        assert!(matches!(answer, Err(Error::Unavailable(_))), "{answer:?}");
    }
    assert!(started.elapsed() < Duration::from_millis(1_500), "{:?}", started.elapsed());
    assert!(bench.sent.try_recv().is_err(), "nothing was sent for those who waited");
}

#[tokio::test]
async fn who_gives_up_is_not_sent_for_and_leaves_nothing_stuck() {
    let mut bench = Bench::new(64);
    let out = bench.busy().await;
    let waiting = bench.ask_all(3..=6).await;
    for gone in out.iter().chain(&waiting[1..]) {
        gone.abort();
    }
    tokio::task::yield_now().await;
    bench.answers.add_permits(100);
    assert_eq!(bench.sent().await, [3]);
    let first = waiting.into_iter().next().expect("four");
    assert_eq!(first.await.expect("no panic").expect("an answer").0, 3);
    assert_eq!(bench.ask(7).await.expect("no panic").expect("an answer").0, 7);
}
