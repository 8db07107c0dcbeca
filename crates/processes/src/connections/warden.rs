//! When a connection has to end: silence, a client that does not read, or the end of draining.
//!
//! hyper's own header timeout does not help here: it also runs while a kept-alive connection is idle, is set anew for
//! every request, and never begins for half an HTTP/2 preface. The warden instead looks at the notes in
//! [`super::activity`], with one timer per connection that is touched a few times a minute and by no request.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::{Duration, Instant, sleep_until};

use super::Limits;
use super::activity::{Activity, Doing};

/// How long a client who was let in moments before the socket closed, or who is in the middle of asking, is heard out.
const HEAR_OUT: Duration = Duration::from_secs(1);
/// How long a client with nothing in flight may take to go once it was asked to.
const FAREWELL: Duration = Duration::from_secs(1);
/// The longest idle time where requests are counted: an idle connection keeps one from others.
const COUNTED_IDLE: Duration = Duration::from_secs(1);
/// No limit is looked after more closely than this.
const FINEST: Duration = Duration::from_millis(5);

/// The limits as they are applied.
pub(super) fn effective(mut limits: Limits) -> Limits {
    limits.max_requests = limits.max_requests.filter(|requests| *requests > 0);
    if limits.max_requests.is_some() {
        limits.idle_timeout = limits.idle_timeout.min(COUNTED_IDLE);
    }
    limits
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Take no further request, finish what is in flight.
    Close,
    /// Drop the connection.
    Cut,
}

#[derive(Debug)]
pub(super) struct Warden {
    activity: Arc<Activity>,
    header_timeout: Duration,
    idle_timeout: Duration,
    closing: watch::Receiver<bool>,
    /// The client was asked to go.
    leaving: bool,
}

impl Warden {
    pub(super) fn new(
        activity: Arc<Activity>,
        limits: &Limits,
        closing: watch::Receiver<bool>,
    ) -> Self {
        Self {
            activity,
            header_timeout: limits.header_timeout,
            idle_timeout: limits.idle_timeout,
            closing,
            leaving: false,
        }
    }

    /// Waits for the next verdict; comes with the warden, to be asked again.
    pub(super) async fn judge(mut self) -> (Verdict, Self) {
        if self.leaving {
            self.see_off().await;
            return (Verdict::Cut, self);
        }
        let verdict = self.watch().await;
        (verdict, self)
    }

    async fn watch(&mut self) -> Verdict {
        let step = self.header_timeout.min(self.idle_timeout).max(FINEST);
        loop {
            let now = Instant::now();
            let deadline = self.deadline();
            if deadline.is_some_and(|deadline| deadline <= now) {
                return self.expired();
            }
            // No deadline that begins later can be nearer than one step.
            let look_again = deadline.map_or(now + step, |deadline| deadline.min(now + step));
            tokio::select! {
                () = sleep_until(look_again) => {}
                () = closed(&mut self.closing) => break,
            }
        }
        if let Some(until) = self.hear_out() {
            sleep_until(until).await;
        }
        self.leaving = true;
        Verdict::Close
    }

    /// After the request to go: answers are waited for, anything else is not.
    async fn see_off(&self) {
        loop {
            sleep_until(Instant::now() + FAREWELL).await;
            let stalled = self.activity.stalled_since().is_some();
            let answering = stalled || self.activity.doing() == Doing::Answering;
            let overdue = self.deadline().is_some_and(|at| at <= Instant::now());
            if overdue || !answering {
                return;
            }
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let silence = match self.activity.doing() {
            Doing::Nothing { since } | Doing::Asking { since } => Some(since + self.header_timeout),
            Doing::Idle { since } => Some(since + self.idle_timeout),
            Doing::Answering => None,
        };
        let stall = self.activity.stalled_since().map(|since| since + self.idle_timeout);
        [silence, stall].into_iter().flatten().min()
    }

    fn expired(&mut self) -> Verdict {
        let idle = matches!(self.activity.doing(), Doing::Idle { .. });
        if idle && self.activity.is_multiplexed() && self.activity.stalled_since().is_none() {
            self.leaving = true;
            Verdict::Close
        } else {
            Verdict::Cut
        }
    }

    fn hear_out(&self) -> Option<Instant> {
        match self.activity.doing() {
            Doing::Nothing { since } | Doing::Asking { since } => Some(since + HEAR_OUT),
            Doing::Answering | Doing::Idle { .. } => None,
        }
    }
}

async fn closed(closing: &mut watch::Receiver<bool>) {
    // A house that is gone has closed as well.
    let _ = closing.wait_for(|closing| *closing).await;
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use http::Version;

    use super::*;

    fn warden(activity: &Arc<Activity>, house: &watch::Sender<bool>) -> Warden {
        let limits = Limits {
            header_timeout: Duration::from_millis(20),
            idle_timeout: Duration::from_millis(60),
            ..Limits::default()
        };
        Warden::new(Arc::clone(activity), &limits, house.subscribe())
    }

    #[tokio::test]
    async fn silence_is_cut_after_the_header_timeout() {
        let activity = Arc::new(Activity::new());
        let began = Instant::now();
        let (verdict, _) = warden(&activity, &watch::Sender::new(false)).judge().await;
        assert_eq!(verdict, Verdict::Cut);
        assert!(began.elapsed() >= Duration::from_millis(15));
    }

    #[tokio::test]
    async fn an_idle_multiplexed_connection_is_asked_first_then_cut() {
        let activity = Arc::new(Activity::new());
        drop(activity.begin(Version::HTTP_2));
        let (verdict, warden) = warden(&activity, &watch::Sender::new(false)).judge().await;
        assert_eq!(verdict, Verdict::Close);
        assert_eq!(warden.judge().await.0, Verdict::Cut);
    }

    #[tokio::test]
    async fn a_client_who_does_not_read_is_cut_even_in_mid_answer() {
        let activity = Arc::new(Activity::new());
        let _answer = activity.begin(Version::HTTP_11);
        activity.write_blocked();
        assert_eq!(warden(&activity, &watch::Sender::new(false)).judge().await.0, Verdict::Cut);
    }

    #[tokio::test]
    async fn closing_waits_for_no_one_who_is_idle() {
        let activity = Arc::new(Activity::new());
        drop(activity.begin(Version::HTTP_11));
        let verdict = warden(&activity, &watch::Sender::new(true)).judge().now_or_never();
        assert_eq!(verdict.map(|(verdict, _)| verdict), Some(Verdict::Close));
    }

    #[tokio::test]
    async fn closing_hears_out_a_client_who_has_just_come() {
        let activity = Arc::new(Activity::new());
        assert!(
            warden(&activity, &watch::Sender::new(true)).judge().now_or_never().is_none(),
            "no verdict yet"
        );
    }

    #[test]
    fn counting_requests_shortens_idleness() {
        let counted = effective(Limits { max_requests: Some(3), ..Limits::default() });
        assert_eq!(counted.idle_timeout, COUNTED_IDLE);
        let zero = effective(Limits { max_requests: Some(0), ..Limits::default() });
        assert_eq!(zero.max_requests, None);
    }
}
