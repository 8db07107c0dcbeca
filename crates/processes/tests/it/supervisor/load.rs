//! Requests while processes come and go: none may fail, each on a connection of its own.

use std::collections::HashSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokenhouse_processes::supervisor::Command;
use tokio::task::JoinSet;

use super::parent::{Parent, pids, plan, within};
use crate::client::ask_once;

const CLIENTS: usize = 8;

/// Asks without a pause until told to stop; returns how many requests were answered.
async fn ask_on(addr: SocketAddr, stop: Arc<AtomicBool>) -> io::Result<usize> {
    let mut answered = 0;
    while !stop.load(Ordering::Relaxed) {
        ask_once(addr, "/").await?;
        answered += 1;
    }
    Ok(answered)
}

async fn under_load(parent: &Parent, change: impl AsyncFnOnce()) -> usize {
    let stop = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        clients.spawn(ask_on(parent.addr, Arc::clone(&stop)));
    }
    change().await;
    stop.store(true, Ordering::Relaxed);
    let mut answered = 0;
    while let Some(client) = clients.join_next().await {
        answered += client.unwrap().expect("no request fails");
    }
    answered
}

#[tokio::test]
async fn replacing_all_fails_no_request() {
    within(plan(3), async |parent: &Parent| {
        let old: HashSet<_> = pids(&parent.all_ready(3).await).into_iter().collect();
        let answered = under_load(parent, async || {
            parent.handle.send(Command::ReplaceAll);
            let mut fewest = 3;
            parent
                .children_until(|children| {
                    fewest = fewest.min(children.len());
                    children.len() == 3 && pids(children).iter().all(|pid| !old.contains(pid))
                })
                .await;
            assert_eq!(fewest, 3, "never fewer processes than asked for");
        })
        .await;
        assert!(answered > CLIENTS, "{answered}");
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn asking_again_during_a_roll_makes_one_more() {
    within(plan(1), async |parent: &Parent| {
        let mut seen: HashSet<_> = pids(&parent.all_ready(1).await).into_iter().collect();
        let first = seen.clone();
        for _ in 0..4 {
            parent.handle.send(Command::ReplaceAll);
        }
        parent
            .children_until(|children| {
                seen.extend(pids(children));
                seen.len() == 3 && children.len() == 1
            })
            .await;
        let last = pids(&parent.all_ready(1).await);
        assert!(!first.contains(&last[0]));
        // The next command is looked at after the roll has ended; a third roll would show a fourth process.
        parent.handle.send(Command::Add);
        seen.extend(pids(&parent.all_ready(2).await));
        assert_eq!(seen.len(), 4);
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn adding_and_removing_fails_no_request() {
    within(plan(2), async |parent: &Parent| {
        parent.all_ready(2).await;
        under_load(parent, async || {
            parent.handle.send(Command::Add);
            parent.all_ready(3).await;
            parent.handle.send(Command::Remove);
            parent.handle.send(Command::Remove);
            parent.all_ready(1).await;
        })
        .await;
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn with_one_request_per_process_no_process_answers_two() {
    let mut single = plan(3);
    single.env.push(("ECHO_MAX_REQUESTS".into(), "1".into()));
    within(single, async |parent: &Parent| {
        let mut clients = JoinSet::new();
        for _ in 0..50 {
            clients.spawn(ask_once(parent.addr, "/"));
        }
        let mut processes = HashSet::new();
        while let Some(answer) = clients.join_next().await {
            let answer = answer.unwrap().expect("no request fails");
            assert!(answer.says_close());
            assert!(processes.insert(answer.body.clone()), "{}", answer.body);
        }
        assert_eq!(processes.len(), 50);
    })
    .await
    .unwrap();
}
