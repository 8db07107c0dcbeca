//! The kinds of harm, as values.

use std::fmt;
use std::num::NonZeroU64;
use std::time::Duration;

use super::message::Direction;

/// What becomes of a connection's messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// They pass.
    Open,
    /// They are swallowed, and so are the ends of the connection: as when a network is cut.
    BlackHole,
    /// They are swallowed, but the end of either side is passed on: as when a process is killed and
    /// the kernel closes what it had open.
    Mute,
    /// Both sides are reset (RST).
    Reset,
    /// The receiver of this direction is told that no more comes (FIN), and no more does; the other
    /// direction goes on.
    HalfClosed(Direction),
}

/// Which connections are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The one that it happened on.
    This,
    /// All there are, and those to come until [`super::Control::heal`].
    All,
}

/// How one direction is slowed down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// How much later everything arrives. What is read at once (up to 64 KiB) is delayed together, and
    /// the next not before, so a stream of much data is slowed down too.
    pub delay: Duration,
    /// Bytes per second on each connection; none for as fast as it goes.
    pub rate: Option<NonZeroU64>,
}

/// Which messages are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those of all connections.
    Any,
    /// Those of the first connection that sends a statement with this text in its first 8 KiB (parsed,
    /// bound by its prepared name, or as a simple query), from that message on.
    Statement(String),
}

/// Harm at an exact message. It happens once.
pub struct Trap {
    pub(super) direction: Direction,
    pub(super) after: u64,
    pub(super) scope: Scope,
    pub(super) hook: Option<Box<dyn FnOnce() + Send>>,
    pub(super) fate: Fate,
    pub(super) reach: Reach,
}

impl Trap {
    /// After the `after`-th message of this direction was passed on, counted from arming. With 0, when
    /// the first comes, which is then not passed on. Without more, it does nothing but leave a mark.
    #[must_use]
    pub fn after(direction: Direction, after: u64) -> Self {
        Self {
            direction,
            after,
            scope: Scope::Any,
            hook: None,
            fate: Fate::Open,
            reach: Reach::This,
        }
    }

    /// Counts other messages than all. With [`Scope::Statement`] the first one has always passed, so 0
    /// is as 1.
    #[must_use]
    pub fn scope(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    /// From there on this becomes of the messages.
    #[must_use]
    pub fn fate(mut self, fate: Fate, reach: Reach) -> Self {
        (self.fate, self.reach) = (fate, reach);
        self
    }

    /// Calls `hook` at that point, before anything else is passed on: to kill or stop a process.
    #[must_use]
    pub fn hook(mut self, hook: impl FnOnce() + Send + 'static) -> Self {
        self.hook = Some(Box::new(hook));
        self
    }
}

impl fmt::Debug for Trap {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Trap")
            .field("direction", &self.direction)
            .field("after", &self.after)
            .field("scope", &self.scope)
            .field("fate", &self.fate)
            .field("reach", &self.reach)
            .finish_non_exhaustive()
    }
}
