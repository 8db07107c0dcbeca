//! Requests that share a statement: each must fare as if it had been alone.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join_all, select_all};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::document::Version;
use tokenhouse_rules::limit;
use tokenhouse_store::{Error, OpenSession, Opened, Refund, Result, SessionKey, Store, Target};
use tokio::time::timeout;

use crate::make::{self, key, session, session_id, trail, user_id};
use crate::{Outcome, Place};

const USERS: u128 = 4;
const SESSIONS: u128 = 8;
/// Longer than any answer takes; a request that is stuck would wait for ever.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is asked at once, by numbers of users and sessions.
#[derive(Clone, Debug)]
enum Round {
    Read(Vec<(u128, u128, bool)>),
    Open(Vec<(u128, u128, bool)>),
    End(u128, u128),
    SignOut(u128),
}

/// What was answered, without the times.
#[derive(Debug, PartialEq)]
enum Answer {
    Read(Option<(u128, String, Version)>),
    Opened(Opened),
    Done,
}

fn rounds() -> impl Strategy<Value = Vec<Round>> {
    let who = || (1..=USERS, 1..=SESSIONS, prop::bool::weighted(0.8));
    let round = prop_oneof![
        3 => prop::collection::vec(who(), 1..40).prop_map(Round::Read),
        3 => prop::collection::vec(who(), 1..20).prop_map(Round::Open),
        1 => (1..=USERS, 1..=SESSIONS).prop_map(|(user, session)| Round::End(user, session)),
        1 => (1..=USERS).prop_map(Round::SignOut),
    ];
    prop::collection::vec(round, 1..12)
}

/// One history at one store. Sessions are numbered apart for each history, and for each opening that
/// repeats one it is the same session again.
async fn play(store: &Arc<dyn Store>, history: u128, rounds: &[Round]) -> Result<Vec<Answer>> {
    let base = history * 1_000_000;
    let mut answers = Vec::new();
    for round in rounds {
        match round {
            Round::Read(who) => {
                let read = async |(user, number, genuine): (u128, u128, bool)| {
                    let mut key = key(base + user * 100 + number, user);
                    key.secret_hash[31] ^= u8::from(!genuine);
                    let found = store.session_with_data(&key).await?;
                    let seen = |d: tokenhouse_store::SessionData| {
                        (d.user.id.uuid().as_u128(), d.body, d.version)
                    };
                    Ok(Answer::Read(found.map(seen)))
                };
                answers.extend(all(who.iter().copied().map(read)).await?);
            }
            Round::Open(who) => {
                let open = async |(user, number, current): (u128, u128, bool)| {
                    let opening = opening(store, base + user * 100 + number, user).await?;
                    let epoch = opening.epoch - i64::from(!current);
                    let opened = store.open_session(OpenSession { epoch, ..opening }).await?;
                    Ok(Answer::Opened(opened))
                };
                answers.extend(all(who.iter().copied().map(open)).await?);
            }
            Round::End(user, number) => {
                let key = key(base + user * 100 + number, *user);
                store.end_sessions(&key, Target::This, some_trail()).await?;
                answers.push(Answer::Done);
            }
            Round::SignOut(user) => {
                store.sign_out(user_id(*user), some_trail()).await?;
                answers.push(Answer::Done);
            }
        }
    }
    Ok(answers)
}

fn some_trail() -> tokenhouse_store::Trail {
    trail(1, Event::SessionEnded)
}

async fn all<T>(work: impl Iterator<Item = impl Future<Output = Result<T>>>) -> Result<Vec<T>> {
    join_all(work).await.into_iter().collect()
}

/// An opening for the account as it is, that gives two attempts back: one on a key that all share.
async fn opening(store: &Arc<dyn Store>, number: u128, user: u128) -> Result<OpenSession> {
    let facts = store.sign_in_facts(make::sign_in(&make::name(user))).await?;
    let credential = facts.credential.expect("the account is there");
    let refund = |key: String| Refund { key, step: 1 };
    Ok(OpenSession {
        user: user_id(user),
        epoch: credential.epoch,
        session: session(number, facts.now),
        rehash: None,
        refunds: vec![refund("a:shared".into()), refund(limit::account_key(user_id(user)))],
        mail: None,
        trail: trail(number + 500_000, Event::SessionOpened),
    })
}

/// A migrated database with a few persons.
async fn peopled(place: &Place, batch: usize) -> Result<Arc<dyn Store>> {
    let store = place.open_with(|options| options.batch = batch)?;
    store.migrate().await?;
    let now = store.now().await?;
    for user in 1..=USERS {
        store.register(make::person(user, now)).await?;
    }
    Ok(store)
}

#[expect(clippy::disallowed_types, reason = "numbers the histories")]
pub(crate) async fn statements_for_one_and_for_many_answer_alike(place: &Place) -> Outcome {
    let other = Place::server("statements_for_one_and_for_many, the other").await;
    let (one, many) = (peopled(place, 1).await?, peopled(&other, 64).await?);
    let runtime = tokio::runtime::Handle::current();
    let history = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(Config { cases: 40, ..Config::default() });
    let outcome = tokio::task::block_in_place(|| {
        runner.run(&rounds(), |rounds| {
            history.set(history.get() + 1);
            let played = |store| runtime.block_on(play(store, history.get(), &rounds));
            let (alone, together) = (played(&one), played(&many));
            prop_assert_eq!(alone.expect("no trouble"), together.expect("no trouble"));
            Ok(())
        })
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
    for table in ["sessions", "audit_events WHERE event = 'session.opened'"] {
        let sql = format!("SELECT count(*) FROM {table}");
        assert_eq!(place.number(&sql).await, other.number(&sql).await, "{table}");
    }
    drop((one, many));
    other.remove().await;
    Ok(())
}

pub(crate) async fn bad_data_fails_the_member_that_brought_it(place: &Place) -> Outcome {
    let store = peopled(place, 64).await?;
    let mut openings = Vec::new();
    for number in 1..=40 {
        openings.push(opening(&store, number, 1 + number % USERS).await?);
    }
    // PostgreSQL knows no text with a NUL, and refuses the statement that brings one.
    for bad in [7, 23] {
        openings[bad].session.user_agent = Some("a\0b".to_owned());
    }
    let answers = join_all(openings.into_iter().map(|opening| store.open_session(opening))).await;
    for (place, answer) in answers.into_iter().enumerate() {
        match answer {
            Ok(opened) => assert_eq!(opened, Opened::Open, "member {place}"),
            Err(error) => {
                assert!([7, 23].contains(&place), "member {place}: {error}");
                assert!(matches!(error, Error::Driver(_)), "member {place}: {error}");
            }
        }
    }
    assert_eq!(place.number("SELECT count(*) FROM sessions").await, 38);
    let opened = "SELECT count(*) FROM audit_events WHERE event = 'session.opened'";
    assert_eq!(place.number(opened).await, 38);
    Ok(())
}

pub(crate) async fn who_gives_up_leaves_nothing_stuck(place: &Place) -> Outcome {
    let store = peopled(place, 8).await?;
    assert_eq!(store.open_session(opening(&store, 5, 1).await?).await?, Opened::Open);
    for _ in 0..100 {
        // The first answer makes the other 63 give up: some wait, some are out.
        let reads = (0..64).map(|_| {
            let store = Arc::clone(&store);
            Box::pin(async move { store.session_with_data(&key(5, 1)).await })
        });
        let (first, _, _) = timeout(PATIENCE, select_all(reads)).await.expect("an answer");
        assert!(first?.is_some());
    }
    let read = timeout(PATIENCE, store.session_with_data(&key(5, 1))).await;
    assert!(read.expect("nothing is stuck")?.is_some());
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "asks at once what is to share a statement")]
pub(crate) async fn a_connection_that_dies_in_mid_batch_leaves_each_its_own_outcome(
    place: &Place,
) -> Outcome {
    let store = peopled(place, 64).await?;
    let mut openings = Vec::new();
    for number in 1..=30 {
        openings.push(opening(&store, number, 1 + number % USERS).await?);
    }
    let mut blocker = place.connect().await;
    let held = blocker.transaction().await.expect("a transaction");
    held.batch_execute("LOCK TABLE sessions IN EXCLUSIVE MODE").await.expect("the lock");

    let tasks: Vec<_> = openings
        .iter()
        .cloned()
        .map(|opening| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.open_session(opening).await })
        })
        .collect();
    let killed = place.connect().await;
    timeout(PATIENCE, kill_those_who_wait(&killed)).await.expect("statements wait for the lock");
    held.commit().await.expect("the lock goes");

    for (task, opening) in tasks.into_iter().zip(&openings) {
        let answer = timeout(PATIENCE, task).await.expect("an answer").expect("no panic");
        let alive = store.session_with_data(&key_of(opening)).await?.is_some();
        match answer {
            Ok(opened) => assert_eq!((opened, alive), (Opened::Open, true)),
            Err(error) => assert!(matches!(error, Error::Unavailable(_)), "{error}"),
        }
        // What failed may be repeated, and is one session then.
        assert_eq!(store.open_session(opening.clone()).await?, Opened::Open);
    }
    assert_eq!(place.number("SELECT count(*) FROM sessions").await, 30);
    let opened = "SELECT count(*) FROM audit_events WHERE event = 'session.opened'";
    assert_eq!(place.number(opened).await, 30);
    Ok(())
}

fn key_of(opening: &OpenSession) -> SessionKey {
    let number = opening.session.id.uuid().as_u128();
    assert_eq!(session_id(number), opening.session.id);
    key(number, opening.user.uuid().as_u128())
}

/// Ends every connection that waits for a lock, as soon as there is one.
async fn kill_those_who_wait(client: &tokio_postgres::Client) {
    let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE wait_event_type = 'Lock' AND datname = current_database()";
    loop {
        let row = client.query_one(sql, &[]).await.expect("an answer");
        if row.get::<_, i64>(0) > 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
}
