//! What applications are to be told of ends of sessions: each end is taken by one process at a time, and by another when
//! that one is killed.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;
use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::LogoutId;
use tokenhouse_store::{Logout, LogoutFailed, Result, Store, Target, Trail};
use uuid::Uuid;

use crate::Outcome;
use crate::applications::client_id;
use crate::bench::{Bench, some_trail};
use crate::logouts::{BACK, lead, wants};
use crate::make::{HOUR, key, session_id, trail, user_id};

const SHORT: Duration = Duration::from_millis(200);
const FIRST: Uuid = Uuid::from_u128(1);
const SECOND: Uuid = Uuid::from_u128(2);

/// Person 1 with sessions that led to client 1, all of them ended.
async fn ended(bench: &Bench, sessions: std::ops::Range<u128>) -> Result<()> {
    bench.register(1).await?;
    wants(bench, 1, BACK).await?;
    for session in sessions {
        bench.open(1, session).await?;
        lead(bench, session, 1, session).await?;
        bench.a.end_sessions(&key(session, 1), Target::This, some_trail(session)).await?;
    }
    Ok(())
}

fn failed(logout: &Logout, holder: Uuid, again: Option<Duration>) -> LogoutFailed {
    let trail = Trail {
        actor: Actor::Operator,
        address: None,
        request_id: None,
        ..trail(90_000, Event::LogoutLost)
    };
    LogoutFailed { id: logout.id, holder, again, trail }
}

/// Claims again and again until there is something to claim, for at most half a minute.
async fn claim_when_due(store: &dyn Store, holder: Uuid) -> Result<Vec<Logout>> {
    let mut tries = tokio::time::interval(Duration::from_millis(10));
    let claiming = async {
        loop {
            tries.tick().await;
            let taken = store.claim_logouts(holder, HOUR, 10).await?;
            if !taken.is_empty() {
                return Ok(taken);
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), claiming).await.expect("it becomes due")
}

pub(crate) async fn who_is_killed_while_telling_is_followed_by_another(bench: &Bench) -> Outcome {
    ended(bench, 5..6).await?;
    let claimed = bench.a.now().await?;
    let taken = bench.a.claim_logouts(FIRST, SHORT, 10).await?;
    assert_eq!((taken.len(), taken[0].attempts, taken[0].is_retaken), (1, 1, false));
    assert_eq!(bench.b.claim_logouts(SECOND, HOUR, 10).await?, [], "it is held");
    let again = claim_when_due(&*bench.b, SECOND).await?;
    assert!(bench.b.now().await?.since(claimed) >= SHORT, "the lease was waited for");
    assert_eq!((again[0].id, again[0].attempts, again[0].is_retaken), (taken[0].id, 2, true));
    assert!(!bench.a.logout_told(taken[0].id, FIRST).await?, "the first has lost it");
    assert!(!bench.a.logout_failed(failed(&taken[0], FIRST, None)).await?);
    assert!(bench.a.logout_told(again[0].id, SECOND).await?);
    assert!(!bench.b.logout_told(again[0].id, SECOND).await?, "nothing is left of it");
    assert_eq!(bench.rows("audit_events WHERE event = 'logout.lost'").await, 0);
    Ok(())
}

pub(crate) async fn what_could_not_be_told_waits_until_it_is_given_up(bench: &Bench) -> Outcome {
    ended(bench, 5..6).await?;
    let taken = bench.a.claim_logouts(FIRST, HOUR, 10).await?.remove(0);
    assert!(bench.a.logout_failed(failed(&taken, FIRST, Some(HOUR))).await?);
    assert!(!bench.a.logout_told(taken.id, FIRST).await?, "it was given back");
    assert_eq!(bench.b.claim_logouts(SECOND, HOUR, 10).await?, [], "not due");
    bench.age("logouts", "due_at").await;
    let taken = bench.b.claim_logouts(SECOND, HOUR, 10).await?.remove(0);
    assert_eq!((taken.attempts, taken.is_retaken), (2, false));
    assert!(bench.b.logout_failed(failed(&taken, SECOND, None)).await?);
    assert!(!bench.a.logout_failed(failed(&taken, SECOND, None)).await?);
    let event = bench.a.events(Some(user_id(1)), None, 1_000).await?;
    let lost: Vec<_> = event.iter().filter(|event| event.event == "logout.lost").collect();
    assert_eq!(lost.len(), 1);
    assert_eq!((lost[0].session, lost[0].actor.as_str()), (Some(session_id(5)), "operator"));
    assert_eq!(bench.rows("logouts").await, 0);
    Ok(())
}

pub(crate) async fn eight_who_tell_at_once_share_and_never_meet(bench: &Bench) -> Outcome {
    ended(bench, 5..25).await?;
    let claims = (0..8usize).map(|number| {
        let holder = Uuid::from_u128(100 + number as u128);
        async move { bench.either(number).claim_logouts(holder, HOUR, 3).await }
    });
    let claimed = join_all(claims).await.into_iter().collect::<Result<Vec<_>>>()?;
    let mut taken: Vec<_> = claimed.concat();
    taken.extend(bench.a.claim_logouts(FIRST, HOUR, 100).await?);
    let mut sessions: Vec<_> = taken.iter().map(|one| one.session.uuid().as_u128()).collect();
    sessions.sort_unstable();
    assert_eq!(sessions, (5..25).collect::<Vec<_>>());
    let ids: BTreeSet<LogoutId> = taken.iter().map(|one| one.id).collect();
    assert_eq!(ids.len(), 20);
    Ok(())
}

pub(crate) async fn a_client_that_is_gone_is_found_out_when_it_is_told(bench: &Bench) -> Outcome {
    ended(bench, 5..6).await?;
    bench.a.delete_client(&client_id(1), some_trail(900)).await?;
    let taken = bench.b.claim_logouts(FIRST, HOUR, 10).await?.remove(0);
    assert_eq!((taken.client, taken.settings), (client_id(1), None));
    assert!(bench.a.logout_told(taken.id, FIRST).await?);
    Ok(())
}
