//! A supervisor inside the test, and questions to it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::future::join;
use tokenhouse_processes::listener::bind_next;
use tokenhouse_processes::supervisor::{Child, Command, Ended, Handle, Phase, Plan, Supervisor};
use tokio::time::timeout;

use crate::client::PATIENCE;

pub(super) struct Parent {
    pub(super) addr: SocketAddr,
    pub(super) handle: Handle,
}

/// Cargo puts examples beside the directory of the tests.
pub(super) fn echo() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(2).unwrap().join("examples/echo")
}

pub(super) fn plan(processes: usize) -> Plan {
    let listener = bind_next("127.0.0.1:0".parse().unwrap(), 1).unwrap();
    let addr = listener.local_addr().unwrap();
    Plan {
        program: echo(),
        args: vec!["serve".into(), addr.to_string().into()],
        env: Vec::new(),
        listener,
        processes,
        stop_timeout: Duration::from_secs(5),
    }
}

/// Runs `scenario` beside a supervisor of `plan`, which is stopped afterwards; returns how the supervisor ended.
pub(super) async fn within(plan: Plan, scenario: impl AsyncFnOnce(&Parent)) -> Result<(), Ended> {
    let addr = plan.listener.local_addr().unwrap();
    let (supervisor, handle) = Supervisor::new(plan).unwrap();
    let parent = Parent { addr, handle };
    let scenario = async {
        scenario(&parent).await;
        parent.handle.send(Command::Stop);
    };
    let both = join(supervisor.run(), scenario);
    timeout(PATIENCE * 2, both).await.expect("an end").0
}

impl Parent {
    pub(super) async fn children_until(
        &self,
        mut condition: impl FnMut(&[Child]) -> bool,
    ) -> Vec<Child> {
        let mut children = self.handle.children();
        let met = children.wait_for(|children| condition(children));
        let children = timeout(PATIENCE, met).await.expect("in time").unwrap();
        children.clone()
    }

    /// Waits until there are exactly `count` processes and all of them serve.
    pub(super) async fn all_ready(&self, count: usize) -> Vec<Child> {
        self.children_until(|children| {
            children.len() == count && children.iter().all(|child| child.phase == Phase::Ready)
        })
        .await
    }

    /// Waits until the supervisor is gone.
    pub(super) async fn ended(&self) {
        let mut children = self.handle.children();
        let gone = async { while children.changed().await.is_ok() {} };
        timeout(PATIENCE, gone).await.expect("in time");
    }
}

pub(super) fn pids(children: &[Child]) -> Vec<u32> {
    children.iter().map(|child| child.pid).collect()
}
