//! The handle that makes a proxy do harm, and undoes it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use super::fault::{Fate, Link, Reach, Scope, Trap};
use super::marks::{Marks, What};
use super::message::Direction;
use super::shared::{Counts, Passed, Shared};

/// Governs one proxy. Clones govern the same one.
#[derive(Clone, Debug)]
pub struct Control(Arc<Shared>);

impl Control {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self(shared)
    }

    /// New connections go to another server from now on.
    pub fn redirect(&self, upstream: SocketAddr) {
        self.0.upstream.send_replace(Some(upstream));
    }

    /// Slows one direction of all connections down, or, with `Link::default()`, no longer.
    pub fn slow(&self, direction: Direction, link: Link) {
        self.0.link(direction).send_replace(link);
        self.0.marks.add(None, What::Slowed(direction, link));
    }

    /// This becomes of all connections there are, and with [`Reach::All`] of those to come.
    pub fn impose(&self, fate: Fate, reach: Reach) {
        self.0.impose(fate, reach);
    }

    /// Sets a trap.
    pub fn arm(&self, trap: Trap) {
        self.0.arm(trap);
    }

    /// How many traps have not sprung.
    #[must_use]
    pub fn armed(&self) -> usize {
        self.0.armed()
    }

    /// Holds back replies to COMMIT, and to statements that commit by themselves, until
    /// [`Control::release`]. What comes after such a reply waits too.
    pub fn hold_commits(&self, scope: Scope) {
        self.0.hold.send_replace(Some(scope));
    }

    /// Waits until a reply to a commit is here whole: the server has committed, the client does not
    /// know. `from` is a number of marks, see [`Marks::len`].
    ///
    /// # Errors
    /// When none comes in time.
    pub async fn held(&self, from: usize, deadline: Duration) -> Result<()> {
        self.0.marks.wait_from(from, deadline, |mark| mark.what == What::Held).await.map(drop)
    }

    /// Lets replies pass again.
    pub fn release(&self) {
        self.0.hold.send_replace(None);
        self.0.marks.add(None, What::Released);
    }

    /// Ends all faults. Connections that have lost messages are reset, and this waits until they are
    /// gone; the others go on.
    pub async fn heal(&self) {
        for direction in [Direction::Frontend, Direction::Backend] {
            self.0.link(direction).send_replace(Link::default());
        }
        self.0.hold.send_replace(None);
        let from = self.0.marks.len();
        self.0.marks.add(None, What::Healed);
        for id in self.0.heal() {
            let gone =
                |mark: &super::Mark| mark.connection == Some(id) && mark.what == What::Closed;
            // A reset waits for nobody.
            self.0.marks.wait_from(from, Duration::MAX, gone).await.ok();
        }
    }

    /// Messages passed on so far, of each connection that is open.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<u64, Counts> {
        self.0.counts()
    }

    /// The ports that the server sees the open connections come from (`pg_stat_activity.client_port`).
    #[must_use]
    pub fn ports(&self) -> Vec<u16> {
        self.0.ports()
    }

    /// Begins to write down which messages pass.
    pub fn record(&self) {
        self.0.record();
    }

    /// What passed since [`Control::record`], which is over.
    #[must_use]
    pub fn recorded(&self) -> Vec<Passed> {
        self.0.recorded()
    }

    /// What happened.
    #[must_use]
    pub fn marks(&self) -> Marks {
        self.0.marks.clone()
    }
}
