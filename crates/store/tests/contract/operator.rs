//! What an operator does to an account, and that nothing happens where there is none.

use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::limit::Verdict;
use tokenhouse_store::{Error, Opened, Removed, SignIn, Trail};

use crate::Outcome;
use crate::bench::{Bench, some_trail};
use crate::make::{cost, key, name, session, sign_in, trail, user_id};

fn by_operator(number: u128, event: Event) -> Trail {
    Trail { actor: Actor::Operator, address: None, request_id: None, ..trail(number, event) }
}

pub(crate) async fn locking_ends_sessions_and_refuses_new_ones_until_unlocked(
    bench: &Bench,
) -> Outcome {
    bench.person_with_sessions(&[5, 6]).await?;
    let judged = bench.opening(1, session(7, bench.a.now().await?)).await?;
    assert!(bench.a.lock_user(user_id(1), true, by_operator(9_000, Event::UserLocked)).await?);
    assert!(!bench.is_alive(5).await? && !bench.is_alive(6).await?);
    assert!(bench.b.user(user_id(1)).await?.expect("she is there").locked_at.is_some());
    assert!(bench.credential(1).await?.user.locked_at.is_some());
    assert_eq!(bench.b.open_session(judged.clone()).await?, Opened::Changed);
    let current = bench.opening(1, session(7, bench.a.now().await?)).await?;
    assert_eq!(bench.b.open_session(current.clone()).await?, Opened::Changed);

    assert!(bench.b.lock_user(user_id(1), false, by_operator(9_001, Event::UserUnlocked)).await?);
    assert!(bench.a.user(user_id(1)).await?.expect("she is there").locked_at.is_none());
    assert!(!bench.is_alive(5).await?, "unlocking revives nothing");
    assert_eq!(bench.a.open_session(judged).await?, Opened::Changed, "judged before the lock");
    bench.open(1, 8).await?;
    assert!(bench.is_alive(8).await?);
    let event = bench.a.events(Some(user_id(1)), None, 1).await?.remove(0);
    assert_eq!((event.event.as_str(), event.actor.as_str()), ("user.unlocked", "operator"));
    assert_eq!((event.session, event.address, event.request_id), (None, None, None));
    Ok(())
}

pub(crate) async fn an_operator_ends_the_wait_after_too_many_failures(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    bench.register(2).await?;
    let attempt = async |user: u128| {
        let question = SignIn { account: Some(cost("2/1h")), ..sign_in(&name(user)) };
        Ok::<_, Error>(bench.a.sign_in_facts(question).await?.verdict)
    };
    let use_up = async |user| {
        while attempt(user).await? == Verdict::Admitted {}
        Ok::<_, Error>(())
    };
    let unlocked = by_operator(9_001, Event::UserUnlocked);
    let set = by_operator(9_002, Event::PasswordChanged);
    use_up(1).await?;
    use_up(2).await?;
    assert!(bench.b.lock_user(user_id(1), false, unlocked).await?);
    assert_eq!(attempt(1).await?, Verdict::Admitted, "unlocked");
    use_up(1).await?;
    assert!(bench.b.set_password(user_id(1), "$set".to_owned(), set).await?);
    assert_eq!(attempt(1).await?, Verdict::Admitted, "given a new password");
    assert_ne!(attempt(2).await?, Verdict::Admitted, "nobody else is forgiven anything");
    Ok(())
}

pub(crate) async fn setting_a_password_ends_all_sessions(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5, 6]).await?;
    let judged = bench.opening(1, session(7, bench.a.now().await?)).await?;
    let trail = by_operator(9_000, Event::PasswordChanged);
    assert!(bench.a.set_password(user_id(1), "$new".to_owned(), trail).await?);
    assert!(!bench.is_alive(5).await? && !bench.is_alive(6).await?);
    assert_eq!(bench.credential(1).await?.hash, "$new");
    assert_eq!(bench.b.open_session(judged).await?, Opened::Changed, "judged by the old one");
    bench.open(1, 8).await?;
    assert!(bench.is_alive(8).await?);
    Ok(())
}

pub(crate) async fn signing_a_user_out_ends_all_sessions(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5, 6]).await?;
    bench.register(2).await?;
    bench.open(2, 9).await?;
    let judged = bench.opening(1, session(7, bench.a.now().await?)).await?;
    assert_eq!(bench.b.user_sessions(user_id(1)).await?.len(), 2);
    assert!(bench.a.sign_out(user_id(1), by_operator(9_000, Event::SessionsEnded)).await?);
    assert!(!bench.is_alive(5).await? && !bench.is_alive(6).await?);
    assert_eq!(bench.b.user_sessions(user_id(1)).await?, []);
    assert_eq!(bench.b.open_session(judged).await?, Opened::Changed);
    assert!(bench.b.session_with_data(&key(9, 2)).await?.is_some());
    bench.open(1, 8).await?;
    assert!(bench.is_alive(8).await?);
    Ok(())
}

pub(crate) async fn what_is_done_to_nobody_is_false_and_leaves_no_trail(bench: &Bench) -> Outcome {
    let nobody = user_id(9);
    assert!(!bench.a.lock_user(nobody, true, some_trail(1)).await?);
    assert!(!bench.a.lock_user(nobody, false, some_trail(2)).await?);
    assert!(!bench.a.set_password(nobody, "$new".to_owned(), some_trail(3)).await?);
    assert!(!bench.a.sign_out(nobody, some_trail(4)).await?);
    assert_eq!(bench.a.delete_user(nobody, None, None, some_trail(5)).await?, Removed::Changed);
    assert_eq!(bench.b.user_sessions(nobody).await?, []);
    assert_eq!(bench.rows("audit_events").await, 0);
    Ok(())
}
