//! What is alive of tokens that are exchanged: sessions, grants and clients, each judged by itself.

use tokenhouse_store::{
    Alive, Basis, ExchangeFacts, ExchangeQuestion, Party, Result, Saved, Target,
};

use crate::Outcome;
use crate::applications::{
    change, client_id, digest, disable, grant_id, make_client, make_grant, person_and_client,
    revoke,
};
use crate::bench::{Bench, some_trail};
use crate::make::{HOUR, key, user_id};

/// The token of a session of a person.
fn session(number: u128, user: u128) -> Party {
    let key = key(number, user);
    let secret_hash = Some(key.secret_hash);
    let basis = Basis::Session { id: key.id, user: key.user, secret_hash };
    Party { basis, clients: Vec::new(), revocation: None }
}

/// A token that was exchanged for one of a session, by a client.
fn of_session(number: u128, client: u128) -> Party {
    let key = key(number, 1);
    let basis = Basis::Session { id: key.id, user: key.user, secret_hash: None };
    Party { basis, ..of_clients(&[client]) }
}

/// An access token of a grant, in the hands of a client.
fn of_grant(number: u128, client: u128) -> Party {
    Party { basis: Basis::Grant(grant_id(number)), ..of_clients(&[client]) }
}

fn of_clients(clients: &[u128]) -> Party {
    Party {
        basis: Basis::Clients,
        clients: clients.iter().copied().map(client_id).collect(),
        revocation: Some(digest(7_000)),
    }
}

/// What process B knows when client 2 asks.
async fn asked(bench: &Bench, subject: Party, actor: Option<Party>) -> Result<ExchangeFacts> {
    let question = ExchangeQuestion { client: client_id(2), subject: Some(subject), actor };
    bench.b.exchange_facts(question).await
}

async fn found(bench: &Bench, subject: Party) -> Result<Option<Alive>> {
    Ok(asked(bench, subject, None).await?.subject)
}

/// Whether it lives, as subject and as actor.
async fn lives(bench: &Bench, party: &Party) -> Result<bool> {
    let facts = asked(bench, party.clone(), Some(party.clone())).await?;
    assert_eq!(facts.subject.is_some(), facts.actor_lives, "{party:?}");
    Ok(facts.actor_lives)
}

pub(crate) async fn what_lives_is_found_by_what_its_token_names(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_client(bench, 2).await?;
    make_grant(bench, 1, true).await?;
    for party in [session(5, 1), of_session(5, 1)] {
        let facts = asked(bench, party, None).await?;
        assert_eq!(facts.client.map(|client| client.id), Some(client_id(2)));
        let alive = facts.subject.expect("it lives");
        let expiry = alive.expiry.expect("a session ends");
        assert_eq!(alive.owner.map(|owner| owner.user.id), Some(user_id(1)));
        assert!(alive.since.is_some_and(|since| since <= facts.now));
        assert!(expiry.live_until > facts.now && expiry.live_until <= facts.now.plus(HOUR));
        assert!(expiry.expires_at > expiry.live_until && !facts.actor_lives);
    }
    let alive = found(bench, of_grant(1, 1)).await?.expect("it lives");
    assert_eq!(alive.owner.map(|owner| owner.user.id), Some(user_id(1)));
    assert!(alive.since.is_none() && alive.expiry.is_some());
    let alive = found(bench, of_clients(&[1, 2])).await?.expect("they live");
    assert!(alive.owner.is_none() && alive.since.is_none() && alive.expiry.is_none());
    let wrong = session(5, 1);
    let Basis::Session { id, user, .. } = wrong.basis else { panic!("a session") };
    let basis = Basis::Session { id, user, secret_hash: Some(digest(1)) };
    for nothing in [
        Party { basis, ..wrong },
        session(5, 2),
        session(6, 1),
        of_grant(9, 1),
        of_grant(1, 9),
        of_clients(&[1, 9]),
        of_clients(&[]),
    ] {
        assert!(!lives(bench, &nothing).await?, "{nothing:?}");
    }
    let garbage = ExchangeQuestion { client: client_id(2), subject: None, actor: None };
    let facts = bench.a.exchange_facts(garbage).await?;
    assert!(facts.client.is_some() && facts.subject.is_none() && !facts.actor_lives);
    Ok(())
}

pub(crate) async fn what_ends_session_or_grant_ends_all_that_follows(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5, 6]).await?;
    for client in [1, 2] {
        make_client(bench, client).await?;
    }
    make_grant(bench, 1, false).await?;
    make_grant(bench, 2, true).await?;
    let all = [session(5, 1), of_session(5, 1), of_grant(1, 1), of_grant(2, 1)];
    for party in &all {
        assert!(lives(bench, party).await?, "{party:?}");
    }
    bench.a.end_sessions(&key(5, 1), Target::This, some_trail(1)).await?;
    for party in &all[..3] {
        assert!(!lives(bench, party).await?, "{party:?}");
    }
    assert!(lives(bench, &all[3]).await?, "it lasts beyond the session");
    revoke(bench, 2).await?;
    assert!(!lives(bench, &all[3]).await?);
    assert!(lives(bench, &of_session(6, 1)).await?);
    assert!(bench.b.lock_user(user_id(1), true, some_trail(3)).await?);
    assert!(!lives(bench, &of_session(6, 1)).await?);
    Ok(())
}

pub(crate) async fn every_client_on_the_way_has_to_be_there(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    for client in [2, 3] {
        make_client(bench, client).await?;
    }
    make_grant(bench, 1, true).await?;
    let through = [of_session(5, 3), of_grant(1, 3), of_clients(&[1, 3])];
    disable(bench, 3).await?;
    for party in &through {
        assert!(!lives(bench, party).await?, "{party:?}");
    }
    assert_eq!(bench.a.save_client(change(3, 2)).await?, Saved::Done(3));
    for party in &through {
        assert!(lives(bench, party).await?, "{party:?}");
    }
    disable(bench, 1).await?;
    assert!(!lives(bench, &through[1]).await?, "nor does a grant without its own client");
    Ok(())
}

pub(crate) async fn a_token_that_was_revoked_is_worth_no_other(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_client(bench, 2).await?;
    make_grant(bench, 1, true).await?;
    let until = bench.a.now().await?.plus(HOUR);
    assert!(bench.a.use_once(&digest(7_000), until).await?);
    for party in [of_session(5, 1), of_grant(1, 1), of_clients(&[1])] {
        assert!(!lives(bench, &party).await?, "{party:?}");
        let other = Party { revocation: Some(digest(7_001)), ..party };
        assert!(lives(bench, &other).await?, "{other:?}");
    }
    Ok(())
}

pub(crate) async fn subject_and_actor_are_judged_each_by_itself(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_client(bench, 2).await?;
    let (good, bad) = (session(5, 1), session(9, 1));
    for (subject, actor) in [(true, true), (true, false), (false, true), (false, false)] {
        let party = |lives: bool| if lives { good.clone() } else { bad.clone() };
        let facts = asked(bench, party(subject), Some(party(actor))).await?;
        assert_eq!((facts.subject.is_some(), facts.actor_lives), (subject, actor));
    }
    Ok(())
}
