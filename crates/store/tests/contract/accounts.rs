//! Accounts: made once, found by every name, listed, exported, deleted.

use futures_util::future::join_all;
use tokenhouse_rules::audit::Event;
use tokenhouse_store::{NewUser, Registered, Removed};

use crate::Outcome;
use crate::bench::{Bench, is_done, some_trail};
use crate::make::{
    email, event_id, first_hash, key, name, person, session, session_id, sign_in, trail, user_id,
};

pub(crate) async fn a_registered_user_signs_in_at_the_other_process_by_every_name(
    bench: &Bench,
) -> Outcome {
    let names = vec![name(1), email(1)];
    assert!(bench.a.registration_facts(names.clone(), None).await?.taken.is_empty());
    bench.register(1).await?;
    let mut taken =
        bench.b.registration_facts([names.clone(), vec![name(2)]].concat(), None).await?.taken;
    taken.sort();
    assert_eq!(taken, names);
    for name in names {
        let facts = bench.b.sign_in_facts(sign_in(&name)).await?;
        let credential = facts.credential.expect("the account is there");
        assert_eq!(credential.user.id, user_id(1));
        assert_eq!(credential.user.username, "Person1");
        assert_eq!(credential.user.email.as_deref(), Some("Person1@Example.org"));
        assert_eq!(credential.hash, first_hash(1));
        assert!(facts.now >= credential.user.created_at);
    }
    assert!(bench.b.sign_in_facts(sign_in(&name(2))).await?.credential.is_none());
    Ok(())
}

pub(crate) async fn a_taken_name_leaves_nothing_behind(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    let now = bench.b.now().await?;
    // Her user name is free, her address is taken.
    let second = NewUser {
        names: vec![name(2), email(1)],
        session: Some(session(5, now)),
        ..person(2, now)
    };
    assert_eq!(bench.b.register(second).await?, Registered::Taken(vec![email(1)]));
    assert!(bench.a.user(user_id(2)).await?.is_none());
    assert!(bench.a.registration_facts(vec![name(2)], None).await?.taken.is_empty());
    for table in ["users", "passwords", "audit_events"] {
        assert_eq!(bench.rows(table).await, 1, "{table}");
    }
    assert_eq!(bench.rows("sessions").await, 0);
    assert_eq!(bench.rows("login_names").await, 2);
    Ok(())
}

pub(crate) async fn repeating_a_registration_with_the_same_id_is_done(bench: &Bench) -> Outcome {
    let now = bench.a.now().await?;
    let new = NewUser { session: Some(session(5, now)), ..person(1, now) };
    assert_eq!(bench.a.register(new.clone()).await?, Registered::Done);
    assert_eq!(bench.b.register(new).await?, Registered::Done);
    for table in ["users", "sessions", "audit_events"] {
        assert_eq!(bench.rows(table).await, 1, "{table}");
    }
    assert!(bench.is_alive(5).await?);
    Ok(())
}

/// Identifiers are random; should two meet all the same, no name is taken by that.
pub(crate) async fn a_registration_is_refused_for_its_names_only(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    let now = bench.a.now().await?;
    let second = NewUser {
        session: Some(session(5, now)),
        trail: trail(1, Event::UserRegistered),
        ..person(2, now)
    };
    assert_eq!(bench.b.register(second).await?, Registered::Done);
    assert!(bench.a.user(user_id(2)).await?.is_some());
    assert!(bench.is_alive(5).await?, "the session stays whose it was");
    assert_eq!(bench.rows("sessions").await, 1);
    assert_eq!(bench.rows("audit_events").await, 2);
    Ok(())
}

pub(crate) async fn of_two_registrations_at_once_the_loser_is_told_which_name_was_taken(
    bench: &Bench,
) -> Outcome {
    let now = bench.a.now().await?;
    for number in 0..30 {
        let (first, second) = (2 * number, 2 * number + 1);
        let wanted = if number % 2 == 0 { name(first) } else { email(first) };
        let loser = NewUser { names: vec![wanted.clone(), email(second)], ..person(second, now) };
        let (a, b) = tokio::join!(bench.a.register(person(first, now)), bench.b.register(loser));
        let outcomes = [a?, b?];
        assert!(outcomes.contains(&Registered::Done), "{outcomes:?}");
        assert!(outcomes.contains(&Registered::Taken(vec![wanted])), "{outcomes:?}");
    }
    Ok(())
}

pub(crate) async fn eight_registrations_of_one_name_have_one_winner(bench: &Bench) -> Outcome {
    let now = bench.a.now().await?;
    let attempts = (1..=8).map(|number| {
        let new =
            NewUser { names: vec![email(number), "wanted".to_owned()], ..person(number, now) };
        bench.either(usize::try_from(number).expect("a small number")).register(new)
    });
    let outcomes = join_all(attempts).await.into_iter().collect::<Result<Vec<_>, _>>()?;
    let winners = outcomes.iter().filter(|outcome| **outcome == Registered::Done).count();
    assert_eq!(winners, 1, "{outcomes:?}");
    for table in ["users", "passwords", "audit_events"] {
        assert_eq!(bench.rows(table).await, 1, "{table}");
    }
    assert_eq!(bench.rows("login_names").await, 2);
    Ok(())
}

pub(crate) async fn a_user_is_found_by_id_and_by_each_of_her_names(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    bench.register(2).await?;
    let user = bench.b.user(user_id(1)).await?.expect("she is there");
    assert_eq!((user.id, user.version, user.locked_at), (user_id(1), 1, None));
    assert_eq!(bench.b.user_by_name(&name(1)).await?.as_ref(), Some(&user));
    assert_eq!(bench.b.user_by_name(&email(1)).await?.as_ref(), Some(&user));
    assert_eq!(bench.b.user_by_name("nobody").await?, None);
    assert_eq!(bench.b.user(user_id(3)).await?, None);
    Ok(())
}

pub(crate) async fn users_are_given_page_by_page(bench: &Bench) -> Outcome {
    for number in [3, 1, 5, 2, 4] {
        bench.register(number).await?;
    }
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = bench.b.users(after, 2).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        pages.push(page.iter().map(|user| user.id).collect::<Vec<_>>());
    }
    let expected: [&[u128]; 3] = [&[1, 2], &[3, 4], &[5]];
    let expected = expected.map(|page| page.iter().copied().map(user_id).collect::<Vec<_>>());
    assert_eq!(pages, expected);
    Ok(())
}

pub(crate) async fn deleting_a_user_removes_everything_but_the_trail(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5, 6]).await?;
    bench.register(2).await?;
    let deleted = trail(9_000, Event::UserDeleted);
    bench.delete(1, deleted.clone()).await?;
    assert!(!bench.is_alive(5).await? && !bench.is_alive(6).await?);
    assert_eq!(bench.b.user(user_id(1)).await?, None);
    for table in ["users", "passwords"] {
        assert_eq!(bench.rows(table).await, 1, "{table}: person 2 stays");
    }
    assert_eq!(bench.rows("sessions").await, 0);
    assert_eq!(bench.rows("login_names").await, 2);
    let events = bench.b.events(Some(user_id(1)), None, 10).await?;
    let names: Vec<_> = events.iter().map(|row| row.event.as_str()).collect();
    assert_eq!(names, ["user.deleted", "session.opened", "session.opened", "user.registered"]);
    let again = bench.b.delete_user(user_id(1), None, None, deleted).await?;
    assert_eq!(again, Removed::Changed, "she is gone already");
    assert_eq!(bench.b.registration_facts(vec![name(1), email(1)], None).await?.taken, [""; 0]);
    Ok(())
}

pub(crate) async fn a_user_is_deleted_only_in_the_epoch_she_was_judged_in(
    bench: &Bench,
) -> Outcome {
    bench.register(1).await?;
    let judged = bench.credential(1).await?.epoch;
    assert!(bench.b.sign_out(user_id(1), some_trail(1)).await?);
    let deleted = trail(11_000, Event::UserDeleted);
    let early = bench.a.delete_user(user_id(1), Some(judged), None, deleted.clone()).await?;
    assert_eq!(early, Removed::Changed);
    assert!(bench.b.user(user_id(1)).await?.is_some());
    assert_eq!(bench.rows("audit_events").await, 2, "a refused deletion is no event");
    let current = bench.credential(1).await?.epoch;
    let removed = bench.a.delete_user(user_id(1), Some(current), None, deleted).await?;
    assert_eq!(removed, Removed::Done);
    assert!(bench.b.user(user_id(1)).await?.is_none());
    Ok(())
}

pub(crate) async fn an_export_holds_everything_about_one_user(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5, 6]).await?;
    bench.register(2).await?;
    bench.open(2, 7).await?;
    let body = r#"{"colour":"grün"}"#;
    assert!(is_done(&bench.a.write_data(&key(5, 1), body.to_owned(), None).await?));
    let exported = trail(9_000, Event::UserExported);
    let export = bench.b.export(&key(5, 1), exported.clone()).await?.expect("a living session");
    assert_eq!(Some(&export.user), bench.a.user(user_id(1)).await?.as_ref());
    assert_eq!(export.body, body);
    let sessions: Vec<_> = export.sessions.iter().map(|session| session.id).collect();
    assert_eq!(sessions, [session_id(5), session_id(6)]);
    let events: Vec<_> = export.events.iter().map(|row| row.id).collect();
    assert_eq!(events, [9_000, 1_006, 1_005, 1].map(event_id), "the export itself is in it");
    assert!(export.events.iter().all(|row| row.user == user_id(1)));

    bench.a.sign_out(user_id(1), some_trail(1)).await?;
    assert!(bench.b.export(&key(5, 1), trail(12_000, Event::UserExported)).await?.is_none());
    assert_eq!(bench.b.events(Some(user_id(1)), None, 1).await?[0].id, some_trail(1).id);
    Ok(())
}

/// Every session is opened together with its event, so what an export tells of them must agree.
pub(crate) async fn an_export_shows_everything_as_it_was_at_one_instant(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    let opening = async {
        for number in 6..106 {
            bench.open(1, number).await?;
        }
        Ok::<_, tokenhouse_store::Error>(())
    };
    let exporting = async {
        // As long as sessions are being opened, and once after that.
        let mut number = 0;
        let mut seen = 0;
        while seen < 101 {
            let asked = trail(20_000 + number, Event::UserExported);
            let export = bench.b.export(&key(5, 1), asked).await?.expect("a living session");
            seen = export.events.iter().filter(|row| row.event == "session.opened").count();
            assert_eq!(export.sessions.len(), seen);
            number += 1;
        }
        Ok(())
    };
    tokio::try_join!(opening, exporting)?;
    Ok(())
}
