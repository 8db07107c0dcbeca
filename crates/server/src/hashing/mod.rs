//! Passwords are hashed here: Argon2id (RFC 9106), on a few threads of their own, admitted by a queue
//! that is bounded in time.
//!
//! A permit *is* a thread with one reused block of memory, so a client that hangs up gives nothing
//! back early, and a flood of logins costs `permits × memory`, never more. The threads run at a lower
//! priority than those that answer requests. No database connection is held meanwhile.

mod argon2;
mod cost;
mod phc;
mod queue;
mod work;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use zeroize::Zeroizing;

pub use self::argon2::Implementation;
pub use self::cost::Cost;
use self::queue::{Queue, Reserved};
use self::work::{Hasher, Work};

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
    /// What is stored is no hash: no password is right. Nobody but the operator may be told.
    Corrupt,
}

/// The queue is longer than the time budget allows, or the machine has no memory for a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords wait to be checked")]
pub struct Busy;

/// The bounded queue and its threads. Cloning shares it.
#[derive(Clone)]
pub struct Hashing {
    queue: Arc<Queue>,
    implementation: Implementation,
    _threads: Arc<Closing>,
}

/// Ends the threads when the last handle goes.
struct Closing(Arc<Queue>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Hashing {
    /// Starts `permits` threads that hash by the default implementation.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    pub fn start(cost: Cost, permits: usize, budget: Duration) -> std::io::Result<Self> {
        Self::start_by(Implementation::default(), cost, permits, budget)
    }

    /// Starts `permits` threads. Memory is taken at the first hash, then kept.
    ///
    /// # Errors
    /// When the operating system gives no thread.
    #[expect(
        clippy::disallowed_methods,
        reason = "threads for as long as the process lives, told to end with it"
    )]
    pub fn start_by(
        wanted: Implementation,
        cost: Cost,
        permits: usize,
        budget: Duration,
    ) -> std::io::Result<Self> {
        let implementation = wanted.checked();
        let permits = permits.max(1);
        let queue = Arc::new(Queue::new(permits, budget));
        #[cfg(feature = "planted-bugs")]
        let permits = crate::planted::threads(permits);
        for index in 0..permits {
            let queue = Arc::clone(&queue);
            let hasher = Hasher::new(implementation, cost);
            std::thread::Builder::new().name(format!("hash-{index}")).spawn(move || {
                // Only this thread, and only relative to our own: requests go first.
                let _ = rustix::process::setpriority_process(None, 10);
                queue.work_off(hasher);
            })?;
        }
        let closing = Closing(Arc::clone(&queue));
        Ok(Self { queue, implementation, _threads: Arc::new(closing) })
    }

    /// Who computes: the portable implementation where the fast one was wanted and failed its check.
    pub const fn implementation(&self) -> Implementation {
        self.implementation
    }

    /// Takes a place in the queue, before it is known what is to be hashed.
    ///
    /// # Errors
    /// [`Busy`].
    pub fn reserve(&self) -> Result<Place, Busy> {
        self.queue.reserve().map(Place)
    }

    /// [`Place::verify`], at a place taken now.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn verify(&self, password: &str, against: Option<&str>) -> Result<Verdict, Busy> {
        self.reserve()?.verify(password, against).await
    }

    /// [`Place::hash`], at a place taken now.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn hash(&self, password: &str) -> Result<String, Busy> {
        self.reserve()?.hash(password).await
    }

    /// How many passwords wait.
    pub fn queue_length(&self) -> usize {
        self.queue.length()
    }
}

/// A place in the queue; given back by being dropped.
#[must_use]
pub struct Place(Reserved);

impl Place {
    /// Checks a password against a PHC string. Without one it does the same work and says wrong, so
    /// that an unknown user costs as much as a known one.
    ///
    /// # Errors
    /// [`Busy`], when its turn did not come in time.
    #[expect(clippy::disallowed_methods, reason = "carries one answer to who waits for it")]
    pub async fn verify(self, password: &str, against: Option<&str>) -> Result<Verdict, Busy> {
        let (tell, told) = oneshot::channel();
        let password = Zeroizing::new(password.to_owned());
        let against = against.map(str::to_owned);
        #[cfg(feature = "planted-bugs")]
        let _permit = crate::planted::permit().await;
        self.0.take(Work::Verify { password, against, tell });
        told.await.map_err(|_| Busy)
    }

    /// Makes the PHC string of a new password at the configured cost.
    ///
    /// # Errors
    /// [`Busy`], when its turn did not come in time.
    #[expect(clippy::disallowed_methods, reason = "carries one answer to who waits for it")]
    pub async fn hash(self, password: &str) -> Result<String, Busy> {
        let (tell, told) = oneshot::channel();
        let password = Zeroizing::new(password.to_owned());
        self.0.take(Work::Hash { password, tell });
        told.await.map_err(|_| Busy)
    }
}

#[cfg(test)]
mod tests;
