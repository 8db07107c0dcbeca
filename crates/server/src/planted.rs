//! Planted: a permit to hash that its request holds, so that a client who goes away gives it back while
//! the hash goes on, and takes its memory. (In truth a thread is the permit, and ends when the hash does.)
//!
//! In builds with the feature `planted-bugs` only, and only when it is asked for.

#![expect(clippy::disallowed_types, reason = "a bug, on purpose")]

use std::sync::LazyLock;

use tokenhouse_store::planted;
use tokio::sync::{Semaphore, SemaphorePermit};

const NAME: &str = "permit_released";
/// As many as could ever hash at once.
const THREADS: usize = 128;

static PERMITS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(1, usize::from)));

/// How many threads hash: enough for every request that has a permit, or had one.
pub(crate) fn threads(sound: usize) -> usize {
    if planted::is(NAME) { THREADS } else { sound }
}

/// A permit that ends with the request.
pub(crate) async fn permit() -> Option<SemaphorePermit<'static>> {
    if planted::is(NAME) { PERMITS.acquire().await.ok() } else { None }
}
