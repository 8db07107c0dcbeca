//! Leases on tasks: one holder at a time, and a holder who vanished blocks nothing for long.

use std::time::Duration;

use tokenhouse_store::{Result, Store};
use uuid::Uuid;

use crate::Outcome;
use crate::bench::Bench;
use crate::make::HOUR;

/// The one task that a new database has; it is due at once.
const TASK: &str = "delete_expired";
const SHORT: Duration = Duration::from_millis(200);
const FIRST: Uuid = Uuid::from_u128(1);
const SECOND: Uuid = Uuid::from_u128(2);

/// Claims again and again until there is something to claim, for at most half a minute.
async fn claim_when_due(store: &dyn Store, holder: Uuid) -> Result<String> {
    let mut tries = tokio::time::interval(Duration::from_millis(10));
    let claiming = async {
        loop {
            tries.tick().await;
            if let Some(task) = store.claim_task(holder, HOUR).await? {
                return Ok(task);
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), claiming).await.expect("it becomes due")
}

pub(crate) async fn a_task_is_claimed_by_one_of_two_at_once(bench: &Bench) -> Outcome {
    let (first, second) =
        tokio::join!(bench.a.claim_task(FIRST, HOUR), bench.b.claim_task(SECOND, HOUR));
    let claims: Vec<_> = [first?, second?].into_iter().flatten().collect();
    assert_eq!(claims, [TASK]);
    assert_eq!(bench.a.claim_task(FIRST, HOUR).await?, None, "not even by its holder");
    assert_eq!(bench.b.claim_task(SECOND, HOUR).await?, None);
    Ok(())
}

pub(crate) async fn a_leased_task_is_claimed_again_only_after_the_lease(bench: &Bench) -> Outcome {
    let claimed = bench.a.now().await?;
    assert_eq!(bench.a.claim_task(FIRST, SHORT).await?.as_deref(), Some(TASK));
    assert_eq!(claim_when_due(&*bench.b, SECOND).await?, TASK);
    assert!(bench.b.now().await?.since(claimed) >= SHORT, "the lease was waited for");
    assert!(!bench.a.finish_task(TASK, FIRST, Duration::ZERO).await?, "the first has lost it");
    assert!(!bench.a.extend_task(TASK, FIRST, HOUR).await?);
    assert_eq!(bench.a.claim_task(FIRST, HOUR).await?, None, "the second still holds it");
    assert!(bench.b.finish_task(TASK, SECOND, HOUR).await?);
    assert!(!bench.b.finish_task(TASK, SECOND, HOUR).await?, "it was given back");
    Ok(())
}

pub(crate) async fn an_extended_lease_is_held_longer(bench: &Bench) -> Outcome {
    let claimed = bench.a.now().await?;
    assert!(bench.a.claim_task(FIRST, SHORT).await?.is_some());
    assert!(bench.a.extend_task(TASK, FIRST, HOUR).await?);
    let mut ticks = tokio::time::interval(Duration::from_millis(10));
    while bench.b.now().await?.since(claimed) < SHORT * 2 {
        ticks.tick().await;
        assert_eq!(bench.b.claim_task(SECOND, HOUR).await?, None);
    }
    assert!(bench.a.finish_task(TASK, FIRST, Duration::ZERO).await?);
    assert_eq!(claim_when_due(&*bench.b, SECOND).await?, TASK, "due again at once");
    Ok(())
}

pub(crate) async fn a_finished_task_is_due_only_later(bench: &Bench) -> Outcome {
    assert!(bench.a.claim_task(FIRST, HOUR).await?.is_some());
    assert!(bench.a.finish_task(TASK, FIRST, HOUR).await?);
    assert_eq!(bench.b.claim_task(SECOND, HOUR).await?, None, "not due for an hour");
    assert!(!bench.a.extend_task(TASK, FIRST, HOUR).await?);
    Ok(())
}
