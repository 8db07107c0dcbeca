//! Codes: issued on the word of a living session, redeemed once, dead with what they stand on.

use std::time::Duration;

use futures_util::future::join_all;
use tokenhouse_rules::audit::Event;
use tokenhouse_store::{ChangePassword, NewCode, Redeem, Redeemed, Result, SessionKey, Target};

use crate::Outcome;
use crate::applications::{
    AUTHORIZED, client_id, code, code_id, consented, digest, disable, lives, make_client,
    make_grant, person_and_client, redeem,
};
use crate::bench::{Bench, some_trail};
use crate::make::{key, session_id, trail, user_id};

/// Whether the code of that number may be redeemed, as process B finds it.
async fn is_open(bench: &Bench, number: u128) -> Result<bool> {
    let facts = bench.b.code_facts(&client_id(1), code_id(number)).await?;
    Ok(facts.code.expect("it is there").open)
}

/// Nobody redeems the code of that number, and nothing comes of it.
async fn assert_dead(bench: &Bench, number: u128) -> Outcome {
    assert!(!is_open(bench, number).await?, "code {number}");
    assert_eq!(bench.a.redeem_code(redeem(number, number)).await?, Redeemed::Gone);
    assert!(!lives(bench, number).await?);
    assert_eq!(bench.rows("audit_events WHERE event = 'grant.created'").await, 0);
    Ok(())
}

pub(crate) async fn a_code_issued_here_is_known_there(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_client(bench, 2).await?;
    assert!(bench.a.issue_code(code(1)).await?);
    let before = bench.b.now().await?;
    let facts = bench.b.code_facts(&client_id(1), code_id(1)).await?;
    assert!(facts.now >= before);
    assert_eq!(facts.client.map(|client| client.id), Some(client_id(1)));
    let found = facts.code.expect("it is there");
    assert_eq!((found.secret_hash, found.client), (digest(1), client_id(1)));
    assert_eq!((found.authorized.as_str(), found.session), (AUTHORIZED, session_id(5)));
    assert_eq!((found.open, found.used), (true, false));
    assert_eq!(found.owner.user.id, user_id(1));
    let facts = bench.b.code_facts(&client_id(2), code_id(1)).await?;
    assert_eq!(facts.client.map(|client| client.id), Some(client_id(2)), "who presents it");
    assert_eq!(facts.code.map(|code| code.client), Some(client_id(1)), "whose it is");
    let facts = bench.b.code_facts("nobody", code_id(9)).await?;
    assert!(facts.client.is_none() && facts.code.is_none());
    assert_eq!(bench.rows("audit_events WHERE event LIKE 'consent.%'").await, 0);
    Ok(())
}

pub(crate) async fn a_code_is_issued_on_the_word_of_a_living_session(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_client(bench, 2).await?;
    disable(bench, 2).await?;
    let wrong = SessionKey { secret_hash: digest(9), ..key(5, 1) };
    for refused in [
        NewCode { session: wrong, ..consented(1, "openid") },
        NewCode { session: key(5, 2), ..consented(1, "openid") },
        NewCode { session: key(6, 1), ..consented(1, "openid") },
        NewCode { client: client_id(2), ..consented(1, "openid") },
        NewCode { client: "nobody".to_owned(), ..consented(1, "openid") },
    ] {
        assert!(!bench.a.issue_code(refused.clone()).await?, "{refused:?}");
    }
    bench.b.end_sessions(&key(5, 1), Target::This, some_trail(1)).await?;
    assert!(!bench.a.issue_code(consented(1, "openid")).await?);
    assert_eq!((bench.rows("codes").await, bench.rows("consents").await), (0, 0));
    assert_eq!(bench.rows("audit_events WHERE event = 'consent.given'").await, 0);
    Ok(())
}

pub(crate) async fn a_code_is_redeemed_once_but_for_its_own_repetition(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    assert!(bench.a.issue_code(code(1)).await?);
    for by in [&bench.b, &bench.a] {
        assert_eq!(by.redeem_code(redeem(1, 1)).await?, Redeemed::Done);
        assert!(lives(bench, 1).await?);
    }
    let facts = bench.a.code_facts(&client_id(1), code_id(1)).await?;
    let found = facts.code.expect("it is there");
    assert_eq!((found.open, found.used), (false, true));
    assert_eq!(bench.rows("grants").await, 1);
    let event = bench.b.events(Some(user_id(1)), None, 1).await?.remove(0);
    assert_eq!((event.event.as_str(), event.session), ("grant.created", Some(session_id(5))));

    for by in [2, 3, 1] {
        assert_eq!(bench.b.redeem_code(redeem(1, by)).await?, Redeemed::Replayed);
        assert!(!lives(bench, 1).await?, "what was issued for it has ended");
    }
    assert_eq!(bench.rows("audit_events WHERE event = 'grant.created'").await, 1);
    assert_eq!(bench.rows("audit_events WHERE event = 'code.replayed'").await, 1);
    assert_eq!(bench.a.redeem_code(redeem(9, 4)).await?, Redeemed::Gone, "there is none such");
    Ok(())
}

pub(crate) async fn eight_redemptions_of_one_code_at_once_have_one_winner_and_end_its_grant(
    bench: &Bench,
) -> Outcome {
    person_and_client(bench).await?;
    for round in 1..=5u128 {
        assert!(bench.a.issue_code(code(round)).await?);
        let uses = (0..8u128).map(|by| {
            let redeem = redeem(round, 10 * round + by);
            bench.either(usize::from(by % 2 == 0)).redeem_code(redeem)
        });
        let redeemed = join_all(uses).await.into_iter().collect::<Result<Vec<_>>>()?;
        let count = |how: Redeemed| redeemed.iter().filter(|redeemed| **redeemed == how).count();
        assert_eq!(count(Redeemed::Done), 1, "{redeemed:?}");
        assert_eq!(count(Redeemed::Replayed), 7, "{redeemed:?}");
        assert!(!lives(bench, round).await?);
    }
    assert_eq!(bench.rows("grants").await, 5);
    assert_eq!(bench.rows("audit_events WHERE event = 'grant.created'").await, 5);
    assert_eq!(bench.rows("audit_events WHERE event = 'code.replayed'").await, 5);
    Ok(())
}

pub(crate) async fn a_code_is_redeemed_by_its_own_client_only(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_client(bench, 2).await?;
    assert!(bench.a.issue_code(code(1)).await?);
    let theirs = |by| Redeem { client: client_id(2), ..redeem(1, by) };
    assert_eq!(bench.b.redeem_code(theirs(2)).await?, Redeemed::Gone);
    assert!(is_open(bench, 1).await?, "it is left to its own");
    assert_eq!(bench.a.redeem_code(redeem(1, 1)).await?, Redeemed::Done);
    assert_eq!(bench.b.redeem_code(theirs(3)).await?, Redeemed::Gone);
    assert!(lives(bench, 1).await?, "nobody ends the grant of another");
    Ok(())
}

pub(crate) async fn a_code_ends_with_the_session_it_was_issued_in(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    bench.open(1, 6).await?;
    assert!(bench.a.issue_code(code(1)).await?);
    assert!(bench.a.issue_code(code(2)).await?);
    assert!(is_open(bench, 1).await?);
    bench.b.end_sessions(&key(5, 1), Target::This, some_trail(1)).await?;
    assert_dead(bench, 1).await?;
    let offline = Redeem { offline: true, ..redeem(2, 2) };
    assert_eq!(bench.b.redeem_code(offline).await?, Redeemed::Gone, "nothing to outlast");
    let other = NewCode { session: key(6, 1), ..code(3) };
    assert!(bench.a.issue_code(other).await?);
    bench.age("sessions", "live_until").await;
    assert_dead(bench, 3).await
}

pub(crate) async fn a_code_ends_with_all_sessions_of_its_user(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    assert!(bench.a.issue_code(code(1)).await?);
    let change = ChangePassword {
        session: session_id(5),
        user: user_id(1),
        epoch: bench.credential(1).await?.epoch,
        hash: "$new".to_owned(),
        refunds: Vec::new(),
        mail: None,
        trail: some_trail(1),
    };
    assert!(bench.a.change_password(change).await?);
    assert!(bench.is_alive(5).await?, "the session that asked goes on");
    assert_dead(bench, 1).await?;

    assert!(bench.a.issue_code(code(2)).await?);
    assert!(bench.b.lock_user(user_id(1), true, some_trail(2)).await?);
    assert_dead(bench, 2).await?;
    assert!(bench.b.lock_user(user_id(1), false, some_trail(3)).await?);
    assert_dead(bench, 2).await?;

    bench.open(1, 6).await?;
    assert!(bench.a.issue_code(NewCode { session: key(6, 1), ..code(3) }).await?);
    assert!(bench.b.sign_out(user_id(1), some_trail(4)).await?);
    assert_dead(bench, 3).await
}

pub(crate) async fn a_code_of_a_disabled_client_is_not_redeemed(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    assert!(bench.a.issue_code(code(1)).await?);
    disable(bench, 1).await?;
    let facts = bench.b.code_facts(&client_id(1), code_id(1)).await?;
    assert!(facts.client.expect("it is there").disabled_at.is_some());
    assert_eq!(bench.b.redeem_code(redeem(1, 1)).await?, Redeemed::Gone);
    assert_eq!(bench.rows("grants").await, 0);
    Ok(())
}

pub(crate) async fn a_code_past_its_time_is_not_redeemed(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    let over = NewCode { lifetime: Duration::ZERO, ..code(1) };
    assert!(bench.a.issue_code(over).await?);
    assert_dead(bench, 1).await?;
    // Used in time, it is still known to have been used.
    make_grant(bench, 2, false).await?;
    bench.age("codes", "expires_at").await;
    assert_eq!(bench.b.redeem_code(redeem(2, 2)).await?, Redeemed::Done, "its own repetition");
    assert_eq!(bench.b.redeem_code(redeem(2, 3)).await?, Redeemed::Replayed);
    assert!(!lives(bench, 2).await?);
    Ok(())
}

pub(crate) async fn a_code_goes_with_its_user(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    assert!(bench.a.issue_code(consented(1, "openid")).await?);
    make_grant(bench, 2, true).await?;
    bench.delete(1, trail(9_000, Event::UserDeleted)).await?;
    for table in ["codes", "grants", "consents"] {
        assert_eq!(bench.rows(table).await, 0, "{table}");
    }
    assert_eq!(bench.b.redeem_code(redeem(1, 1)).await?, Redeemed::Gone);
    assert_eq!(bench.rows("clients").await, 1);
    Ok(())
}

/// What she agreed to for client 1, as session 5 finds it at process B.
async fn consent(bench: &Bench) -> Result<Option<String>> {
    let facts = bench.b.authorize_facts(&client_id(1), Some(&key(5, 1))).await?;
    Ok(facts.signed_in.expect("a living session").consent)
}

pub(crate) async fn what_she_agrees_to_is_remembered_with_the_code(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_client(bench, 2).await?;
    assert_eq!(consent(bench).await?, None);
    assert!(bench.a.issue_code(consented(1, "openid")).await?);
    assert_eq!(consent(bench).await?.as_deref(), Some("openid"));
    let event = bench.b.events(Some(user_id(1)), None, 1).await?.remove(0);
    assert_eq!((event.event.as_str(), event.session), ("consent.given", Some(session_id(5))));
    assert!(bench.a.issue_code(code(2)).await?);
    assert_eq!(consent(bench).await?.as_deref(), Some("openid"), "nothing else was said");
    let since = bench.b.applications(&key(5, 1)).await?.expect("a living session")[0].since;
    assert!(bench.b.issue_code(consented(3, "email openid")).await?);
    assert_eq!(consent(bench).await?.as_deref(), Some("email openid"));
    let found = bench.a.applications(&key(5, 1)).await?.expect("a living session");
    assert_eq!((found.len(), found[0].since), (1, since), "connected since the first time");
    let other = bench.b.authorize_facts(&client_id(2), Some(&key(5, 1))).await?;
    assert_eq!(other.signed_in.expect("a living session").consent, None, "another client");
    assert_eq!(bench.rows("audit_events WHERE event = 'consent.given'").await, 2);
    Ok(())
}

/// Who is signed out while her code is redeemed has a grant that is dead, or none.
pub(crate) async fn signing_out_while_a_code_is_redeemed_leaves_no_living_grant(
    bench: &Bench,
) -> Outcome {
    bench.register(1).await?;
    make_client(bench, 1).await?;
    for round in 1..=20u128 {
        let session = 100 + round;
        bench.open(1, session).await?;
        let issued = NewCode { session: key(session, 1), ..code(round) };
        assert!(bench.a.issue_code(issued).await?);
        let offline = Redeem { offline: true, ..redeem(round, round) };
        let (redeemed, signed_out) = tokio::join!(
            bench.a.redeem_code(offline),
            bench.b.sign_out(user_id(1), some_trail(round)),
        );
        // Either order is right.
        assert_ne!(redeemed?, Redeemed::Replayed);
        assert!(signed_out?);
        assert!(!lives(bench, round).await?);
    }
    Ok(())
}
