//! A scenario under load: the generator through the balancer, first undisturbed, then with the faults,
//! then undisturbed again; a look into the database; and the checker over all of it.

use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};

use super::book::{Book, Notes};
use super::stage::Stage;
use super::{Context, aftermath, locker};
use crate::checker::{Ceiling, Circumstances, Report, check};
use crate::generator::{Generator, Plan};
use crate::history::{History, Nanos};

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a process may take for a refusal: `TOKENHOUSE_REQUEST_TIMEOUT`, and what a busy machine adds.
const REFUSED_WITHIN: Duration = Duration::from_secs(13);
/// `TOKENHOUSE_LOGIN_LIMIT_ACCOUNT`, as it is by default.
const CEILING: Ceiling = Ceiling { count: 10, period: Duration::from_secs(15 * 60) };
/// No scenario lasts so long; the load ends with the faults.
const AT_MOST: Duration = Duration::from_secs(7200);

/// How hard the deployment is driven.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Operations per second.
    pub rate: u32,
    /// How many users take part.
    pub users: u32,
    /// How long it goes on before the first fault, registrations not counted, and after the last one.
    pub undisturbed: Duration,
}

/// A scenario that was carried out.
#[derive(Debug)]
pub struct Ran {
    /// What was asked and answered.
    pub history: History,
    /// What the checker says of it.
    pub report: Report,
    /// What was done and measured.
    pub notes: Notes,
    /// What is known about the operations of unknown outcome.
    pub resolved: Resolved,
    /// How many users there were.
    pub users: u32,
    /// When every user had registered: before that nothing is compared.
    pub warm: Nanos,
    /// Whether the checker has to find a loss: this is a control.
    pub must_lose: bool,
    /// Whether violations within a stated bound are to be expected; then only the targets decide.
    pub bounded: bool,
}

/// What became of operations of unknown outcome, as far as the database tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Resolved {
    /// They had been done.
    pub done: usize,
    /// They had not been done.
    pub not_done: usize,
    /// It left no trace either way: reads, and writes that were written over.
    pub open: usize,
}

/// Does to the deployment what `faults` does while it is under load, and judges what was seen.
///
/// # Errors
/// When the faults cannot be carried out, or the database cannot be looked at afterwards.
pub async fn drive<F>(ctx: &Context, stage: &mut Stage, load: Load, faults: F) -> Result<Ran>
where
    F: AsyncFnOnce(&mut Stage, &Book) -> Result<()>,
{
    let plan = Plan {
        addresses: vec![stage.balancer.addr()],
        host: None,
        seed: ctx.seed,
        rate: load.rate,
        users: load.users,
        duration: AT_MOST,
        deadline: PATIENCE,
    };
    let operator = locker::by_command_line(&stage.direct);
    let generator = Generator::new(plan, Some(operator));
    ctx.live.drives(generator.clone());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let driver = generator.clone();
    let driving = tokio::spawn(async move {
        driver
            .run_until(async {
                // A sender that is gone is a reason to end, too.
                stopped.await.ok();
            })
            .await;
    });
    let book = ctx.live.book();
    let registering = Duration::from_secs_f64(f64::from(load.users) / f64::from(load.rate));
    tokio::time::sleep(registering).await;
    let warm = Nanos::now();
    tokio::time::sleep(load.undisturbed).await;
    let done = faults(stage, &book).await;
    if done.is_ok() {
        tokio::time::sleep(load.undisturbed).await;
    }
    drop(stop);
    driving.await.map_err(|error| anyhow!("the generator: {error}"))?;
    done?;
    judge(stage, &generator.history(), &book, load.users, warm).await
}

async fn judge(
    stage: &Stage,
    history: &History,
    book: &Book,
    users: u32,
    warm: Nanos,
) -> Result<Ran> {
    let found = aftermath::look(&stage.direct, &history.run).await.context("the aftermath")?;
    let notes = book.read();
    let resolved = aftermath::resolve(history, &found);
    let circumstances = Circumstances {
        faults: Some(notes.windows.clone()),
        deadline: Some(REFUSED_WITHIN),
        ceiling: Some(CEILING),
        aftermath: Some(found),
        ..Circumstances::default()
    };
    let report = check(history, &circumstances);
    let history = history.clone();
    Ok(Ran { history, report, notes, resolved, users, warm, must_lose: false, bounded: false })
}
