//! Bugs that show when messages between a process and its database are late or lost.

use std::time::Duration;

use anyhow::Result;

use super::build::Build;
use super::trial::{Load, Trial, during, judge};
use crate::checker::Fault;
use crate::fault_proxy::{Control, Direction, Fate, FaultProxy, Link, Reach, Scope};
use crate::history::Nanos;
use crate::postgres::shared;

/// The database is away for a while, in the middle of the load.
pub(super) async fn trouble_is_401(build: Build) -> Result<Trial> {
    let url = shared().await?.fresh_database().await?;
    let (proxy, through) = FaultProxy::before(&url).await?;
    let process = build.process(&through)?.start().await?;
    let control = proxy.control();
    let outage = async {
        tokio::time::sleep(Load::USUAL.lasts / 3).await;
        during(async {
            control.impose(Fate::Reset, Reach::All);
            tokio::time::sleep(Load::USUAL.lasts / 6).await;
            control.heal().await;
            Ok(())
        })
        .await
    };
    judge(&[&process], Load::USUAL, outage).await
}

/// How many replies to writes are lost.
const LOST_REPLIES: usize = 12;

/// Replies to committed writes are lost, one after the other.
pub(super) async fn retry_unknown(build: Build) -> Result<Trial> {
    let url = shared().await?.fresh_database().await?;
    let (proxy, through) = FaultProxy::before(&url).await?;
    let process = build.process(&through)?.start().await?;
    let control = proxy.control();
    judge(&[&process], Load::USUAL, during(lose_replies(&control))).await
}

/// The reply is held until it is here whole, so the write is certain; then its connection is reset.
async fn lose_replies(control: &Control) -> Result<()> {
    for _ in 0..LOST_REPLIES {
        let from = control.marks().len();
        control.hold_commits(Scope::Statement("UPDATE users u SET document".to_owned()));
        control.held(from, Duration::from_secs(10)).await?;
        control.impose(Fate::Reset, Reach::This);
        control.release();
    }
    Ok(())
}

/// How late the answers of the database reach one of the processes: its reads are answered by what was
/// true so long ago.
const LATE: Duration = Duration::from_millis(150);

/// Sessions end at one process while another one has read them and is about to write down their use.
pub(super) async fn revived_by_renewal(build: Build) -> Result<Trial> {
    let url = shared().await?.fresh_database().await?;
    let (proxy, through) = FaultProxy::before(&url).await?;
    // Use is written down when the row lags by a hundredth of this.
    let brief = |url: &str| anyhow::Ok(build.process(url)?.env("TOKENHOUSE_SESSION_IDLE", "20s"));
    let (slow, quick) = (brief(&through)?.start().await?, brief(&url)?.start().await?);
    proxy.control().slow(Direction::Backend, Link { delay: LATE, rate: None });
    let load = Load { users: 4, rate: 100, lasts: Duration::from_secs(4), ..Load::USUAL };
    let slowness = async { Ok(vec![Fault { from: Nanos(0), to: Nanos::NEVER }]) };
    judge(&[&slow, &quick], load, slowness).await
}
