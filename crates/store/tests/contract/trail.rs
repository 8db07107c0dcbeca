//! The audit trail: one row for each thing that was done, whoever did it, and read in pages.

use tokenhouse_rules::audit::Event;
use tokenhouse_store::{ChangePassword, Ended, Target};

use crate::Outcome;
use crate::bench::Bench;
use crate::make::{event_id, key, session_id, trail, user_id};

pub(crate) async fn every_operation_leaves_exactly_one_event(bench: &Bench) -> Outcome {
    let user = user_id(1);
    bench.person_with_sessions(&[5, 6, 7]).await?;
    let revoked = trail(2_000, Event::SessionRevoked);
    let target = Target::One(session_id(6));
    assert_eq!(bench.a.end_sessions(&key(5, 1), target, revoked).await?, Ended::Done);
    let epoch = bench.credential(1).await?.epoch;
    let change = ChangePassword {
        session: session_id(5),
        user,
        epoch,
        hash: "$new".to_owned(),
        refunds: Vec::new(),
        mail: None,
        trail: trail(3_000, Event::PasswordChanged),
    };
    assert!(bench.a.change_password(change).await?);
    assert!(bench.b.export(&key(5, 1), trail(4_000, Event::UserExported)).await?.is_some());
    let ended = trail(5_000, Event::SessionsEnded);
    assert_eq!(bench.b.end_sessions(&key(5, 1), Target::All, ended).await?, Ended::Done);
    assert!(bench.a.lock_user(user, true, trail(6_000, Event::UserLocked)).await?);
    assert!(bench.a.lock_user(user, false, trail(7_000, Event::UserUnlocked)).await?);
    let set = trail(8_000, Event::PasswordChanged);
    assert!(bench.a.set_password(user, "$set".to_owned(), set).await?);
    assert!(bench.a.sign_out(user, trail(9_000, Event::SessionsEnded)).await?);
    bench.delete(1, trail(20_000, Event::UserDeleted)).await?;
    let expected = [
        Event::UserDeleted,
        Event::SessionsEnded,
        Event::PasswordChanged,
        Event::UserUnlocked,
        Event::UserLocked,
        Event::SessionsEnded,
        Event::UserExported,
        Event::PasswordChanged,
        Event::SessionRevoked,
        Event::SessionOpened,
        Event::SessionOpened,
        Event::SessionOpened,
        Event::UserRegistered,
    ];
    assert_eq!(bench.events().await?, expected.map(Event::name));
    Ok(())
}

pub(crate) async fn the_trail_is_given_page_by_page_and_by_user(bench: &Bench) -> Outcome {
    let before = bench.b.now().await?;
    for number in 1..=5 {
        bench.register(number).await?;
    }
    let mut pages = Vec::new();
    let mut oldest = None;
    loop {
        let page = bench.b.events(None, oldest, 2).await?;
        let Some(last) = page.last() else { break };
        oldest = Some(last.id);
        pages.push(page.iter().map(|row| row.id).collect::<Vec<_>>());
    }
    let expected: [&[u128]; 3] = [&[5, 4], &[3, 2], &[1]];
    let expected = expected.map(|page| page.iter().copied().map(event_id).collect::<Vec<_>>());
    assert_eq!(pages, expected);

    let hers = bench.b.events(Some(user_id(3)), None, 10).await?;
    assert_eq!(hers.len(), 1);
    let written = trail(3, Event::UserRegistered);
    assert_eq!((hers[0].id, hers[0].user, hers[0].session), (written.id, user_id(3), None));
    assert_eq!((hers[0].event.as_str(), hers[0].actor.as_str()), ("user.registered", "user"));
    assert_eq!(hers[0].address, written.address);
    assert_eq!(hers[0].request_id, written.request_id);
    assert!(hers[0].at >= before && hers[0].at <= bench.b.now().await?);
    assert_eq!(bench.b.events(Some(user_id(9)), None, 10).await?, []);
    Ok(())
}
