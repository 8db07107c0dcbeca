//! What the end of a process says about the next one in its place.
//!
//! A pure judgement of the process's phase, age and status; what follows from it is done in [`super`].

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::Signal;

use super::{Child, Phase};

/// `EX_CONFIG` of sysexits.h: starting again would not help.
const MISCONFIGURED: i32 = 78;
/// A process that fails sooner after its start belongs to a crash loop.
const SETTLED: Duration = Duration::from_secs(1);
/// What the end of a process was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Death {
    /// It was told to.
    Expected,
    /// It had served; another takes its place at once.
    Lost { slot: usize },
    /// It failed early.
    Crashed { slot: usize },
    /// It refused its configuration.
    Misconfigured(i32),
}

/// `status` is what the system told of the end of `child`, if it did.
pub(super) fn judge(child: &Child, status: Option<ExitStatus>) -> Death {
    let slot = child.slot;
    let code = status.and_then(|status| status.code());
    let signal = status.and_then(|status| status.signal());
    match child.phase {
        Phase::Stopping => Death::Expected,
        Phase::Starting if code == Some(MISCONFIGURED) => Death::Misconfigured(MISCONFIGURED),
        Phase::Starting => Death::Crashed { slot },
        // Someone killed it, or it had done its share: neither says that the next will fail.
        Phase::Ready if code == Some(0) || signal == Some(Signal::KILL.as_raw()) => {
            Death::Lost { slot }
        }
        Phase::Ready if child.started.elapsed() < SETTLED => Death::Crashed { slot },
        Phase::Ready => Death::Lost { slot },
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn after(phase: Phase, raw_status: i32) -> Death {
        let child = Child {
            slot: 4,
            pid: 1,
            process_id: None,
            started: Instant::now(),
            phase,
            management: None,
        };
        judge(&child, Some(ExitStatus::from_raw(raw_status)))
    }

    const KILLED: i32 = 9;
    const SEGFAULT: i32 = 11;
    const EXIT: i32 = 1 << 8;

    #[test]
    fn who_was_told_to_end_is_not_missed() {
        assert_eq!(after(Phase::Stopping, KILLED), Death::Expected);
        assert_eq!(after(Phase::Stopping, 78 * EXIT), Death::Expected);
    }

    #[test]
    fn before_it_was_ready_every_end_is_a_failure() {
        for status in [0, EXIT, KILLED, SEGFAULT] {
            assert_eq!(after(Phase::Starting, status), Death::Crashed { slot: 4 });
        }
        assert_eq!(after(Phase::Starting, 78 * EXIT), Death::Misconfigured(78));
    }

    #[test]
    fn soon_after_it_was_ready_only_failures_of_its_own_count() {
        assert_eq!(after(Phase::Ready, 0), Death::Lost { slot: 4 });
        assert_eq!(after(Phase::Ready, KILLED), Death::Lost { slot: 4 });
        assert_eq!(after(Phase::Ready, SEGFAULT), Death::Crashed { slot: 4 });
        assert_eq!(after(Phase::Ready, 78 * EXIT), Death::Crashed { slot: 4 });
    }
}
