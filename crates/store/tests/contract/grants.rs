//! Grants: what lives, what ends them, what is known of a token, and what is used once.

use std::time::Duration;

use futures_util::future::join_all;
use tokenhouse_rules::audit::Event;
use tokenhouse_store::{
    ChangePassword, Done, GrantKey, GrantLifetime, Introspected, Introspection, NewCode,
    NewSigningKey, Redeem, Refreshed, Result, Saved, Subject, Target,
};

use crate::Outcome;
use crate::applications::{
    AUTHORIZED, DAY, change, client_id, code, consented, digest, disable, grant_id, grant_key,
    lives, make_client, make_grant, make_grant_by, person_and_client, redeem, refresh, revoke,
    secret,
};
use crate::bench::{Bench, some_trail};
use crate::make::{HOUR, key, session_id, trail, user_id};

pub(crate) async fn a_grant_is_found_by_its_tokens_with_its_person(bench: &Bench) -> Outcome {
    bench.register_confirmed(1).await?;
    bench.open(1, 5).await?;
    make_client(bench, 1).await?;
    make_grant(bench, 1, false).await?;
    let found = bench.b.grant(&grant_key(1)).await?.expect("it lives");
    assert_eq!((found.id, found.session), (grant_id(1), Some(session_id(5))));
    assert_eq!((found.client.id, found.authorized.as_str()), (client_id(1), AUTHORIZED));
    assert!(found.live_until > found.now && found.live_until <= found.now.plus(HOUR));
    assert!(found.expires_at > found.now.plus(HOUR) && found.expires_at <= found.now.plus(DAY));
    assert_eq!(Some(found.owner.user), bench.a.user(user_id(1)).await?);
    assert!(found.owner.email_confirmed);
    assert_eq!((found.owner.language, found.owner.claims), (None, None));
    make_grant(bench, 2, true).await?;
    let found = bench.a.grant(&grant_key(2)).await?.expect("it lives");
    assert_eq!(found.session, None, "it outlasts the session");
    assert!(bench.a.grant(&grant_key(9)).await?.is_none());
    Ok(())
}

pub(crate) async fn a_grant_ends_with_its_session_and_an_offline_one_does_not(
    bench: &Bench,
) -> Outcome {
    person_and_client(bench).await?;
    bench.open(1, 6).await?;
    make_grant(bench, 1, false).await?;
    make_grant(bench, 2, true).await?;
    let other = NewCode { session: key(6, 1), ..code(3) };
    make_grant_by(bench, other, redeem(3, 3)).await?;
    bench.a.end_sessions(&key(5, 1), Target::This, some_trail(1)).await?;
    assert!(!lives(bench, 1).await?);
    assert!(lives(bench, 2).await? && lives(bench, 3).await?);
    bench.age("sessions", "live_until").await;
    assert!(!lives(bench, 3).await?, "a session that was not used has ended too");
    assert!(lives(bench, 2).await?);
    Ok(())
}

/// A grant of that number that ends with its session, and the next one, which is offline.
async fn both(bench: &Bench, number: u128, session: u128) -> Outcome {
    for (number, offline) in [(number, false), (number + 1, true)] {
        let code = NewCode { session: key(session, 1), ..code(number) };
        make_grant_by(bench, code, Redeem { offline, ..redeem(number, number) }).await?;
        assert!(lives(bench, number).await?);
    }
    Ok(())
}

pub(crate) async fn what_ends_all_sessions_ends_all_grants(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    both(bench, 1, 5).await?;
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
    assert!(!lives(bench, 1).await? && !lives(bench, 2).await?);

    both(bench, 3, 5).await?;
    assert!(bench.b.sign_out(user_id(1), some_trail(2)).await?);
    assert!(!lives(bench, 3).await? && !lives(bench, 4).await?);

    bench.open(1, 6).await?;
    both(bench, 5, 6).await?;
    assert!(bench.b.lock_user(user_id(1), true, some_trail(3)).await?);
    assert!(!lives(bench, 5).await? && !lives(bench, 6).await?);
    assert!(bench.b.lock_user(user_id(1), false, some_trail(4)).await?);
    assert!(!lives(bench, 5).await? && !lives(bench, 6).await?, "unlocking revives nothing");
    Ok(())
}

pub(crate) async fn the_grants_of_a_disabled_client_rest(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_grant(bench, 1, true).await?;
    disable(bench, 1).await?;
    assert!(!lives(bench, 1).await?);
    assert_eq!(bench.a.save_client(change(1, 2)).await?, Saved::Done(3));
    assert!(lives(bench, 1).await?);
    Ok(())
}

pub(crate) async fn a_grant_ends_without_use_and_in_any_case(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    for (number, idle, absolute) in [(1, Duration::ZERO, DAY), (2, DAY, Duration::ZERO)] {
        let lifetime = GrantLifetime { idle, absolute };
        make_grant_by(bench, code(number), Redeem { lifetime, ..redeem(number, number) }).await?;
        assert!(!lives(bench, number).await?);
    }
    let lifetime = GrantLifetime { idle: DAY, absolute: HOUR };
    make_grant_by(bench, code(3), Redeem { lifetime, ..redeem(3, 3) }).await?;
    let found = bench.b.grant(&grant_key(3)).await?.expect("it lives");
    assert_eq!(found.live_until, found.expires_at);
    Ok(())
}

pub(crate) async fn a_grant_is_revoked_by_its_own_client(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_client(bench, 2).await?;
    make_grant(bench, 1, true).await?;
    let revoked = |number: u128| trail(60_000 + number, Event::GrantRevoked);
    let theirs = bench.b.revoke_grant(&client_id(2), grant_id(1), revoked(1)).await?;
    assert_eq!(theirs, Done { changed: false });
    assert!(lives(bench, 1).await?, "it is another client's");
    let done = bench.a.revoke_grant(&client_id(1), grant_id(1), revoked(2)).await?;
    assert_eq!(done, Done { changed: true });
    assert!(!lives(bench, 1).await?);
    for (grant, number) in [(1, 3), (9, 4)] {
        let done = bench.b.revoke_grant(&client_id(1), grant_id(grant), revoked(number)).await?;
        assert_eq!(done, Done { changed: false });
    }
    let event = bench.b.events(Some(user_id(1)), None, 1).await?.remove(0);
    assert_eq!((event.id, event.event.as_str()), (revoked(2).id, "grant.revoked"));
    assert_eq!(bench.rows("audit_events WHERE event = 'grant.revoked'").await, 1);
    Ok(())
}

pub(crate) async fn something_is_used_once_until_its_time_is_over(bench: &Bench) -> Outcome {
    let until = bench.a.now().await?.plus(HOUR);
    let first = digest(1);
    let uses = (0..8).map(|number| bench.either(number).use_once(&first, until));
    let used = join_all(uses).await.into_iter().collect::<Result<Vec<_>>>()?;
    assert_eq!(used.iter().filter(|first| **first).count(), 1, "{used:?}");
    assert!(!bench.b.use_once(&first, until).await?);
    assert!(bench.b.use_once(&digest(2), until).await?, "another one");

    // What is noted until then does not count from then on, even if nobody has deleted it.
    bench.age("used_once", "expires_at").await;
    assert!(bench.b.use_once(&first, until).await?);
    assert!(!bench.a.use_once(&first, until).await?);
    assert_eq!(bench.rows("used_once").await, 2);
    Ok(())
}

pub(crate) async fn a_revoked_access_token_finds_no_grant_and_others_do(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_grant(bench, 1, true).await?;
    let until = bench.a.now().await?.plus(HOUR);
    assert!(bench.a.use_once(&grant_key(1).revocation, until).await?);
    assert!(!lives(bench, 1).await?);
    let other = GrantKey { revocation: digest(7), ..grant_key(1) };
    assert!(bench.b.grant(&other).await?.is_some());
    Ok(())
}

/// What process B says about a token when client 2 asks.
async fn told(bench: &Bench, subject: Subject) -> Result<Introspected> {
    bench.b.introspect(Introspection { asking: client_id(2), subject }).await
}

pub(crate) async fn introspection_tells_who_asks_and_what_lives(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_client(bench, 2).await?;
    make_grant(bench, 1, true).await?;
    let of_client = |number: u128| Subject::Client {
        id: client_id(number),
        revocation: digest(2_000 + number),
    };
    let by_access = told(bench, Subject::Grant(grant_key(1))).await?;
    assert_eq!(by_access.asking.map(|client| client.id), Some(client_id(2)));
    let found = by_access.grant.expect("it lives");
    assert_eq!((found.id, found.owner.user.id), (grant_id(1), user_id(1)));
    assert!(!by_access.client_lives);
    assert!(told(bench, Subject::Grant(grant_key(9))).await?.grant.is_none());
    assert!(told(bench, Subject::Refresh(grant_id(1), 0)).await?.grant.is_some());
    for generation in [-1, 1] {
        let by_refresh = told(bench, Subject::Refresh(grant_id(1), generation)).await?;
        assert!(by_refresh.grant.is_none(), "{generation}");
    }
    let by_client = told(bench, of_client(1)).await?;
    assert!(by_client.client_lives && by_client.grant.is_none());
    assert!(!told(bench, of_client(9)).await?.client_lives);
    let nothing = told(bench, Subject::Nothing).await?;
    assert!(nothing.asking.is_some() && nothing.grant.is_none() && !nothing.client_lives);
    let nobody = Introspection { asking: "nobody".to_owned(), subject: Subject::Nothing };
    assert!(bench.a.introspect(nobody).await?.asking.is_none());
    Ok(())
}

pub(crate) async fn introspection_tells_of_what_was_revoked_or_disabled(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_client(bench, 2).await?;
    make_client(bench, 3).await?;
    make_grant(bench, 1, true).await?;
    make_grant(bench, 2, true).await?;
    let until = bench.a.now().await?.plus(HOUR);
    let revocation = digest(2_001);
    let of_client = |number: u128| Subject::Client { id: client_id(number), revocation };
    assert!(told(bench, of_client(3)).await?.client_lives);
    assert!(bench.a.use_once(&revocation, until).await?);
    assert!(!told(bench, of_client(3)).await?.client_lives, "revoked");
    assert!(bench.a.use_once(&grant_key(1).revocation, until).await?);
    assert!(told(bench, Subject::Grant(grant_key(1))).await?.grant.is_none(), "revoked");
    assert!(told(bench, Subject::Refresh(grant_id(1), 0)).await?.grant.is_some());
    revoke(bench, 1).await?;
    assert!(told(bench, Subject::Refresh(grant_id(1), 0)).await?.grant.is_none());
    assert!(told(bench, Subject::Grant(grant_key(2))).await?.grant.is_some());
    disable(bench, 1).await?;
    assert!(told(bench, Subject::Grant(grant_key(2))).await?.grant.is_none(), "its client rests");
    let revocation = digest(2_002);
    let of_client = Subject::Client { id: client_id(1), revocation };
    assert!(!told(bench, of_client).await?.client_lives, "so does it alone");
    disable(bench, 2).await?;
    let asking = told(bench, Subject::Nothing).await?.asking.expect("it is there");
    assert!(asking.disabled_at.is_some());
    Ok(())
}

fn signing_key(number: i64, remove: Duration) -> NewSigningKey {
    NewSigningKey {
        id: format!("key{number}"),
        algorithm: "ES256".to_owned(),
        number,
        public_key: "{}".to_owned(),
        private_key: vec![1],
        activate: Duration::ZERO,
        retire: Duration::ZERO,
        remove,
    }
}

/// Of everything that applications have one that is over, and one that is not.
async fn half_over(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    for (number, remove) in [(1, Duration::ZERO), (2, HOUR)] {
        assert!(bench.a.add_signing_key(signing_key(number, remove), None).await?);
    }
    let (client, at_once) = (client_id(1), Duration::ZERO);
    assert!(bench.a.add_client_secret(&client, secret(2), at_once, some_trail(1)).await?);
    let over = NewCode { lifetime: Duration::ZERO, ..consented(1, "openid") };
    assert!(bench.a.issue_code(over).await?);
    make_grant(bench, 2, true).await?;
    make_grant(bench, 3, true).await?;
    revoke(bench, 3).await?;
    let now = bench.a.now().await?;
    assert!(bench.a.use_once(&digest(1), now.minus(HOUR)).await?);
    assert!(bench.a.use_once(&digest(2), now.plus(HOUR)).await?);
    Ok(())
}

pub(crate) async fn what_applications_have_is_deleted_when_it_is_over_and_nothing_else(
    bench: &Bench,
) -> Outcome {
    half_over(bench).await?;
    assert!(bench.a.use_once(&digest(3), bench.a.now().await?.minus(HOUR)).await?);
    assert_eq!(bench.b.delete_expired(1, HOUR).await?, 5, "one of each kind");
    assert_eq!(bench.a.delete_expired(1, HOUR).await?, 1, "what was left of one kind");
    assert_eq!(bench.b.delete_expired(100, HOUR).await?, 0);
    for (table, left) in [
        ("signing_keys", 1),
        ("clients", 1),
        ("client_secrets", 1),
        ("consents", 1),
        ("codes", 2),
        ("grants", 1),
        ("used_once", 1),
    ] {
        assert_eq!(bench.rows(table).await, left, "{table}");
    }
    assert!(lives(bench, 2).await?);
    assert_eq!(bench.b.signing_keys().await?.1[0].id, "key2");
    let again = bench.b.refresh(refresh(2, 0)).await?;
    let refused = matches!(again, Refreshed::NotTheClient);
    assert!(refused, "its first secret is over: {again:?}");
    Ok(())
}
