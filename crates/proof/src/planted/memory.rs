//! What a process remembers shows at another one.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;

use super::build::Build;
use super::trial::{Load, Trial, judge, peace};
use crate::checker::{Ceiling, Circumstances, check};
use crate::history::{
    Kind, Nanos, Outcome, PasswordNo, Recorder, Refusal, Run, Seen, Trouble, UserNo,
};
use crate::http::Client;
use crate::postgres::shared;

/// Sessions that ended are tried again, at both processes.
pub(super) async fn session_cache(build: Build) -> Result<Trial> {
    let url = shared().await?.fresh_database().await?;
    let (a, b) = (build.process(&url)?.start().await?, build.process(&url)?.start().await?);
    judge(&[&a, &b], Load::USUAL, peace()).await
}

/// What an account allows, and twice as many attempts as that.
const CEILING: Ceiling = Ceiling { count: 5, period: Duration::from_secs(900) };

/// Wrong passwords for one account, at two processes in turn.
pub(super) async fn limiter_per_process(build: Build) -> Result<Trial> {
    let url = shared().await?.fresh_database().await?;
    let limited =
        || anyhow::Ok(build.process(&url)?.env("TOKENHOUSE_LOGIN_LIMIT_ACCOUNT", "5/15m"));
    let (a, b) = (limited()?.start().await?, limited()?.start().await?);
    let clients = [Client::kept(a.addr()), Client::kept(b.addr())];
    let ada = json!({ "username": "ada", "password": "correct horse battery staple" });
    let made = clients[0].post_json("/register", &ada).send().await?;
    ensure!(made.status == 201, "{}", made.text());
    let recorder = Recorder::new(Run { name: "limiter".to_owned(), seed: 0 });
    for attempt in 0..2 * CEILING.count + 2 {
        let client = &clients[usize::try_from(attempt)? % 2];
        let kind = Kind::Login { password: PasswordNo(attempt + 2) };
        let wrong = json!({ "username": "ada", "password": format!("wrong horse {attempt}") });
        let started = recorder.start(kind, UserNo(0), None, Nanos::now());
        let answer = client.post_json("/login", &wrong).send().await?;
        let outcome = match answer.status {
            401 => Outcome::Fail(Refusal::Password),
            429 => Outcome::Fail(Refusal::Limited),
            200 => Outcome::Ok(Seen::default()),
            status => Outcome::Unknown(Trouble::Status { status, retry_after: false }),
        };
        recorder.end(started, Nanos::now(), None, outcome);
    }
    let circumstances = Circumstances {
        faults: Some(Vec::new()),
        ceiling: Some(CEILING),
        ..Circumstances::default()
    };
    let history = recorder.history();
    let report = check(&history, &circumstances);
    let refused =
        history.operations.iter().filter(|o| o.outcome == Outcome::Fail(Refusal::Limited));
    ensure!(refused.count() > 0, "no attempt was refused");
    Trial::of(&report)
}
