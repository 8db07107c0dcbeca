//! The generator against the real program with several processes: nothing is blamed; and the same
//! history with one thing altered is.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokenhouse_proof::checker::Invariant::{self, I1, I2, I3, I4, I5, I6, I7, I8, I11, I12, I16};
use tokenhouse_proof::checker::{Aftermath, Circumstances, Verdict, check};
use tokenhouse_proof::generator::{Generator, Plan};
use tokenhouse_proof::history::{Document, History, Kind, Operation, Outcome, Refusal, Seen};
use tokenhouse_proof::server::{Tokenhouse, run};
use tokenhouse_proof::sqlite::aftermath;

/// A run against three processes on SQLite, with an operator who locks accounts by the command line.
async fn history() -> Result<(History, Aftermath)> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite:{}", folder.path().join("proof.db").display());
    let builder = Tokenhouse::builder().database(&url).folder(folder.path());
    let server = builder.arg("--processes").arg("3").start().await?;
    let database = url.clone();
    let locker = move |name: String, lock: bool| -> BoxFuture<'static, Outcome> {
        let url = database.clone();
        async move {
            let action = if lock { "lock" } else { "unlock" };
            let done = run(&["user", action, &name], &[("DATABASE_URL", &url)], "").await;
            match done {
                Ok(output) if output.status.success() => Outcome::Ok(Seen::default()),
                other => panic!("user {action}: {other:?}"),
            }
        }
        .boxed()
    };
    let plan = Plan {
        addresses: vec![server.addr()],
        host: None,
        seed: 7,
        rate: 150,
        users: 6,
        duration: Duration::from_secs(3),
        deadline: Duration::from_secs(15),
    };
    let generator = Generator::new(plan, Some(Arc::new(locker)));
    generator.run().await;
    let history = generator.history();
    let aftermath = aftermath(&url).await?;
    assert_eq!(generator.remove_accounts().await, 0, "accounts are left");
    Ok((history, aftermath))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_real_program_is_not_blamed_and_alterations_of_its_history_are() -> Result<()> {
    let (history, aftermath) = history().await?;
    let faults = Some(Vec::new());
    let circumstances =
        Circumstances { faults, aftermath: Some(aftermath), ..Circumstances::default() };
    let report = check(&history, &circumstances);
    assert!(report.is_clean(), "{report}");
    let judged = report.judgements.iter().filter(|judgement| judgement.verdict == Verdict::Held);
    let judged: Vec<_> = judged.map(|judgement| judgement.invariant).collect();
    assert_eq!(judged, [I1, I2, I3, I4, I5, I6, I7, I8, I11, I12, I16], "{report}");
    let processes: HashSet<_> =
        history.operations.iter().filter_map(|operation| operation.process.as_ref()).collect();
    assert_eq!(processes.len(), 3, "all of them answered");

    for (number, (invariant, alter)) in ALTERATIONS.iter().enumerate() {
        let mut altered = history.clone();
        alter(&mut altered).with_context(|| format!("nothing to alter for number {number}"))?;
        let report = check(&altered, &circumstances);
        assert!(!report.violations(*invariant).is_empty(), "number {number}: {report}");
    }
    Ok(())
}

type Alteration = fn(&mut History) -> Option<()>;

const ALTERATIONS: &[(Invariant, Alteration)] = &[
    (I16, drop_a_write),
    (I16, flip_a_read),
    (I2, accept_after_logout),
    (I1, refuse_the_living),
    (I12, forget_a_logout),
];

/// An acknowledged write that nobody remembers: the version that it made is nobody's.
fn drop_a_write(history: &mut History) -> Option<()> {
    let at = history
        .operations
        .iter()
        .position(|operation| matches!(operation.kind, Kind::Write { .. }) && operation.is_ok())?;
    history.operations.remove(at);
    Some(())
}

/// A read shows what another write wrote.
fn flip_a_read(history: &mut History) -> Option<()> {
    let shown = |operation: &Operation| match operation.seen()?.document {
        Some(Document::Whole(value)) if matches!(operation.kind, Kind::Read { .. }) => {
            Some((operation.user, value))
        }
        _ => None,
    };
    let (user, value) = history.operations.iter().find_map(shown)?;
    let read = history.operations.iter_mut().rev().find(|operation| {
        shown(operation).is_some_and(|(other, shown)| other == user && shown != value)
    })?;
    if let Outcome::Ok(seen) = &mut read.outcome {
        seen.document = Some(Document::Whole(value));
    }
    Some(())
}

/// The refusal of a token after its logout becomes an acceptance.
fn accept_after_logout(history: &mut History) -> Option<()> {
    let logouts: Vec<_> = history
        .operations
        .iter()
        .filter(|operation| operation.kind == Kind::Logout && operation.is_ok())
        .cloned()
        .collect();
    let used = history.operations.iter_mut().find(|operation| {
        operation.is_refused()
            && logouts
                .iter()
                .any(|logout| logout.session == operation.session && logout.ret < operation.invoke)
    })?;
    used.outcome = Outcome::Ok(Seen::default());
    Some(())
}

/// The last read with a living session becomes a refusal.
fn refuse_the_living(history: &mut History) -> Option<()> {
    let last = history
        .operations
        .iter_mut()
        .rev()
        .find(|operation| matches!(operation.kind, Kind::Read { .. }) && operation.is_ok())?;
    last.outcome = Outcome::Fail(Refusal::Token);
    Some(())
}

/// A logout that left its row in the trail, but was refused.
fn forget_a_logout(history: &mut History) -> Option<()> {
    let logout = history
        .operations
        .iter_mut()
        .find(|operation| operation.kind == Kind::Logout && operation.is_ok())?;
    logout.outcome = Outcome::Fail(Refusal::Token);
    Some(())
}
