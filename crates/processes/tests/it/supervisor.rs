//! The parent and its processes: real ones, made of `examples/echo.rs`.

mod load;
mod operator;
mod parent;

use std::collections::HashSet;
use std::os::unix::fs::symlink;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokenhouse_processes::supervisor::{Command, Ended, Phase};

use self::parent::{Parent, echo, pids, plan, within};
use crate::client::ask_once;

#[tokio::test]
async fn a_killed_process_is_replaced_and_the_port_goes_on_answering() {
    let outcome = within(plan(2), async |parent: &Parent| {
        let before = pids(&parent.all_ready(2).await);
        let victim = before[0];
        kill_process(Pid::from_raw(victim.cast_signed()).unwrap(), Signal::KILL).unwrap();
        let after = parent
            .children_until(|children| {
                children.len() == 2
                    && children
                        .iter()
                        .all(|child| child.phase == Phase::Ready && child.pid != victim)
            })
            .await;
        assert!(pids(&after).contains(&before[1]), "{after:?}");
        assert_eq!(after[0].slot, 0);
        for _ in 0..10 {
            ask_once(parent.addr, "/").await.unwrap();
        }
    })
    .await;
    assert_eq!(outcome, Ok(()));
}

#[tokio::test]
async fn kill_is_for_its_own_processes_only() {
    within(plan(1), async |parent: &Parent| {
        let first = parent.all_ready(1).await[0].clone();
        parent.handle.send(Command::Kill { pid: std::process::id() });
        parent.handle.send(Command::Kill { pid: first.pid });
        let second = parent
            .children_until(|now| {
                now.len() == 1 && now[0].phase == Phase::Ready && now[0].pid != first.pid
            })
            .await;
        assert_ne!(second[0].process_id, first.process_id);
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn processes_are_added_and_removed_but_the_last_one_stays() {
    within(plan(1), async |parent: &Parent| {
        let first = pids(&parent.all_ready(1).await);
        parent.handle.send(Command::Add);
        parent.all_ready(2).await;
        // Two removals of two processes: the second is refused, and the addition shows that it was looked at.
        parent.handle.send(Command::Remove);
        parent.handle.send(Command::Remove);
        let left = parent.all_ready(1).await;
        assert_eq!(pids(&left), first);
        parent.handle.send(Command::Add);
        let two = parent.all_ready(2).await;
        assert_eq!(two[0].pid, first[0]);
    })
    .await
    .unwrap();
}

/// The moments of the first `count` starts.
async fn starts(parent: &Parent, count: usize) -> Vec<Instant> {
    let mut starts = Vec::new();
    let mut seen = HashSet::new();
    parent
        .children_until(|children| {
            for child in children {
                if seen.insert(child.pid) {
                    starts.push(child.started);
                }
            }
            starts.len() >= count
        })
        .await;
    starts
}

#[tokio::test]
async fn a_crash_loop_slows_down() {
    let mut failing = plan(1);
    failing.env.push(("ECHO_EXIT".into(), "3".into()));
    within(failing, async |parent: &Parent| {
        let starts = starts(parent, 4).await;
        let gaps: Vec<_> = starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
        for (gap, least) in gaps.iter().zip([100, 200, 400]) {
            assert!(*gap >= Duration::from_millis(least), "{gaps:?}");
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_process_that_was_ready_and_ended_well_is_replaced_at_once() {
    let mut brief = plan(1);
    brief.env.push(("ECHO_EXIT_READY".into(), "0".into()));
    within(brief, async |parent: &Parent| {
        let starts = starts(parent, 8).await;
        // The waits of a crash loop alone would add up to 12.7 s.
        let took = starts[7] - starts[0];
        assert!(took < Duration::from_secs(6), "{took:?}");
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_refused_configuration_ends_the_parent() {
    let mut refusing = plan(3);
    refusing.env.push(("ECHO_EXIT".into(), "78".into()));
    let outcome = within(refusing, async |parent: &Parent| parent.ended().await).await;
    assert_eq!(outcome, Err(Ended { code: 78 }));
}

#[tokio::test]
async fn a_successor_that_fails_leaves_the_old_processes_alone() {
    let program =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("echo-{}", std::process::id()));
    symlink(echo(), &program).unwrap();
    let mut linked = plan(2);
    linked.program.clone_from(&program);
    within(linked, async |parent: &Parent| {
        let before = pids(&parent.all_ready(2).await);
        std::fs::remove_file(&program).unwrap();
        symlink("/bin/false", &program).unwrap();
        parent.handle.send(Command::ReplaceAll);
        parent.children_until(|children| children.len() == 3).await;
        let after = parent.all_ready(2).await;
        assert_eq!(pids(&after), before);
        ask_once(parent.addr, "/").await.unwrap();
    })
    .await
    .unwrap();
    std::fs::remove_file(&program).unwrap();
}
