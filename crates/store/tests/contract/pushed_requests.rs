//! Requests that applications send ahead: answered once, and by no code that is none.

use std::time::Duration;

use futures_util::future::join_all;
use tokenhouse_rules::id::PushedRequestId;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{NewCode, NewPushedRequest, Pushed, Result, SessionKey, Target};
use uuid::Uuid;

use crate::Outcome;
use crate::applications::{client_id, code, digest, disable, make_client, person_and_client};
use crate::bench::{Bench, some_trail};
use crate::make::{HOUR, key};

const PARAMETERS: &str = "client_id=client1&scope=openid+email";

fn request_id(number: u128) -> PushedRequestId {
    PushedRequestId::from_uuid(Uuid::from_u128(number))
}

/// A request of client 1.
fn request(number: u128) -> NewPushedRequest {
    NewPushedRequest {
        id: request_id(number),
        client: client_id(1),
        parameters: PARAMETERS.to_owned(),
        lifetime: Duration::from_secs(90),
        patience: HOUR,
    }
}

/// A code for a request whose browser came then.
fn answer(number: u128, to: u128, came_at: Timestamp) -> NewCode {
    NewCode { pushed: Some(Pushed { id: request_id(to), came_at }), ..code(number) }
}

async fn waits(bench: &Bench, number: u128) -> Result<bool> {
    Ok(bench.b.pushed_request(request_id(number)).await?.is_some())
}

pub(crate) async fn a_request_pushed_here_is_known_there(bench: &Bench) -> Outcome {
    make_client(bench, 1).await?;
    let before = bench.a.now().await?;
    for _ in 0..2 {
        assert!(bench.a.push_request(request(1)).await?, "its own repetition passes");
    }
    let found = bench.b.pushed_request(request_id(1)).await?.expect("it is there");
    assert_eq!((found.client, found.parameters.as_str()), (client_id(1), PARAMETERS));
    let lifetime = Duration::from_secs(90);
    assert!(found.expires_at >= before.plus(lifetime));
    assert!(found.expires_at <= bench.b.now().await?.plus(lifetime));
    assert!(!waits(bench, 2).await?);
    assert_eq!(bench.rows("pushed_requests").await, 1);
    Ok(())
}

pub(crate) async fn a_request_is_kept_for_a_client_that_may_be_used(bench: &Bench) -> Outcome {
    make_client(bench, 1).await?;
    disable(bench, 1).await?;
    assert!(!bench.a.push_request(request(1)).await?);
    let nobodys = NewPushedRequest { client: "nobody".to_owned(), ..request(2) };
    assert!(!bench.a.push_request(nobodys).await?);
    assert_eq!(bench.rows("pushed_requests").await, 0);
    Ok(())
}

pub(crate) async fn a_request_is_answered_by_one_code_but_for_its_own_repetition(
    bench: &Bench,
) -> Outcome {
    person_and_client(bench).await?;
    assert!(bench.a.push_request(request(1)).await?);
    let now = bench.a.now().await?;
    assert!(bench.a.issue_code(answer(1, 1, now)).await?);
    assert!(bench.b.issue_code(answer(1, 1, now)).await?, "its own repetition passes");
    assert!(!waits(bench, 1).await?);
    assert!(!bench.b.issue_code(answer(2, 1, now)).await?);
    assert!(!bench.a.issue_code(answer(3, 9, now)).await?, "there is none such");
    assert_eq!(bench.rows("codes").await, 1);
    assert!(bench.a.issue_code(code(4)).await?, "others go on");
    Ok(())
}

pub(crate) async fn of_eight_codes_for_one_request_at_once_one_is_issued(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    for round in 1..=5u128 {
        assert!(bench.a.push_request(request(round)).await?);
        let now = bench.a.now().await?;
        let answers = (0..8u128).map(|by| {
            let consent = Some(format!("openid scope{by}"));
            let trail = some_trail(100 * round + by);
            let code = NewCode { consent, trail, ..answer(10 * round + by, round, now) };
            bench.either(usize::from(by % 2 == 0)).issue_code(code)
        });
        let issued = join_all(answers).await.into_iter().collect::<Result<Vec<_>>>()?;
        assert_eq!(issued.iter().filter(|issued| **issued).count(), 1, "{issued:?}");
    }
    assert_eq!(bench.rows("codes").await, 5);
    let used = "pushed_requests WHERE used_by IN (SELECT id FROM codes)";
    assert_eq!(bench.rows(used).await, 5);
    Ok(())
}

pub(crate) async fn a_request_is_answered_to_its_own_client_only(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_client(bench, 2).await?;
    assert!(bench.a.push_request(request(1)).await?);
    let now = bench.a.now().await?;
    let theirs = NewCode { client: client_id(2), ..answer(1, 1, now) };
    assert!(!bench.b.issue_code(theirs).await?);
    assert!(waits(bench, 1).await?, "it is left to its own");
    assert!(bench.a.issue_code(answer(2, 1, now)).await?);
    Ok(())
}

pub(crate) async fn a_request_waits_for_its_person_once_its_browser_came_in_time(
    bench: &Bench,
) -> Outcome {
    person_and_client(bench).await?;
    let short = NewPushedRequest { lifetime: Duration::ZERO, ..request(1) };
    assert!(bench.a.push_request(short).await?);
    let now = bench.a.now().await?;
    assert!(!bench.b.issue_code(answer(1, 1, now)).await?, "the browser came too late");
    assert!(waits(bench, 1).await?);
    let in_time = now.minus(HOUR);
    assert!(bench.b.issue_code(answer(1, 1, in_time)).await?);

    let over =
        NewPushedRequest { lifetime: Duration::ZERO, patience: Duration::ZERO, ..request(2) };
    assert!(bench.a.push_request(over).await?);
    assert!(!waits(bench, 2).await?);
    assert!(!bench.b.issue_code(answer(2, 2, in_time)).await?, "the person took too long");
    Ok(())
}

pub(crate) async fn a_request_is_not_used_up_where_no_code_is_issued(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    assert!(bench.a.push_request(request(1)).await?);
    let now = bench.a.now().await?;
    let wrong = SessionKey { secret_hash: digest(9), ..key(5, 1) };
    assert!(!bench.a.issue_code(NewCode { session: wrong, ..answer(1, 1, now) }).await?);
    assert!(waits(bench, 1).await?);
    bench.open(1, 6).await?;
    bench.b.end_sessions(&key(5, 1), Target::This, some_trail(1)).await?;
    assert!(!bench.a.issue_code(answer(2, 1, now)).await?);
    assert!(waits(bench, 1).await?);
    let other = NewCode { session: key(6, 1), ..answer(3, 1, now) };
    assert!(bench.a.issue_code(other).await?);
    assert!(!waits(bench, 1).await?);
    Ok(())
}

pub(crate) async fn a_request_goes_with_its_client_and_after_its_time(bench: &Bench) -> Outcome {
    make_client(bench, 1).await?;
    make_client(bench, 2).await?;
    for number in 1..=3 {
        assert!(bench.a.push_request(request(number)).await?);
    }
    let theirs = NewPushedRequest { client: client_id(2), ..request(4) };
    assert!(bench.a.push_request(theirs).await?);
    let over =
        NewPushedRequest { lifetime: Duration::ZERO, patience: Duration::ZERO, ..request(5) };
    assert!(bench.a.push_request(over).await?);
    assert_eq!(bench.b.delete_expired(100, HOUR).await?, 1);
    assert_eq!(bench.rows("pushed_requests").await, 4);
    assert!(bench.b.delete_client(&client_id(1), some_trail(1)).await?);
    assert_eq!(bench.rows("pushed_requests").await, 1);
    Ok(())
}
