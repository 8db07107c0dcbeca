//! What is judged when a person comes from an application or to a service behind a proxy, and which applications
//! she is connected with.

use tokenhouse_rules::audit::Event;
use tokenhouse_store::{
    AccessFacts, Ended, NewCode, Redeem, Redeemed, Result, SaveClient, Saved, SessionKey, Target,
};

use crate::Outcome;
use crate::applications::{
    change, client, client_id, code, consented, digest, disable, generation, grant_key, lives,
    make_client, make_grant, make_grant_by, person_and_client, redeem, refresh, revoke,
};
use crate::bench::{Bench, some_trail};
use crate::make::{key, session_id, trail, user_id};

pub(crate) async fn who_asks_is_told_by_a_living_session(bench: &Bench) -> Outcome {
    bench.register_confirmed(1).await?;
    bench.open(1, 5).await?;
    make_client(bench, 1).await?;
    let language = Some("de".to_owned());
    assert!(bench.a.choose(&key(5, 1), language.clone(), None).await?);
    let facts = bench.b.authorize_facts(&client_id(1), Some(&key(5, 1))).await?;
    assert_eq!(facts.client.map(|client| client.id), Some(client_id(1)));
    let found = facts.signed_in.expect("a living session");
    assert_eq!(Some(found.owner.user), bench.a.user(user_id(1)).await?);
    assert!(found.owner.email_confirmed);
    assert_eq!((found.owner.language, found.owner.claims), (language, None));
    assert_eq!((found.owner.groups, found.consent), (Vec::new(), None));
    assert_eq!(found.epoch, bench.credential(1).await?.epoch);
    let session = bench.a.user_sessions(user_id(1)).await?.remove(0);
    assert_eq!((session.id, session.created_at), (session_id(5), found.since));
    assert!(found.since <= facts.now);
    let read = bench.a.session_with_data(&key(5, 1)).await?.expect("a living session");
    assert_eq!(facts.expiry, Some(read.expiry));
    Ok(())
}

pub(crate) async fn nobody_is_told_by_a_session_that_is_not_alive(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    let wrong = SessionKey { secret_hash: digest(9), ..key(5, 1) };
    for session in [None, Some(wrong), Some(key(5, 2)), Some(key(6, 1))] {
        let facts = bench.b.authorize_facts(&client_id(1), session.as_ref()).await?;
        assert!(facts.client.is_some() && facts.signed_in.is_none(), "{session:?}");
        assert!(facts.expiry.is_none());
    }
    let facts = bench.b.authorize_facts("nobody", Some(&key(5, 1))).await?;
    assert!(facts.client.is_none() && facts.signed_in.is_some());
    disable(bench, 1).await?;
    let facts = bench.b.authorize_facts(&client_id(1), Some(&key(5, 1))).await?;
    assert!(facts.client.expect("it is there").disabled_at.is_some());
    bench.a.end_sessions(&key(5, 1), Target::This, some_trail(1)).await?;
    let facts = bench.b.authorize_facts(&client_id(1), Some(&key(5, 1))).await?;
    assert!(facts.signed_in.is_none());
    Ok(())
}

/// What process B is told of a request to a host by session 5.
async fn at(bench: &Bench, host: &str) -> Result<AccessFacts> {
    bench.b.access_facts(host, Some(&key(5, 1))).await
}

pub(crate) async fn a_host_finds_its_client_and_who_asks(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    let with_host = SaveClient { hosts: vec!["a.example.org".to_owned()], ..change(1, 1) };
    assert_eq!(bench.a.save_client(with_host).await?, Saved::Done(2));
    assert!(bench.a.issue_code(consented(1, "openid")).await?);
    let facts = at(bench, "a.example.org").await?;
    assert_eq!(facts.client.map(|client| client.id), Some(client_id(1)));
    let found = facts.signed_in.expect("a living session");
    assert_eq!((found.owner.user.id, found.consent.as_deref()), (user_id(1), Some("openid")));
    let read = bench.a.session_with_data(&key(5, 1)).await?.expect("a living session");
    assert_eq!(facts.expiry, Some(read.expiry));

    let facts = at(bench, "b.example.org").await?;
    assert!(facts.client.is_none() && facts.signed_in.is_some());
    for session in [None, Some(key(6, 1))] {
        let facts = bench.b.access_facts("a.example.org", session.as_ref()).await?;
        assert!(facts.client.is_some() && facts.signed_in.is_none() && facts.expiry.is_none());
    }
    let disabled =
        SaveClient { hosts: vec!["a.example.org".to_owned()], disabled: true, ..change(1, 2) };
    assert_eq!(bench.a.save_client(disabled).await?, Saved::Done(3));
    let found = at(bench, "a.example.org").await?.client.expect("it is there");
    assert!(found.disabled_at.is_some());
    Ok(())
}

pub(crate) async fn a_host_is_found_by_its_name_or_else_by_its_longest_end(
    bench: &Bench,
) -> Outcome {
    person_and_client(bench).await?;
    for (number, host) in
        [(2, "*.example.org"), (3, "*.inner.example.org"), (4, "a.inner.example.org")]
    {
        let new = SaveClient { hosts: vec![host.to_owned()], ..client(number) };
        assert_eq!(bench.a.save_client(new).await?, Saved::Done(1));
    }
    for (host, number) in [
        ("a.inner.example.org", Some(4)),
        ("b.inner.example.org", Some(3)),
        ("inner.example.org", Some(2)),
        ("a.b.example.org", Some(2)),
        ("example.org", None),
        ("a.example.com", None),
    ] {
        let found = at(bench, host).await?.client.map(|client| client.id);
        assert_eq!(found, number.map(client_id), "{host}");
    }
    Ok(())
}

pub(crate) async fn she_is_connected_by_consent_or_by_a_living_grant(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    for number in [2, 3, 4] {
        make_client(bench, number).await?;
    }
    bench.register(2).await?;
    bench.open(2, 8).await?;
    let before = bench.b.now().await?;
    // Client 1 has her consent alone, client 2 a grant alone, client 3 both; client 4 has another person's.
    assert!(bench.a.issue_code(consented(1, "openid")).await?);
    for (number, consent) in [(2, None), (3, Some("email openid".to_owned()))] {
        let client = client_id(number);
        let code = NewCode { client: client.clone(), consent, ..code(number) };
        let redeem = Redeem { client, offline: true, ..redeem(number, number) };
        make_grant_by(bench, code, redeem).await?;
    }
    let theirs = NewCode { client: client_id(4), session: key(8, 2), ..consented(4, "openid") };
    assert!(bench.a.issue_code(theirs).await?);
    let now = bench.b.now().await?;
    let found = bench.b.applications(&key(5, 1)).await?.expect("a living session");
    let told: Vec<_> = found.iter().map(|it| (it.client.id.as_str(), it.scope.as_str())).collect();
    assert_eq!(told, [("client1", "openid"), ("client2", ""), ("client3", "email openid")]);
    assert!(found.iter().all(|it| it.since >= before && it.since <= now));
    let used: Vec<_> = found.iter().map(|it| it.last_used_at.is_some()).collect();
    assert_eq!(used, [false, true, true]);
    assert!(found[1].last_used_at >= Some(before) && found[1].last_used_at <= Some(now));
    bench.a.end_sessions(&key(5, 1), Target::This, some_trail(1)).await?;
    assert!(bench.b.applications(&key(5, 1)).await?.is_none());
    Ok(())
}

pub(crate) async fn a_connection_was_last_used_when_it_was_last_given_a_token(
    bench: &Bench,
) -> Outcome {
    person_and_client(bench).await?;
    let used = async || -> Result<_> {
        let found = bench.b.applications(&key(5, 1)).await?.expect("a living session");
        Ok(found.first().and_then(|it| it.last_used_at))
    };
    make_grant(bench, 1, true).await?;
    let first = used().await?;
    let refreshed = bench.a.refresh(refresh(1, 0)).await?;
    assert_eq!(generation(&refreshed), Some(1));
    assert!(used().await? > first);
    revoke(bench, 1).await?;
    assert_eq!(used().await?, None);
    assert_eq!(bench.b.applications(&key(5, 1)).await?.map(|found| found.len()), Some(0));
    Ok(())
}

pub(crate) async fn disconnecting_forgets_consent_and_ends_grants_and_codes(
    bench: &Bench,
) -> Outcome {
    person_and_client(bench).await?;
    make_client(bench, 2).await?;
    bench.register(2).await?;
    bench.open(2, 8).await?;
    let theirs = NewCode { session: key(8, 2), ..consented(9, "openid") };
    let keeps = Redeem { offline: true, ..redeem(9, 9) };
    make_grant_by(bench, theirs, keeps).await?;
    make_grant_by(bench, consented(1, "openid"), redeem(1, 1)).await?;
    make_grant(bench, 2, true).await?;
    assert!(bench.a.issue_code(code(3)).await?);
    let elsewhere = NewCode { client: client_id(2), ..code(4) };
    let stays = Redeem { client: client_id(2), offline: true, ..redeem(4, 4) };
    make_grant_by(bench, elsewhere, stays).await?;

    let revoked = |number: u128| trail(60_000 + number, Event::GrantRevoked);
    let done = bench.b.disconnect(&key(5, 1), &client_id(1), revoked(1)).await?;
    assert_eq!(done, Ended::Done);
    assert!(!lives(bench, 1).await? && !lives(bench, 2).await?);
    assert_eq!(bench.a.redeem_code(redeem(3, 3)).await?, Redeemed::Gone);
    let facts = bench.a.authorize_facts(&client_id(1), Some(&key(5, 1))).await?;
    assert_eq!(facts.signed_in.expect("a living session").consent, None);
    assert!(lives(bench, 4).await?, "another application goes on");
    assert!(bench.a.grant(&grant_key(9)).await?.is_some(), "and another person's grant");
    let event = bench.a.events(Some(user_id(1)), None, 1).await?.remove(0);
    assert_eq!((event.id, event.session), (revoked(1).id, Some(session_id(5))));

    let again = bench.a.disconnect(&key(5, 1), &client_id(1), revoked(2)).await?;
    assert_eq!(again, Ended::NoSuch);
    let nobody = bench.a.disconnect(&key(5, 1), "nobody", revoked(3)).await?;
    assert_eq!(nobody, Ended::NoSuch);
    let dead = bench.a.disconnect(&key(6, 1), &client_id(2), revoked(4)).await?;
    assert_eq!(dead, Ended::NoSession);
    assert!(lives(bench, 4).await?);
    assert_eq!(bench.rows("audit_events WHERE event = 'grant.revoked'").await, 1);
    Ok(())
}
