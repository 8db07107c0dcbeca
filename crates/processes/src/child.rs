//! A process that was started by our parent: binding its life to the parent's.
//!
//! When the parent goes, however it goes, its children must not stay behind on the port. Linux sends them SIGTERM
//! (`PR_SET_PDEATHSIG`); elsewhere [`crate::signals`] looks every half second. The parent's side is
//! [`crate::supervisor`].

use rustix::process::getppid;

use crate::rendezvous::{Invitation, SLOT_VARIABLE};

/// The parent this process belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// The parent's process number.
    pub pid: u32,
    /// This process's place among its siblings, from 0; kept by its successors.
    pub slot: usize,
}

/// Ties this process to the parent that started it; `None` when it was started by anyone else.
///
/// To be called first thing in `main`. A process whose parent died before this call ends here, with status 1: nobody
/// would ever stop it, and it has not begun to serve.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "what the parent says travels in the environment")]
pub fn adopt() -> Option<Parent> {
    let invitation = Invitation::from_environment()?;
    #[cfg(target_os = "linux")]
    if let Err(error) =
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::TERM))
    {
        tracing::error!(%error, "cannot ask for a signal at the parent's death");
    }
    if is_orphan_of(invitation.parent) {
        tracing::error!("the parent ended before this process began to serve");
        std::process::exit(1);
    }
    Some(Parent {
        pid: invitation.parent,
        slot: std::env::var(SLOT_VARIABLE).ok().and_then(|slot| slot.parse().ok()).unwrap_or(0),
    })
}

/// Whether this process had a parent of ours that is gone.
pub(crate) fn is_orphan() -> bool {
    Invitation::from_environment().is_some_and(|invitation| is_orphan_of(invitation.parent))
}

fn is_orphan_of(parent: u32) -> bool {
    getppid().is_none_or(|pid| pid.as_raw_pid().cast_unsigned() != parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_real_parent_counts() {
        let parent = getppid().expect("a test has a parent").as_raw_pid();
        assert!(!is_orphan_of(parent.cast_unsigned()));
        assert!(is_orphan_of(std::process::id()));
    }
}
