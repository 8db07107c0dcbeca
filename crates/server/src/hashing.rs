//! Passwords are hashed here: Argon2id (RFC 9106), on a few threads of their own, admitted by a queue
//! that is bounded in time.
//!
//! A permit *is* a thread with one reused block of memory, so a client that hangs up gives nothing
//! back early, and a flood of logins costs `permits × memory`, never more. The threads run at a lower
//! priority than those that answer requests. No database connection is held meanwhile.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use crate::entropy;

const SALT: usize = 16;
const OUTPUT: usize = 32;

/// What one hash costs (OWASP: 19 MiB, two passes, one lane).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory: u32,
    /// Passes over it.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
}

impl Default for Cost {
    fn default() -> Self {
        Self { memory: 19_456, iterations: 2, parallelism: 1 }
    }
}

impl Cost {
    /// Whether Argon2 accepts these numbers.
    pub fn is_possible(&self) -> bool {
        Params::new(self.memory, self.iterations, self.parallelism, Some(OUTPUT)).is_ok()
    }

    /// Whether this is weaker than the documented default.
    pub fn is_below_default(&self) -> bool {
        let default = Self::default();
        self.memory < default.memory || self.iterations < default.iterations
    }
}

/// The judgement on a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the right one.
    Right {
        /// The hash was made at another cost than the configured one.
        outdated: bool,
    },
    /// It is not.
    Wrong,
}

/// The queue is longer than the time budget allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords wait to be checked")]
pub struct Busy;

type Password = Zeroizing<String>;

enum Work {
    Verify { password: Password, against: String, tell: oneshot::Sender<Verdict> },
    Hash { password: Password, tell: oneshot::Sender<String> },
}

struct Job {
    work: Work,
    arrived: Instant,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    closed: bool,
    /// Smoothed seconds per hash, to judge how long the queue is in time.
    seconds: f64,
}

struct Shared {
    state: Mutex<State>,
    arrived: Condvar,
    cost: Cost,
    permits: usize,
    budget: Duration,
}

/// The bounded queue and its threads. Cloning shares it.
#[derive(Clone)]
pub struct Hashing {
    shared: Arc<Shared>,
    _threads: Arc<Closing>,
}

/// Ends the threads when the last handle goes.
struct Closing(Arc<Shared>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.arrived.notify_all();
    }
}

impl Hashing {
    /// Starts `permits` threads. Memory is taken at the first hash, then kept.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(cost: Cost, permits: usize, budget: Duration) -> std::io::Result<Self> {
        let state = Mutex::new(State { seconds: 0.02, ..State::default() });
        let permits = permits.max(1);
        let shared = Arc::new(Shared { state, arrived: Condvar::new(), cost, permits, budget });
        for index in 0..permits {
            let shared = Arc::clone(&shared);
            std::thread::Builder::new().name(format!("hash-{index}")).spawn(move || {
                // Only this thread, and only relative to our own: requests go first.
                let _ = rustix::process::setpriority_process(None, 10);
                shared.run();
            })?;
        }
        Ok(Self { _threads: Arc::new(Closing(Arc::clone(&shared))), shared })
    }

    /// Checks a password against a PHC string. Without one it does the same work and says wrong, so
    /// that an unknown user costs as much as a known one.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn verify(&self, password: &str, against: Option<&str>) -> Result<Verdict, Busy> {
        let against = match against {
            Some(hash) => hash.to_owned(),
            None => compose(self.shared.cost, &[0; SALT], &[0; OUTPUT]),
        };
        let password = Zeroizing::new(password.to_owned());
        let (tell, told) = oneshot::channel();
        self.shared.admit(Work::Verify { password, against, tell })?;
        told.await.map_err(|_| Busy)
    }

    /// Makes the PHC string of a new password at the configured cost.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn hash(&self, password: &str) -> Result<String, Busy> {
        let password = Zeroizing::new(password.to_owned());
        let (tell, told) = oneshot::channel();
        self.shared.admit(Work::Hash { password, tell })?;
        told.await.map_err(|_| Busy)
    }

    /// How many passwords wait.
    pub fn queue_length(&self) -> usize {
        self.shared.lock().waiting.len()
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admit(&self, work: Work) -> Result<(), Busy> {
        let mut state = self.lock();
        let ahead = state.waiting.len() as f64 / self.permits as f64;
        if ahead * state.seconds > self.budget.as_secs_f64() {
            return Err(Busy);
        }
        state.waiting.push_back(Job { work, arrived: Instant::now() });
        drop(state);
        self.arrived.notify_one();
        Ok(())
    }

    fn run(&self) {
        let mut memory = Vec::new();
        while let Some(job) = self.next() {
            let started = Instant::now();
            // Nobody waits for it any more, or waited too long: dropping the job says busy.
            if job.is_abandoned() || started.duration_since(job.arrived) > self.budget {
                continue;
            }
            job.work.carry_out(self.cost, &mut memory);
            let took = started.elapsed().as_secs_f64();
            let mut state = self.lock();
            state.seconds += (took - state.seconds) * 0.1;
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self
            .arrived
            .wait_while(self.lock(), |state| state.waiting.is_empty() && !state.closed)
            .unwrap_or_else(PoisonError::into_inner);
        state.waiting.pop_front()
    }
}

impl Job {
    fn is_abandoned(&self) -> bool {
        match &self.work {
            Work::Verify { tell, .. } => tell.is_closed(),
            Work::Hash { tell, .. } => tell.is_closed(),
        }
    }
}

impl Work {
    fn carry_out(self, cost: Cost, memory: &mut Vec<Block>) {
        match self {
            Self::Verify { password, against, tell } => {
                let verdict = verify(&password, &against, cost, memory).unwrap_or(Verdict::Wrong);
                let _ = tell.send(verdict);
            }
            Self::Hash { password, tell } => {
                let salt = entropy::bytes::<SALT>();
                let mut output = [0; OUTPUT];
                if digest(cost, password.as_bytes(), &salt, &mut output, memory).is_some() {
                    drop(tell.send(compose(cost, &salt, &output)));
                }
            }
        }
    }
}

fn verify(
    password: &str,
    against: &str,
    configured: Cost,
    memory: &mut Vec<Block>,
) -> Option<Verdict> {
    let (cost, salt, expected) = parse(against)?;
    let mut output = vec![0; expected.len()];
    digest(cost, password.as_bytes(), &salt, &mut output, memory)?;
    Some(match constant_time::verify_slices_are_equal(&output, &expected) {
        Ok(()) => Verdict::Right { outdated: cost != configured },
        Err(_) => Verdict::Wrong,
    })
}

fn digest(
    cost: Cost,
    password: &[u8],
    salt: &[u8],
    output: &mut [u8],
    memory: &mut Vec<Block>,
) -> Option<()> {
    let params =
        Params::new(cost.memory, cost.iterations, cost.parallelism, Some(output.len())).ok()?;
    memory.resize(params.block_count().max(memory.len()), Block::new());
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password, salt, output, memory)
        .ok()
}

/// A PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
fn compose(cost: Cost, salt: &[u8], output: &[u8]) -> String {
    let Cost { memory, iterations, parallelism } = cost;
    let (salt, output) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(output));
    format!("$argon2id$v=19$m={memory},t={iterations},p={parallelism}${salt}${output}")
}

fn parse(text: &str) -> Option<(Cost, Vec<u8>, Vec<u8>)> {
    let mut parts = text.strip_prefix("$argon2id$v=19$")?.split('$');
    let mut numbers = parts.next()?.split(',');
    let mut number = |name: &str| numbers.next()?.strip_prefix(name)?.parse().ok();
    let cost =
        Cost { memory: number("m=")?, iterations: number("t=")?, parallelism: number("p=")? };
    let salt = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
    let output = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
    parts.next().is_none().then_some((cost, salt, output))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: Cost = Cost { memory: 64, iterations: 1, parallelism: 1 };

    fn hashing(permits: usize, budget: Duration) -> Hashing {
        Hashing::start(CHEAP, permits, budget).expect("threads")
    }

    #[tokio::test]
    async fn a_password_verifies_against_its_own_hash_only() {
        let hashing = hashing(2, Duration::from_secs(5));
        let hash = hashing.hash("correct horse").await.expect("not busy");
        let right = hashing.verify("correct horse", Some(&hash)).await;
        assert_eq!(right, Ok(Verdict::Right { outdated: false }));
        assert_eq!(hashing.verify("correct horse ", Some(&hash)).await, Ok(Verdict::Wrong));
        assert_eq!(hashing.verify("anything", None).await, Ok(Verdict::Wrong));
        assert_eq!(hashing.verify("x", Some("no hash")).await, Ok(Verdict::Wrong));
    }

    #[tokio::test]
    async fn a_hash_made_at_another_cost_verifies_and_is_called_outdated() {
        let old = Hashing::start(Cost { memory: 32, ..CHEAP }, 1, Duration::from_secs(5));
        let hash = old.expect("threads").hash("correct horse").await.expect("not busy");
        let verdict = hashing(1, Duration::from_secs(5)).verify("correct horse", Some(&hash)).await;
        assert_eq!(verdict, Ok(Verdict::Right { outdated: true }));
    }

    #[tokio::test]
    async fn a_queue_longer_than_its_budget_is_refused_at_once() {
        let cost = Cost { memory: 8_192, ..CHEAP };
        let hashing = Hashing::start(cost, 1, Duration::from_millis(40)).expect("threads");
        let waiting: Vec<_> = (0..64).map(|_| hashing.hash("a password")).collect();
        let outcomes = futures_util::future::join_all(waiting).await;
        assert!(outcomes.contains(&Err(Busy)));
        assert!(outcomes.iter().any(Result::is_ok));
    }

    /// RFC 9106 §5.3 uses a secret and associated data, which passwords here do not have; this is the
    /// vector of the reference implementation's `test.c` for argon2id, version 19.
    #[test]
    fn agrees_with_the_reference_implementation() {
        let cost = Cost { memory: 65_536, iterations: 2, parallelism: 1 };
        let mut output = [0; OUTPUT];
        digest(cost, b"password", b"somesalt", &mut output, &mut Vec::new()).expect("possible");
        let hex: String = output.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7");
    }
}
