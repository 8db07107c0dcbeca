//! Every flow, cut after every step: what came before is answered by a process that is then killed with
//! SIGKILL, what comes after by another one. It must be as if nothing had happened.

use anyhow::{Context, Result};

use super::flows::{self, Flow};
use super::player::{Player, Route};
use super::process;
use super::transcript::same;
use crate::check::{Check, Verdict};
use crate::postgres::Cluster;
use crate::server::Tokenhouse;

pub(super) async fn check(cluster: &Cluster) -> Result<Check> {
    let url = cluster.fresh_database().await?;
    let second = process(&url).start().await?;
    let (mut cases, mut wrong) = (0, Vec::new());
    for flow in flows::ALL {
        let whole = play(flow, Route::One(second.addr())).await?;
        for after in 1..whole.len() {
            let first = process(&url).start().await?;
            let outcome = cut(flow, first, after, &second, &whole).await;
            cases += 1;
            if let Err(error) = outcome {
                wrong.push(format!("`{}` after step {after}: {error:#}", flow.0));
            }
        }
    }
    let verdict = match wrong.first() {
        None => Verdict::Held,
        Some(first) => Verdict::Failed(format!("{} of them, such as {first}", wrong.len())),
    };
    let what = "a flow goes on at another process when the first is killed after any step";
    let check = Check::new("pair-matrix", what, verdict);
    Ok(check.figure("flows", flows::ALL.len()).figure("cases", cases))
}

async fn cut(
    flow: &Flow,
    first: Tokenhouse,
    after: usize,
    second: &Tokenhouse,
    whole: &[String],
) -> Result<()> {
    let route = Route::Handover(Box::new(first), after, second.addr());
    same(whole, &play(flow, route).await?)
}

async fn play((name, flow): &Flow, route: Route) -> Result<Vec<String>> {
    let mut player = Player::new(route);
    flow(&mut player).await.with_context(|| format!("in the flow `{name}`"))?;
    Ok(player.lines())
}
