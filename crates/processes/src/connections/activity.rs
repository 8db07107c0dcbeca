//! What one connection is doing, noted as it happens by the socket and by each request.
//!
//! Notes are single atomic stores, so the request path takes no lock and sets no timer; what follows from them is
//! decided in [`super::warden`].

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use http::Version;
use tokio::time::{Duration, Instant};

/// A moment of the connection's life, or none.
#[derive(Debug, Default)]
struct Moment(AtomicU64);

impl Moment {
    /// Zero is "none", hence the added microsecond.
    fn note(&self, born: Instant) {
        let micros = u64::try_from(born.elapsed().as_micros()).unwrap_or(u64::MAX - 1);
        self.0.store(micros + 1, Ordering::Relaxed);
    }

    fn note_first(&self, born: Instant) {
        if self.0.load(Ordering::Relaxed) == 0 {
            self.note(born);
        }
    }

    fn clear(&self) {
        if self.0.load(Ordering::Relaxed) != 0 {
            self.0.store(0, Ordering::Relaxed);
        }
    }

    fn read(&self, born: Instant) -> Option<Instant> {
        let micros = self.0.load(Ordering::Relaxed).checked_sub(1)?;
        Some(born + Duration::from_micros(micros))
    }
}

/// The notes on one connection.
#[derive(Debug)]
pub(super) struct Activity {
    born: Instant,
    requests: AtomicU64,
    in_flight: AtomicUsize,
    multiplexed: AtomicBool,
    idle_since: Moment,
    head_since: Moment,
    stalled_since: Moment,
}

/// A reading of the notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doing {
    /// No request has been read yet.
    Nothing { since: Instant },
    /// A later request has begun to arrive.
    Asking { since: Instant },
    /// At least one request is being answered.
    Answering,
    /// Everything that was asked is answered.
    Idle { since: Instant },
}

impl Activity {
    pub(super) fn new() -> Self {
        Self {
            born: Instant::now(),
            requests: AtomicU64::new(0),
            in_flight: AtomicUsize::new(0),
            multiplexed: AtomicBool::new(false),
            idle_since: Moment::default(),
            head_since: Moment::default(),
            stalled_since: Moment::default(),
        }
    }

    /// A request head is complete. The guard is to live until the response's body is gone.
    pub(super) fn begin(self: &Arc<Self>, version: Version) -> InFlight {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.in_flight.fetch_add(1, Ordering::AcqRel);
        self.head_since.clear();
        if version == Version::HTTP_2 {
            self.multiplexed.store(true, Ordering::Relaxed);
        }
        InFlight(Arc::clone(self))
    }

    /// Bytes arrived.
    pub(super) fn heard(&self) {
        if self.in_flight.load(Ordering::Relaxed) == 0 {
            self.head_since.note_first(self.born);
        }
    }

    /// The client's side does not take what is to be sent.
    pub(super) fn write_blocked(&self) {
        self.stalled_since.note_first(self.born);
    }

    /// The client's side takes bytes.
    pub(super) fn write_went_on(&self) {
        self.stalled_since.clear();
    }

    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    pub(super) fn is_multiplexed(&self) -> bool {
        self.multiplexed.load(Ordering::Relaxed)
    }

    pub(super) fn stalled_since(&self) -> Option<Instant> {
        self.stalled_since.read(self.born)
    }

    pub(super) fn doing(&self) -> Doing {
        if self.in_flight.load(Ordering::Acquire) > 0 {
            return Doing::Answering;
        }
        if self.requests() == 0 {
            return Doing::Nothing { since: self.born };
        }
        match self.head_since.read(self.born) {
            // On HTTP/2 such bytes are as likely a ping or a window update.
            Some(since) if !self.is_multiplexed() => Doing::Asking { since },
            _ => Doing::Idle { since: self.idle_since.read(self.born).unwrap_or(self.born) },
        }
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct InFlight(Arc<Activity>);

impl Drop for InFlight {
    fn drop(&mut self) {
        // In this order: whoever sees no request in flight must also see since when.
        self.0.idle_since.note(self.0.born);
        self.0.in_flight.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_goes_through_its_states() {
        let activity = Arc::new(Activity::new());
        activity.heard();
        assert!(matches!(activity.doing(), Doing::Nothing { .. }));
        let first = activity.begin(Version::HTTP_11);
        activity.heard();
        assert_eq!(activity.doing(), Doing::Answering);
        drop(first);
        assert!(matches!(activity.doing(), Doing::Idle { .. }));
        activity.heard();
        assert!(matches!(activity.doing(), Doing::Asking { .. }));
        let second = activity.begin(Version::HTTP_11);
        drop(second);
        assert!(matches!(activity.doing(), Doing::Idle { .. }));
        assert_eq!(activity.requests(), 2);
    }

    #[test]
    fn with_streams_side_by_side_the_last_one_counts() {
        let activity = Arc::new(Activity::new());
        let first = activity.begin(Version::HTTP_2);
        let second = activity.begin(Version::HTTP_2);
        drop(first);
        assert_eq!(activity.doing(), Doing::Answering);
        drop(second);
        activity.heard();
        assert!(matches!(activity.doing(), Doing::Idle { .. }));
    }

    #[test]
    fn a_stall_counts_from_its_beginning_and_ends_with_progress() {
        let activity = Activity::new();
        assert_eq!(activity.stalled_since(), None);
        activity.write_blocked();
        let began = activity.stalled_since();
        assert!(began.is_some());
        activity.write_blocked();
        assert_eq!(activity.stalled_since(), began);
        activity.write_went_on();
        assert_eq!(activity.stalled_since(), None);
    }
}
