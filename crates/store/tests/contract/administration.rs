//! Setup and administrators: made once, counted right whatever happens at once, and the last one stays.

use futures_util::future::join_all;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::link::Purpose;
use tokenhouse_store::{
    LinkState, MakeLink, NewUser, Registered, Removed, Result, Revoked, SetUp, SetUpDone,
};

use crate::Outcome;
use crate::bench::{Bench, some_trail};
use crate::make::{email, link, link_id, name, person, session, trail, user_id};

/// Person 1 is set up by a link, or by who has the configuration in hand.
async fn setup(bench: &Bench, user: u128, link: Option<u128>) -> Result<SetUp> {
    let now = bench.a.now().await?;
    let new = NewUser {
        session: Some(session(user, now)),
        trail: trail(user, Event::SetupCompleted),
        ..person(user, now)
    };
    Ok(SetUp { link: link.map(link_id), new })
}

async fn make_setup_link(bench: &Bench, number: u128) -> Result<bool> {
    let made = MakeLink {
        purpose: Purpose::Setup,
        link: link(number),
        email: None,
        mail: None,
        trail: trail(10_000 + number, Event::SetupLinkMade),
    };
    bench.a.make_link(made).await
}

/// Registers persons and makes them administrators.
async fn administrators(bench: &Bench, users: &[u128]) -> Result<()> {
    for user in users {
        bench.register_confirmed(*user).await?;
        let granted = trail(20_000 + user, Event::AdministratorGranted);
        assert!(bench.a.grant_administrator(user_id(*user), granted).await?);
    }
    Ok(())
}

/// How many there are, by the count that keeps the last one; it must be right.
async fn counted(bench: &Bench) -> Result<usize> {
    let state = bench.b.setup_state().await?;
    let are = bench.a.administrators().await?.len();
    assert_eq!(usize::try_from(state.administrators).expect("a small number"), are);
    Ok(are)
}

pub(crate) async fn a_server_is_set_up_once_by_its_link(bench: &Bench) -> Outcome {
    let before = bench.a.setup_state().await?;
    assert_eq!((before.closed_at, before.administrators), (None, 0));
    assert!(make_setup_link(bench, 1).await? && make_setup_link(bench, 2).await?);
    let unknown = setup(bench, 1, Some(3)).await?;
    assert_eq!(bench.a.set_up(unknown).await?, SetUpDone::Gone);
    let asked = setup(bench, 1, Some(1)).await?;
    assert_eq!(bench.a.set_up(asked.clone()).await?, SetUpDone::Done);
    assert_eq!(bench.b.set_up(asked).await?, SetUpDone::Done, "the same request again");
    assert!(bench.is_alive(1).await?, "she is signed in");
    assert!(bench.credential(1).await?.email_confirmed);
    assert_eq!(bench.b.administrators().await?, Vec::from_iter(bench.a.user(user_id(1)).await?));
    assert_eq!(counted(bench).await?, 1);
    assert!(bench.b.setup_state().await?.closed_at.is_some());

    for number in [1, 2] {
        assert_eq!(bench.link(number, Purpose::Setup).await?, Some(LinkState::Used));
    }
    assert!(!make_setup_link(bench, 4).await?);
    for link in [Some(1), Some(2), None] {
        let late = setup(bench, 2, link).await?;
        assert_eq!(bench.b.set_up(late).await?, SetUpDone::Closed);
    }
    assert_eq!(bench.rows("users").await, 1);
    assert_eq!(bench.rows("audit_events WHERE event = 'setup.completed'").await, 1);
    Ok(())
}

pub(crate) async fn of_eight_who_set_up_at_once_one_wins(bench: &Bench) -> Outcome {
    assert!(make_setup_link(bench, 1).await?);
    let mut attempts = Vec::new();
    for user in 1..=8u128 {
        let asked = setup(bench, user, (user > 4).then_some(1)).await?;
        attempts.push(bench.either(usize::from(user % 2 == 0)).set_up(asked));
    }
    let outcomes = join_all(attempts).await.into_iter().collect::<Result<Vec<_>>>()?;
    let done = outcomes.iter().filter(|outcome| **outcome == SetUpDone::Done).count();
    let closed = outcomes.iter().filter(|outcome| **outcome == SetUpDone::Closed).count();
    assert_eq!((done, closed), (1, 7), "{outcomes:?}");
    assert_eq!((bench.rows("users").await, counted(bench).await?), (1, 1));
    Ok(())
}

pub(crate) async fn a_taken_name_leaves_setup_open(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    assert!(make_setup_link(bench, 1).await?);
    let mut asked = setup(bench, 2, Some(1)).await?;
    asked.new.names = vec![name(2), email(1)];
    assert_eq!(bench.b.set_up(asked).await?, SetUpDone::Taken(vec![email(1)]));
    assert_eq!(bench.a.setup_state().await?.closed_at, None);
    assert_eq!(bench.link(1, Purpose::Setup).await?, Some(LinkState::Open));
    assert_eq!((bench.rows("users").await, counted(bench).await?), (1, 0));
    assert_eq!(bench.a.set_up(setup(bench, 2, Some(1)).await?).await?, SetUpDone::Done);
    Ok(())
}

pub(crate) async fn who_is_made_an_administrator_closes_setup(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    assert!(!bench.a.grant_administrator(user_id(9), some_trail(9)).await?);
    assert_eq!(bench.a.setup_state().await?.closed_at, None);
    for (store, number) in [(&bench.a, 1), (&bench.b, 2)] {
        let granted = trail(20_000 + number, Event::AdministratorGranted);
        assert!(store.grant_administrator(user_id(1), granted).await?);
    }
    assert_eq!(counted(bench).await?, 1);
    assert!(bench.b.setup_state().await?.closed_at.is_some());
    assert_eq!(bench.b.set_up(setup(bench, 2, None).await?).await?, SetUpDone::Closed);
    assert_eq!(bench.rows("audit_events WHERE event = 'administrator.granted'").await, 1);
    Ok(())
}

pub(crate) async fn the_last_administrator_stays_one(bench: &Bench) -> Outcome {
    administrators(bench, &[1, 2]).await?;
    bench.register(3).await?;
    let revoke = async |user: u128| {
        let revoked = trail(30_000 + user, Event::AdministratorRevoked);
        bench.b.revoke_administrator(user_id(user), revoked).await
    };
    assert_eq!(revoke(3).await?, Revoked::NotOne);
    assert_eq!(revoke(9).await?, Revoked::NotOne);
    assert_eq!(revoke(1).await?, Revoked::Done);
    assert_eq!(revoke(1).await?, Revoked::NotOne);
    assert_eq!(revoke(2).await?, Revoked::Last);
    assert_eq!(counted(bench).await?, 1);
    let deleted = bench.a.delete_user(user_id(2), None, None, some_trail(1)).await?;
    assert_eq!(deleted, Removed::LastAdministrator);
    assert!(bench.b.user(user_id(2)).await?.is_some());
    assert_eq!(bench.rows("audit_events WHERE event = 'administrator.revoked'").await, 1);
    bench.delete(1, some_trail(2)).await?;
    assert_eq!(counted(bench).await?, 1, "she was none any more");
    Ok(())
}

pub(crate) async fn of_two_administrators_who_go_at_once_one_stays(bench: &Bench) -> Outcome {
    for round in 0..20u128 {
        let (one, other) = (100 + 2 * round, 101 + 2 * round);
        administrators(bench, &[one, other]).await?;
        if let Some(before) = bench.a.administrators().await?.first().filter(|_| round > 0) {
            let revoked = some_trail(5_000 + round);
            assert_eq!(bench.a.revoke_administrator(before.id, revoked).await?, Revoked::Done);
        }
        let trails = (some_trail(6_000 + round), some_trail(7_000 + round));
        let stayed = match round % 2 {
            0 => {
                let (first, second) = tokio::join!(
                    bench.a.revoke_administrator(user_id(one), trails.0),
                    bench.b.revoke_administrator(user_id(other), trails.1),
                );
                [first?, second?].iter().filter(|outcome| **outcome == Revoked::Last).count()
            }
            _ => {
                let (first, second) = tokio::join!(
                    bench.a.delete_user(user_id(one), None, None, trails.0),
                    bench.b.delete_user(user_id(other), None, None, trails.1),
                );
                let kept = Removed::LastAdministrator;
                [first?, second?].iter().filter(|outcome| **outcome == kept).count()
            }
        };
        assert_eq!((stayed, counted(bench).await?), (1, 1));
    }
    Ok(())
}

pub(crate) async fn rights_granted_to_who_is_being_deleted_leave_the_count_right(
    bench: &Bench,
) -> Outcome {
    administrators(bench, &[1]).await?;
    for user in 100..130u128 {
        let now = bench.a.now().await?;
        assert_eq!(bench.a.register(person(user, now)).await?, Registered::Done);
        let (granted, deleted) = tokio::join!(
            bench.a.grant_administrator(user_id(user), some_trail(user)),
            bench.b.delete_user(user_id(user), None, None, some_trail(1_000 + user)),
        );
        granted?;
        assert_eq!(deleted?, Removed::Done);
        assert_eq!(counted(bench).await?, 1);
    }
    Ok(())
}
