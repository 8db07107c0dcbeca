//! Device codes: issued once, found by what is typed, decided by one, and redeemed as codes are.

use std::time::Duration;

use futures_util::future::join_all;
use tokenhouse_rules::audit::Event;
use tokenhouse_store::{
    Allowed, DecideDevice, Device, DeviceIssued, FindDevice, NewDeviceCode, Redeemed, Result,
    SessionKey, Standing, Target,
};

use crate::Outcome;
use crate::applications::{
    AUTHORIZED, client_id, code_id, digest, disable, lives, make_client, person_and_client, redeem,
};
use crate::bench::{Bench, some_trail};
use crate::make::{HOUR, key, session_id, trail, user_id};

const ALLOWED: Standing = Standing::Allowed;
const ASKED: &str = r#"{"scope":"openid","resource":[]}"#;

/// What is typed for the device of that number.
pub(crate) fn typed(number: u128) -> String {
    format!("BCDFGHJ{}", char::from(b'A' + u8::try_from(number).expect("a small number")))
}

/// A device of client 1.
pub(crate) fn new(number: u128) -> NewDeviceCode {
    NewDeviceCode {
        id: code_id(number),
        secret_hash: digest(number),
        user_code: typed(number),
        client: client_id(1),
        asked: ASKED.to_owned(),
        address: Some("192.0.2.9".to_owned()),
        user_agent: Some("Television/1.0".to_owned()),
        lifetime: HOUR,
        limit: None,
    }
}

pub(crate) async fn issue(bench: &Bench, number: u128) -> Outcome {
    assert_eq!(bench.a.issue_device_code(new(number)).await?, DeviceIssued::Done);
    Ok(())
}

/// Looked for without a limit, at process B.
async fn found(bench: &Bench, number: u128) -> Result<Option<Device>> {
    let question = FindDevice { user_code: typed(number), address: None, account: None };
    Ok(bench.b.find_device(question).await?.device)
}

/// A decision of session 5 of person 1.
fn decision(number: u128, allow: bool) -> DecideDevice {
    let (authorized, consent) = (AUTHORIZED.to_owned(), "openid".to_owned());
    let event = if allow { Event::DeviceAllowed } else { Event::DeviceDenied };
    DecideDevice {
        id: code_id(number),
        session: key(5, 1),
        allowed: allow.then_some(Allowed { authorized, consent }),
        trail: trail(60_000 + number, event),
    }
}

/// How the device of that number stands when its own client asks at once.
async fn standing(bench: &Bench, number: u128) -> Result<Standing> {
    let facts = bench.b.device_facts(&client_id(1), code_id(number), Duration::ZERO).await?;
    Ok(facts.code.expect("it is there").standing)
}

pub(crate) async fn a_device_code_issued_here_is_found_there_by_what_is_typed(
    bench: &Bench,
) -> Outcome {
    person_and_client(bench).await?;
    make_client(bench, 2).await?;
    let before = bench.a.now().await?;
    issue(bench, 1).await?;
    let device = found(bench, 1).await?.expect("it waits");
    assert_eq!((device.id, device.client.clone()), (code_id(1), client_id(1)));
    assert_eq!((device.user_code.clone(), device.asked.as_str()), (typed(1), ASKED));
    assert_eq!(device.address.as_deref(), Some("192.0.2.9"));
    assert_eq!(device.user_agent.as_deref(), Some("Television/1.0"));
    assert!(device.created_at >= before);
    assert_eq!(bench.b.device(code_id(1)).await?, Some(device));
    assert_eq!((found(bench, 2).await?, bench.b.device(code_id(2)).await?), (None, None));
    let facts = bench.b.device_facts(&client_id(2), code_id(1), HOUR).await?;
    assert_eq!(facts.client.map(|client| client.id), Some(client_id(2)), "who presents it");
    let code = facts.code.expect("it is there");
    assert_eq!((code.secret_hash, code.client), (digest(1), client_id(1)));
    let facts = bench.b.device_facts("nobody", code_id(9), HOUR).await?;
    assert!(facts.client.is_none() && facts.code.is_none() && facts.now >= before);
    Ok(())
}

pub(crate) async fn a_device_code_is_issued_once_and_to_a_client_that_may(
    bench: &Bench,
) -> Outcome {
    person_and_client(bench).await?;
    make_client(bench, 2).await?;
    disable(bench, 2).await?;
    issue(bench, 1).await?;
    assert_eq!(bench.b.issue_device_code(new(1)).await?, DeviceIssued::Done, "its repetition");
    let same = NewDeviceCode { user_code: typed(1), ..new(2) };
    assert_eq!(bench.b.issue_device_code(same).await?, DeviceIssued::Taken);
    for client in [client_id(2), "nobody".to_owned()] {
        let refused = bench.a.issue_device_code(NewDeviceCode { client, ..new(3) }).await?;
        assert_eq!(refused, DeviceIssued::NoClient);
    }
    assert_eq!(bench.rows("device_codes").await, 1);
    Ok(())
}

pub(crate) async fn a_poll_that_comes_too_soon_is_hasty(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_client(bench, 2).await?;
    issue(bench, 1).await?;
    let poll = async |client: u128, pace| -> Result<Standing> {
        let facts = bench.b.device_facts(&client_id(client), code_id(1), pace).await?;
        Ok(facts.code.expect("it is there").standing)
    };
    assert_eq!(poll(2, HOUR).await?, Standing::Waiting, "it is not that client's");
    assert_eq!(poll(1, HOUR).await?, Standing::Waiting);
    assert_eq!(poll(1, HOUR).await?, Standing::Hasty);
    assert_eq!(poll(1, HOUR).await?, Standing::Hasty, "however often");
    assert_eq!(poll(1, Duration::ZERO).await?, Standing::Waiting);
    bench.age("device_codes", "polled_at").await;
    assert_eq!(poll(1, HOUR).await?, Standing::Waiting);
    assert!(bench.a.decide_device(decision(1, true)).await?);
    assert_eq!(poll(1, HOUR).await?, Standing::Allowed, "what is decided is told at once");
    Ok(())
}

pub(crate) async fn what_is_allowed_is_redeemed_as_a_code(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    issue(bench, 1).await?;
    assert_eq!(bench.b.redeem_code(redeem(1, 9)).await?, Redeemed::Gone, "nobody has decided");
    assert!(bench.a.decide_device(decision(1, true)).await?);
    assert_eq!((standing(bench, 1).await?, found(bench, 1).await?), (Standing::Allowed, None));
    let facts = bench.b.code_facts(&client_id(1), code_id(1)).await?;
    let code = facts.code.expect("it became one");
    assert_eq!((code.secret_hash, code.client), (digest(1), client_id(1)));
    assert_eq!((code.authorized.as_str(), code.session), (AUTHORIZED, session_id(5)));
    assert_eq!((code.open, code.owner.user.id), (true, user_id(1)));
    let event = bench.b.events(Some(user_id(1)), None, 1).await?.remove(0);
    assert_eq!((event.event.as_str(), event.session), ("device.allowed", Some(session_id(5))));
    let facts = bench.b.authorize_facts(&client_id(1), Some(&key(5, 1))).await?;
    assert_eq!(facts.signed_in.expect("alive").consent.as_deref(), Some("openid"));

    let polls = (0..8u128).map(|by| bench.either(by as usize).redeem_code(redeem(1, 10 + by)));
    let redeemed = join_all(polls).await.into_iter().collect::<Result<Vec<_>>>()?;
    let count = |how: Redeemed| redeemed.iter().filter(|redeemed| **redeemed == how).count();
    assert_eq!((count(Redeemed::Done), count(Redeemed::Replayed)), (1, 7), "{redeemed:?}");
    assert!(!lives(bench, 1).await?, "who comes second ends what the first got");
    assert_eq!(standing(bench, 1).await?, Standing::Allowed, "its code says the rest");
    Ok(())
}

pub(crate) async fn what_is_refused_is_worth_nothing(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    issue(bench, 1).await?;
    bench.open(1, 6).await?;
    assert!(bench.a.decide_device(decision(1, false)).await?);
    assert_eq!((standing(bench, 1).await?, found(bench, 1).await?), (Standing::Denied, None));
    for late in [decision(1, true), DecideDevice { session: key(6, 1), ..decision(1, false) }] {
        assert!(!bench.b.decide_device(late).await?, "it is decided");
    }
    assert_eq!(standing(bench, 1).await?, Standing::Denied);
    assert_eq!((bench.rows("codes").await, bench.rows("consents").await), (0, 0));
    assert_eq!(bench.events().await?[0], "device.denied");
    Ok(())
}

pub(crate) async fn a_device_is_decided_on_the_word_of_a_living_session(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    issue(bench, 1).await?;
    let wrong = SessionKey { secret_hash: digest(9), ..key(5, 1) };
    for session in [wrong, key(5, 2), key(6, 1)] {
        for allow in [true, false] {
            let refused = DecideDevice { session, ..decision(1, allow) };
            assert!(!bench.a.decide_device(refused).await?);
        }
    }
    assert!(!bench.a.decide_device(decision(9, true)).await?, "there is none such");
    bench.b.end_sessions(&key(5, 1), Target::This, some_trail(1)).await?;
    assert!(!bench.a.decide_device(decision(1, true)).await?);
    bench.open(1, 7).await?;
    disable(bench, 1).await?;
    let disabled = DecideDevice { session: key(7, 1), ..decision(1, true) };
    assert!(!bench.b.decide_device(disabled).await?, "its client is disabled");
    assert_eq!((standing(bench, 1).await?, bench.rows("codes").await), (Standing::Waiting, 0));
    assert_eq!(bench.rows("audit_events WHERE event LIKE 'device.%'").await, 0);
    Ok(())
}

pub(crate) async fn of_eight_who_decide_at_once_one_does(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    for session in 10..18 {
        bench.open(1, session).await?;
    }
    for round in 1..=5u128 {
        issue(bench, round).await?;
        let decisions = (0..8u128).map(|by| {
            let base = decision(round, by % 2 == 0);
            let trail = trail(61_000 + 10 * round + by, base.trail.event);
            let decision = DecideDevice { session: key(10 + by, 1), trail, ..base };
            bench.either((by / 2) as usize).decide_device(decision)
        });
        let decided = join_all(decisions).await.into_iter().collect::<Result<Vec<_>>>()?;
        let winners: Vec<_> = (0..8).filter(|by| decided[*by]).collect();
        assert_eq!(winners.len(), 1, "{decided:?}");
        let expected = if winners[0] % 2 == 0 { Standing::Allowed } else { Standing::Denied };
        assert_eq!(standing(bench, round).await?, expected);
    }
    assert_eq!(bench.rows("audit_events WHERE event LIKE 'device.%'").await, 5);
    let allowed = bench.rows("device_codes WHERE allowed").await;
    assert_eq!(bench.rows("codes").await, allowed);
    Ok(())
}

pub(crate) async fn deciding_again_in_the_same_way_is_done_and_nothing_is_noted(
    bench: &Bench,
) -> Outcome {
    person_and_client(bench).await?;
    for (number, allow) in [(1, true), (2, false)] {
        issue(bench, number).await?;
        let again = || DecideDevice { trail: some_trail(number), ..decision(number, allow) };
        assert!(bench.a.decide_device(decision(number, allow)).await?);
        assert!(bench.b.decide_device(again()).await?);
        assert!(!bench.b.decide_device(decision(number, !allow)).await?, "minds are not changed");
    }
    bench.a.disconnect(&key(5, 1), &client_id(1), some_trail(3)).await?;
    assert!(bench.b.decide_device(decision(1, true)).await?);
    assert_eq!(bench.rows("codes").await, 0, "what she took back does not come back");
    assert_eq!(bench.rows("audit_events WHERE event LIKE 'device.%'").await, 2);
    Ok(())
}

pub(crate) async fn a_device_code_past_its_time_is_over_and_goes(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    let over = NewDeviceCode { lifetime: Duration::ZERO, ..new(1) };
    assert_eq!(bench.a.issue_device_code(over).await?, DeviceIssued::Done);
    assert_eq!((found(bench, 1).await?, bench.b.device(code_id(1)).await?), (None, None));
    assert!(!bench.b.decide_device(decision(1, true)).await?);
    assert_eq!(standing(bench, 1).await?, Standing::Over);
    issue(bench, 2).await?;
    assert!(bench.a.decide_device(decision(2, true)).await?);
    issue(bench, 3).await?;
    bench.b.end_sessions(&key(5, 1), Target::This, some_trail(1)).await?;
    let facts = bench.b.code_facts(&client_id(1), code_id(2)).await?;
    assert!(!facts.code.expect("it became one").open, "the session it was allowed in is over");
    assert_eq!(bench.b.redeem_code(redeem(2, 2)).await?, Redeemed::Gone);
    assert_eq!(bench.b.delete_expired(100, HOUR).await?, 1);
    assert_eq!(bench.rows("device_codes").await, 2);
    bench.age("device_codes", "expires_at").await;
    assert_eq!((standing(bench, 2).await?, standing(bench, 3).await?), (ALLOWED, Standing::Over));
    assert_eq!(bench.b.delete_expired(1, HOUR).await?, 1, "one at a time");
    assert_eq!(bench.a.delete_expired(100, HOUR).await?, 1);
    Ok(())
}
