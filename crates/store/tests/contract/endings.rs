//! Ending sessions: what was ended by one process no process accepts, from the answer on.

use tokenhouse_rules::audit::Event;
use tokenhouse_store::{Ended, Opened, Removed, Target};

use crate::Outcome;
use crate::bench::{Bench, some_trail};
use crate::make::{key, session, session_id, trail, user_id};

pub(crate) async fn a_session_ends_itself_for_every_process(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5, 6]).await?;
    let ended = trail(9_000, Event::SessionEnded);
    assert_eq!(bench.a.end_sessions(&key(5, 1), Target::This, ended.clone()).await?, Ended::Done);
    assert!(!bench.is_alive(5).await?);
    assert!(bench.is_alive(6).await?);
    let event = bench.b.events(Some(user_id(1)), None, 1).await?.remove(0);
    assert_eq!((event.id, event.session), (ended.id, Some(session_id(5))));
    let again = bench.b.end_sessions(&key(5, 1), Target::This, ended).await?;
    assert_eq!(again, Ended::NoSession);
    assert_eq!(bench.rows("audit_events WHERE event = 'session.ended'").await, 1);
    Ok(())
}

pub(crate) async fn one_other_session_is_ended_and_the_rest_live(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5, 6, 7]).await?;
    let revoked = trail(9_000, Event::SessionRevoked);
    let target = Target::One(session_id(6));
    assert_eq!(bench.a.end_sessions(&key(5, 1), target, revoked.clone()).await?, Ended::Done);
    assert!(!bench.is_alive(6).await?);
    assert!(bench.is_alive(5).await? && bench.is_alive(7).await?);
    let event = bench.b.events(Some(user_id(1)), None, 1).await?.remove(0);
    assert_eq!((event.id, event.session), (revoked.id, Some(session_id(6))));
    assert_eq!(bench.b.end_sessions(&key(5, 1), target, some_trail(1)).await?, Ended::NoSuch);
    let own = Target::One(session_id(5));
    assert_eq!(bench.b.end_sessions(&key(5, 1), own, some_trail(2)).await?, Ended::Done);
    assert!(!bench.is_alive(5).await?);
    assert!(bench.is_alive(7).await?);
    Ok(())
}

pub(crate) async fn all_sessions_end_at_once(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5, 6, 7]).await?;
    bench.register(2).await?;
    bench.open(2, 8).await?;
    let ended = trail(9_000, Event::SessionsEnded);
    assert_eq!(bench.a.end_sessions(&key(5, 1), Target::All, ended).await?, Ended::Done);
    for session in 5..=7 {
        assert!(!bench.is_alive(session).await?);
    }
    assert!(bench.b.session_with_data(&key(8, 2)).await?.is_some(), "another user's lives on");
    assert_eq!(bench.b.user_sessions(user_id(1)).await?, []);
    Ok(())
}

pub(crate) async fn all_other_sessions_end_and_the_one_that_asks_goes_on(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5, 6, 7]).await?;
    bench.register(2).await?;
    bench.open(2, 8).await?;
    let judged = bench.opening(1, session(9, bench.a.now().await?)).await?;
    let ended = trail(9_000, Event::SessionsEnded);
    let done = bench.a.end_sessions(&key(5, 1), Target::Others, ended.clone()).await?;
    assert_eq!(done, Ended::Done);
    assert!(bench.is_alive(5).await?);
    assert!(!bench.is_alive(6).await? && !bench.is_alive(7).await?);
    assert!(bench.b.session_with_data(&key(8, 2)).await?.is_some(), "another user's lives on");
    assert_eq!(bench.b.open_session(judged).await?, Opened::Changed, "judged before");
    assert_eq!(bench.rows("sessions").await, 2);
    let event = bench.b.events(Some(user_id(1)), None, 1).await?.remove(0);
    assert_eq!((event.id, event.session), (ended.id, Some(session_id(5))));
    let late = bench.b.end_sessions(&key(6, 1), Target::Others, some_trail(1)).await?;
    assert_eq!(late, Ended::NoSession);
    Ok(())
}

pub(crate) async fn of_two_sessions_that_end_each_other_at_once_one_is_left(
    bench: &Bench,
) -> Outcome {
    bench.register(1).await?;
    for round in 0..20 {
        let (one, other) = (100 + 2 * round, 101 + 2 * round);
        bench.open(1, one).await?;
        bench.open(1, other).await?;
        let (key_of_one, key_of_other) = (key(one, 1), key(other, 1));
        let (first, second) = tokio::join!(
            bench.a.end_sessions(&key_of_one, Target::Others, some_trail(one)),
            bench.b.end_sessions(&key_of_other, Target::Others, some_trail(other)),
        );
        let mut ended = [(one, first?), (other, second?)];
        ended.sort_by_key(|(_, ended)| *ended == Ended::NoSession);
        assert_eq!((ended[0].1, ended[1].1), (Ended::Done, Ended::NoSession));
        assert!(bench.is_alive(ended[0].0).await? && !bench.is_alive(ended[1].0).await?);
    }
    Ok(())
}

pub(crate) async fn nobody_ends_the_session_of_another_user(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    bench.register(2).await?;
    bench.open(2, 8).await?;
    let target = Target::One(session_id(5));
    assert_eq!(bench.b.end_sessions(&key(8, 2), target, some_trail(1)).await?, Ended::NoSuch);
    assert!(bench.is_alive(5).await?);
    assert_eq!(bench.rows("audit_events").await, 4, "what was not done is no event");
    Ok(())
}

pub(crate) async fn a_session_that_is_not_alive_ends_nothing(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5, 6]).await?;
    bench.a.end_sessions(&key(5, 1), Target::This, some_trail(1)).await?;
    for target in [Target::This, Target::One(session_id(6)), Target::Others, Target::All] {
        let ended = bench.b.end_sessions(&key(5, 1), target, some_trail(2)).await?;
        assert_eq!(ended, Ended::NoSession, "{target:?}");
    }
    assert!(bench.is_alive(6).await?);
    Ok(())
}

pub(crate) async fn signing_out_between_judgement_and_opening_wins(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    let judged = bench.opening(1, session(6, bench.a.now().await?)).await?;
    bench.b.end_sessions(&key(5, 1), Target::All, some_trail(1)).await?;
    assert_eq!(bench.a.open_session(judged.clone()).await?, Opened::Changed);
    assert!(!bench.is_alive(6).await?);
    assert_eq!(bench.rows("sessions").await, 0);
    assert_eq!(bench.b.events(None, Some(judged.trail.id), 10).await?.len(), 2);
    assert_eq!(bench.rows("audit_events").await, 3, "what was not opened is no event");
    let unknown = tokenhouse_store::OpenSession { user: user_id(2), ..judged };
    assert_eq!(bench.a.open_session(unknown).await?, Opened::Changed);
    Ok(())
}

pub(crate) async fn deleting_a_user_while_she_signs_in_is_an_outcome_and_no_error(
    bench: &Bench,
) -> Outcome {
    for user in 1..=30 {
        bench.register(user).await?;
        let opening = bench.opening(user, session(100 + user, bench.a.now().await?)).await?;
        let deleted = trail(20_000 + user, Event::UserDeleted);
        let (opened, deleted) = tokio::join!(
            bench.a.open_session(opening),
            bench.b.delete_user(user_id(user), None, None, deleted)
        );
        // Either order is right; afterwards both she and the session are gone.
        opened?;
        assert_eq!(deleted?, Removed::Done);
        assert!(bench.a.session_with_data(&key(100 + user, user)).await?.is_none());
    }
    assert_eq!(bench.rows("sessions").await, 0);
    Ok(())
}
