//! A disk that fails, or is slow, whenever it is told to make things durable: by strace's fault injection
//! on the two calls that SQLite has for it. Afterwards the process is killed, and a sound one must know
//! all that was acknowledged.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::ground::{Ground, load, told};
use crate::check::{Check, Verdict};
use crate::checker::Report;
use crate::history::{History, Kind, Operation};
use crate::wrapper::{Wrapper, works};

/// From the 20th on, so that the schema is there, every fifth fails, and does nothing.
const FAILING: &str = "error=EIO:when=20+5";
/// How long each takes.
const SLOW: Duration = Duration::from_millis(30);

/// Some writes have to be refused, or nobody waits for the disk.
pub(super) async fn failing(lasts: Duration) -> Result<Check> {
    let what = "what is acknowledged is there though the disk fails to sync now and then";
    check(("sqlite-sync-error", what), FAILING, lasts, |_, report| {
        ensure!(report.unknown > 0, "no write failed with the disk");
        Ok(())
    })
    .await
}

/// No write may be acknowledged sooner than the disk has answered.
pub(super) async fn slow(lasts: Duration) -> Result<Check> {
    let what =
        "nothing is acknowledged before a slow disk has synced it, and it is there after a kill";
    let fault = format!("delay_enter={}", SLOW.as_micros());
    check(("sqlite-sync-slow", what), &fault, lasts, |history, _| {
        let early = |operation: &&Operation| {
            is_durable(&operation.kind) && operation.ret.since(operation.invoke) < SLOW
        };
        let mut acknowledged = history.operations.iter().filter(|operation| operation.is_ok());
        match acknowledged.find(early) {
            Some(early) => bail!("acknowledged before the disk had it: {early}"),
            None => Ok(()),
        }
    })
    .await
}

/// Whether its acknowledgement says that something is on the disk.
fn is_durable(kind: &Kind) -> bool {
    match kind {
        Kind::Register { .. }
        | Kind::Login { .. }
        | Kind::Write { .. }
        | Kind::PasswordChange { .. }
        | Kind::Logout
        | Kind::LogoutAll
        | Kind::EndSession { .. }
        | Kind::Authorize
        | Kind::Redeem { .. }
        | Kind::Refresh { .. } => true,
        Kind::Read { .. } | Kind::List | Kind::Lock | Kind::Unlock | Kind::Forged(_) => false,
        Kind::UserInfo { .. } | Kind::Keys => false,
    }
}

async fn check(
    (id, what): (&'static str, &str),
    fault: &str,
    lasts: Duration,
    besides: fn(&History, &Report) -> Result<()>,
) -> Result<Check> {
    if !works("strace", &["-qq", "-e", "inject=fsync:delay_enter=1", "true"]) {
        let why = "strace is not there, or may not inject faults".to_owned();
        return Ok(Check::new(id, what, Verdict::NotRun(why)));
    }
    let judged = injected(fault, lasts).await;
    let report = judged.and_then(|(history, report)| {
        besides(&history, &report)?;
        Ok(report)
    });
    Ok(told(id, what, &report))
}

/// The history under the fault, and the judgement with what was found afterwards.
async fn injected(fault: &str, lasts: Duration) -> Result<(History, Report)> {
    let ground = Ground::new()?;
    let wrapper = Wrapper::new(|_| {
        format!(
            "exec strace -f -qq -e trace=fsync,fdatasync -e inject=fsync,fdatasync:{fault} \
             -o /dev/null \"$program\" \"$@\""
        )
    })?;
    let mut server = ground.server().binary(wrapper.path()).start().await?;
    let generator = load(server.addr(), 23, lasts);
    generator.run().await;
    let ready = server.children().first().context("it said that it was ready")?;
    let pid = Pid::from_raw(i32::try_from(ready.pid)?).context("a pid")?;
    kill_process(pid, Signal::KILL)?;
    server.wait(Duration::from_secs(10)).await?;
    let history = generator.history();
    let report = ground.judge(&generator, history.clone()).await?;
    Ok((history, report))
}
