//! The same script by one process, by eight in random turns, by processes that each live for one request,
//! by one without any environment, and by the other engine: the same words.

use anyhow::{Context, Result, ensure};

use super::player::{Player, Route};
use super::{SECRET, flows, process};
use crate::check::Check;
use crate::generator::Random;
use crate::keeper::Folder;
use crate::postgres::Cluster;
use crate::server::Tokenhouse;

const SEED: u64 = 5;
/// Processes that share the work.
const MANY: usize = 8;

pub(super) async fn checks(cluster: &Cluster, quick: bool) -> Result<Vec<Check>> {
    let steps = if quick { 200 } else { 800 };
    let url = cluster.fresh_database().await?;
    let one = process(&url).start().await?;
    let alone = play(Route::One(one.addr()), steps).await?;
    drop(one);
    let compare = |id, what: &str, played: Result<Vec<String>>| {
        let outcome = played.and_then(|lines| same(&alone, &lines));
        Check::of(id, what, &outcome).figure("requests", alone.len())
    };
    Ok(vec![
        compare(
            "transcript-8",
            "eight processes in random turns say what one says",
            many(cluster, steps).await,
        ),
        compare(
            "transcript-1-request",
            "processes that live for one request say what one says",
            brief(cluster, steps).await,
        ),
        compare(
            "transcript-sqlite",
            "processes on SQLite that live for one request say what one on PostgreSQL says",
            on_sqlite(steps).await,
        ),
        compare(
            "env-i",
            "a process without any environment but its three settings says what one says",
            bare(cluster, steps).await,
        ),
    ])
}

/// Plays every flow and the random one.
async fn play(route: Route, steps: usize) -> Result<Vec<String>> {
    let mut player = Player::new(route);
    let flows = async {
        for (name, flow) in flows::ALL {
            flow(&mut player).await.with_context(|| format!("in the flow `{name}`"))?;
            player.next_scene();
        }
        flows::random(&mut player, SEED, steps).await
    };
    flows.await?;
    Ok(player.lines())
}

async fn many(cluster: &Cluster, steps: usize) -> Result<Vec<String>> {
    let url = cluster.fresh_database().await?;
    let mut processes = Vec::new();
    for _ in 0..MANY {
        processes.push(process(&url).start().await?);
    }
    let addresses = processes.iter().map(Tokenhouse::addr).collect();
    play(Route::Any(addresses, Random::new(SEED)), steps).await
}

async fn brief(cluster: &Cluster, steps: usize) -> Result<Vec<String>> {
    let url = cluster.fresh_database().await?;
    let server = process(&url).arg("--processes=4").arg("--max-requests=1").start().await?;
    play(Route::One(server.addr()), steps).await
}

async fn on_sqlite(steps: usize) -> Result<Vec<String>> {
    let folder = Folder::create("tokenhouse-transcript-")?;
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let server = process(&url).arg("--processes=4").arg("--max-requests=1").start().await?;
    play(Route::One(server.addr()), steps).await
}

/// Only where it listens and how it logs is said besides, without which it could not be found.
async fn bare(cluster: &Cluster, steps: usize) -> Result<Vec<String>> {
    let url = cluster.fresh_database().await?;
    let builder = Tokenhouse::builder().clean_env().database(&url).secret(SECRET);
    // The flows have mail in them.
    let builder = builder.env("TOKENHOUSE_DEV_OUTBOX", "on");
    let server = builder.start().await?;
    play(Route::One(server.addr()), steps.min(200)).await
}

/// Compares as far as the shorter one goes.
pub(super) fn same(one: &[String], other: &[String]) -> Result<()> {
    ensure!(!one.is_empty() && !other.is_empty(), "nothing was said");
    for (number, (one, other)) in one.iter().zip(other).enumerate() {
        ensure!(one == other, "line {number}: `{one}` by one, `{other}` by the others");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_word_of_difference_is_told() {
        let one = vec!["a".to_owned(), "b".to_owned()];
        let other = vec!["a".to_owned(), "c".to_owned()];
        assert!(same(&one, &one).is_ok());
        let told = same(&one, &other).expect_err("they differ").to_string();
        assert!(told.contains("line 1") && told.contains("`b`") && told.contains("`c`"), "{told}");
        assert!(same(&one, &[]).is_err());
    }
}
