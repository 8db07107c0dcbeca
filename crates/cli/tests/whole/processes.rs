//! Several processes over one SQLite file: who answers does not matter, and neither does who dies.

#![expect(clippy::disallowed_types, reason = "counts what was acknowledged")]

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tokenhouse_proof::http::Client;
use tokenhouse_proof::load::Load;
use tokenhouse_proof::server::Tokenhouse;
use tokenhouse_suite::PASSWORD;

use crate::client::{counter, on, read, register};

const LONG: Duration = Duration::from_secs(60);

async fn three(folder: &Path) -> Tokenhouse {
    on(folder).arg("--processes").arg("3").start().await.expect("a server")
}

/// Reads as somebody until told to stop; any answer but 200 is a failure.
fn readers(client: &Arc<Client>, token: &str) -> Load {
    let (client, token) = (Arc::clone(client), token.to_owned());
    Load::start(4, move |_| {
        let (client, token) = (Arc::clone(&client), token.clone());
        async move {
            match client.get("/data").bearer(&token).send().await {
                Ok(answer) if answer.status == 200 => Ok(()),
                Ok(answer) => Err(format!("{}: {}", answer.status, answer.text())),
                Err(failure) => Err(format!("{failure:?}")),
            }
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_answers_knows_what_another_one_did() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = three(folder.path()).await;
    let client = Client::fresh(server.addr());
    let token = register(&client, "ada").await;
    let mut answered = HashSet::new();
    for n in 0..60u64 {
        let write = client.put_json("/data", &json!({ "n": n })).bearer(&token);
        assert_eq!(write.send().await.expect("an answer").status, 200);
        let answer = client.get("/data").bearer(&token).send().await.expect("an answer");
        assert_eq!(answer.json().expect("JSON")["data"]["n"], n);
        answered.insert(answer.process().expect("a process").to_owned());
    }
    assert!(answered.len() > 1, "one process answered everything");
    let ended = client.post("/logout").bearer(&token).send().await.expect("an answer");
    assert_eq!(ended.status, 204);
    for _ in 0..30 {
        assert_eq!(read(&client, &token).await, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kill_9_in_the_middle_of_writes_loses_none_that_was_acknowledged() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = three(folder.path()).await;
    let client = Arc::new(Client::fresh(server.addr()));
    let tokens: Vec<String> = join_all((0..4).map(|i| {
        let c = Arc::clone(&client);
        async move { register(&c, &format!("u{i}")).await }
    }))
    .await;
    let acknowledged: Arc<Vec<AtomicU64>> = Arc::new((0..4).map(|_| AtomicU64::new(0)).collect());
    let attempted: Arc<Vec<AtomicU64>> = Arc::new((0..4).map(|_| AtomicU64::new(0)).collect());
    let writers = {
        let (client, tokens) = (Arc::clone(&client), tokens.clone());
        let (acknowledged, attempted) = (Arc::clone(&acknowledged), Arc::clone(&attempted));
        Load::start(4, move |who| {
            let (client, token) = (Arc::clone(&client), tokens[who].clone());
            let (acknowledged, attempted) = (Arc::clone(&acknowledged), Arc::clone(&attempted));
            async move {
                let n = attempted[who].fetch_add(1, Ordering::SeqCst) + 1;
                let write =
                    client.put_json("/data", &json!({ "n": n })).bearer(&token).send().await;
                match write {
                    Ok(answer) if answer.status == 200 => {
                        acknowledged[who].store(n, Ordering::SeqCst);
                        Ok(())
                    }
                    Ok(answer) => Err(format!("{}: {}", answer.status, answer.text())),
                    // The process was killed: unknown, which the check below allows for.
                    Err(_) => Ok(()),
                }
            }
        })
    };
    for round in 0..6 {
        writers.succeeded(40, LONG).await.expect("writes go on");
        let victim = server.events("tokenhouse.ready").len() - 1 - round % 2;
        let pid = server.events("tokenhouse.ready")[victim]["process.pid"].as_i64().expect("a pid");
        let pid = Pid::from_raw(i32::try_from(pid).expect("a pid")).expect("a pid");
        // It may be gone already; then another one is hit next time.
        let _ = kill_process(pid, Signal::KILL);
    }
    writers.succeeded(40, LONG).await.expect("writes go on");
    writers.stop().await.expect("a report").assert_no_failures();
    for (who, token) in tokens.iter().enumerate() {
        let stored = counter(&client, token).await.expect("a counter");
        let (least, most) =
            (acknowledged[who].load(Ordering::SeqCst), attempted[who].load(Ordering::SeqCst));
        assert!((least..=most).contains(&stored), "acknowledged {least}, stored {stored}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replacing_adding_and_removing_processes_fails_no_request() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = three(folder.path()).await;
    let client = Arc::new(Client::fresh(server.addr()));
    let token = register(&client, "ada").await;
    let load = readers(&client, &token);
    for (signal, ready) in [(Signal::HUP, 6), (Signal::TTIN, 7)] {
        load.succeeded(50, LONG).await.expect("requests go on");
        server.signal(signal).expect("a signal");
        while server.events("tokenhouse.ready").len() < ready {
            load.succeeded(20, LONG).await.expect("requests go on");
        }
    }
    server.signal(Signal::TTOU).expect("a signal");
    load.succeeded(300, LONG).await.expect("requests go on");
    let report = load.stop().await.expect("a report");
    report.assert_no_failures();
    assert!(report.ok > 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_everything_was_killed_others_go_on_with_old_tokens_and_data() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut server = three(folder.path()).await;
    let client = Client::fresh(server.addr());
    let token = register(&client, "ada").await;
    let write = client.put_json("/data", &json!({ "n": 7 })).bearer(&token);
    assert_eq!(write.send().await.expect("an answer").status, 200);
    server.kill9().await.expect("killed");
    let other = on(folder.path()).start().await.expect("another server");
    assert_eq!(counter(&Client::fresh(other.addr()), &token).await, Some(7));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ceiling_of_wrong_passwords_is_one_for_all_processes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = three(folder.path()).await;
    let client = Client::fresh(server.addr());
    register(&client, "ada").await;
    let wrong = json!({ "username": "ada", "password": "wrong wrong wrong" });
    let attempts = (0..60).map(|_| client.post_json("/login", &wrong).send());
    let statuses: Vec<u16> = join_all(attempts)
        .await
        .into_iter()
        .map(|answer| answer.expect("an answer").status)
        .collect();
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 10, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 50, "{statuses:?}");
    let right = json!({ "username": "ada", "password": PASSWORD });
    assert_eq!(client.post_json("/login", &right).send().await.expect("an answer").status, 429);
}
