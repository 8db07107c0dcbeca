//! What a process sent before it was killed, and the database carries out when everybody else has gone on.

use std::time::{Duration, Instant};

use tokenhouse_proof::fault_proxy::{Direction, Fate, FaultProxy, Reach, Scope, Trap};
use tokenhouse_store::{PostgresOptions, Redeemed, Refreshed};

use crate::applications::{TOKEN, place, redeem, refresh};
use crate::{Outcome, PATIENCE, open};

/// Messages that carry a statement: to bind it, to carry it out, and the end of both.
const STATEMENT: u64 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_comes_late_from_who_was_killed_ends_nothing() -> Outcome {
    let place = place().await?;
    let living = &place.store;
    let (proxy, url) = FaultProxy::before(&place.url).await?;
    let options =
        PostgresOptions { statement_timeout: Duration::from_millis(200), ..Default::default() };
    let killed = open(&url, options)?;

    assert_eq!(living.redeem_code(redeem()).await?, Redeemed::Done);
    let first = killed.refresh(refresh(0)).await?;
    assert!(matches!(first, Refreshed::Done { generation: 1, .. }), "it is prepared: {first:?}");
    let second = living.refresh(refresh(1)).await?;
    assert!(matches!(second, Refreshed::Done { generation: 2, .. }), "{second:?}");

    let control = proxy.control();
    let before = living.now().await?.rfc3339();
    let ports = control.ports().iter().map(u16::to_string).collect::<Vec<_>>().join(",");
    let scope = Scope::Statement("WITH shown".to_owned());
    let trap = Trap::after(Direction::Frontend, STATEMENT).scope(scope);
    control.arm(trap.fate(Fate::BlackHole, Reach::All));
    let nobody = killed.refresh(refresh(0)).await;
    assert!(nobody.is_err() && control.armed() == 0, "it was sent, and not answered: {nobody:?}");
    let carried_out = format!(
        "SELECT count(*) FROM pg_stat_activity
         WHERE client_port IN ({ports}) AND state = 'idle' AND query_start > '{before}'
           AND query LIKE 'WITH shown%'"
    );
    let since = Instant::now();
    while place.cluster.psql(&place.name, &carried_out).await? == "0" {
        assert!(since.elapsed() < PATIENCE, "the database carries it out");
    }

    let third = living.refresh(refresh(2)).await?;
    assert!(matches!(third, Refreshed::Done { generation: 3, .. }), "{third:?}");
    let replayed = living.refresh(refresh(0)).await?;
    assert!(matches!(replayed, Refreshed::Replayed), "who is there ends it: {replayed:?}");
    assert!(living.grant(&TOKEN).await?.is_none());
    Ok(())
}
