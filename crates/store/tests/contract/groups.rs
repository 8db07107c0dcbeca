//! Groups: one of a kind by name, who is in them, and the standard claims of a person.

use futures_util::future::join_all;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::GroupId;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{Group, NOBODY, Result};
use uuid::Uuid;

use crate::Outcome;
use crate::applications::{client_id, grant_key, make_grant, person_and_client};
use crate::bench::{Bench, some_trail};
use crate::make::{key, trail, user_id};

fn group(number: u128, name: &str) -> Group {
    Group {
        id: GroupId::from_uuid(Uuid::from_u128(number)),
        name: name.to_owned(),
        created_at: Timestamp::from_micros(1_700_000_000_000_000),
    }
}

async fn make(bench: &Bench, number: u128, name: &str) -> Outcome {
    let made = trail(60_000 + number, Event::GroupCreated);
    assert!(bench.a.make_group(group(number, name), made).await?);
    Ok(())
}

/// Puts a user into a group that she is not in yet.
async fn join(bench: &Bench, name: &str, user: u128, event: u128) -> Outcome {
    let joined = trail(61_000 + event, Event::GroupJoined);
    assert_eq!(bench.a.set_membership(name, user_id(user), true, joined).await?, Some(true));
    Ok(())
}

pub(crate) async fn groups_made_here_are_listed_there_by_name(bench: &Bench) -> Outcome {
    make(bench, 1, "writers").await?;
    make(bench, 2, "editors").await?;
    assert_eq!(bench.b.groups().await?, [group(2, "editors"), group(1, "writers")]);
    assert!(!bench.b.make_group(group(3, "writers"), some_trail(1)).await?);
    assert_eq!(bench.rows("groups").await, 2);
    let event = bench.b.events(None, None, 1).await?.remove(0);
    assert_eq!((event.event.as_str(), event.user), ("group.created", NOBODY));
    Ok(())
}

pub(crate) async fn eight_groups_of_one_name_have_one_winner(bench: &Bench) -> Outcome {
    let makers = (0..8u128).map(|number| {
        let made = trail(60_000 + number, Event::GroupCreated);
        bench.either(usize::from(number % 2 == 0)).make_group(group(number, "writers"), made)
    });
    let made = join_all(makers).await.into_iter().collect::<Result<Vec<_>>>()?;
    assert_eq!(made.iter().filter(|made| **made).count(), 1, "{made:?}");
    assert_eq!((bench.rows("groups").await, bench.rows("audit_events").await), (1, 1));
    Ok(())
}

pub(crate) async fn who_is_put_into_a_group_is_in_it_until_she_is_taken_out(
    bench: &Bench,
) -> Outcome {
    bench.register(1).await?;
    make(bench, 1, "writers").await?;
    let set = async |member, number: u128| {
        let event = if member { Event::GroupJoined } else { Event::GroupLeft };
        let trail = trail(61_000 + number, event);
        bench
            .either(usize::from(number > 2))
            .set_membership("writers", user_id(1), member, trail)
            .await
    };
    assert_eq!(set(false, 1).await?, Some(false), "she is out of it already");
    assert_eq!(set(true, 2).await?, Some(true));
    assert_eq!(set(true, 3).await?, Some(false), "she is in it already");
    assert_eq!(bench.b.groups_of(user_id(1)).await?, ["writers"]);
    assert_eq!(bench.b.members("writers", None, 10).await?, Some(vec![user_id(1)]));
    assert_eq!(set(false, 4).await?, Some(true));
    assert_eq!(bench.a.groups_of(user_id(1)).await?, [""; 0]);
    assert_eq!(bench.a.members("writers", None, 10).await?, Some(Vec::new()));
    let events = bench.b.events(Some(user_id(1)), None, 10).await?;
    let names: Vec<_> = events.iter().map(|row| row.event.as_str()).collect();
    assert_eq!(names, ["group.left", "group.joined", "user.registered"]);
    Ok(())
}

pub(crate) async fn nobody_is_put_into_a_group_that_is_none(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    make(bench, 1, "writers").await?;
    for (name, user) in [("readers", 1), ("writers", 9), ("readers", 9)] {
        for member in [true, false] {
            let set = bench.b.set_membership(name, user_id(user), member, some_trail(1)).await?;
            assert_eq!(set, None, "{name}, {user}");
        }
    }
    assert_eq!(bench.b.members("readers", None, 10).await?, None);
    assert_eq!(bench.b.groups_of(user_id(9)).await?, [""; 0]);
    assert_eq!(bench.rows("group_members").await, 0);
    assert_eq!(bench.rows("audit_events").await, 2);
    Ok(())
}

pub(crate) async fn of_eight_who_put_her_into_a_group_at_once_one_does(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    make(bench, 1, "writers").await?;
    let joins = (0..8u128).map(|number| {
        let joined = trail(61_000 + number, Event::GroupJoined);
        let store = bench.either(usize::from(number % 2 == 0));
        store.set_membership("writers", user_id(1), true, joined)
    });
    let joined = join_all(joins).await.into_iter().collect::<Result<Vec<_>>>()?;
    assert_eq!(joined.iter().filter(|joined| **joined == Some(true)).count(), 1, "{joined:?}");
    assert_eq!(joined.iter().filter(|joined| **joined == Some(false)).count(), 7, "{joined:?}");
    assert_eq!(bench.rows("audit_events WHERE event = 'group.joined'").await, 1);
    Ok(())
}

pub(crate) async fn members_are_given_page_by_page(bench: &Bench) -> Outcome {
    make(bench, 1, "writers").await?;
    make(bench, 2, "editors").await?;
    for user in [3, 1, 5, 2, 4, 6] {
        bench.register(user).await?;
        join(bench, if user == 6 { "editors" } else { "writers" }, user, user).await?;
    }
    let mut pages = Vec::new();
    let mut after = None;
    loop {
        let page = bench.b.members("writers", after, 2).await?.expect("there is such a group");
        let Some(last) = page.last() else { break };
        after = Some(*last);
        pages.push(page);
    }
    let expected: [&[u128]; 3] = [&[1, 2], &[3, 4], &[5]];
    let expected = expected.map(|page| page.iter().copied().map(user_id).collect::<Vec<_>>());
    assert_eq!(pages, expected);
    Ok(())
}

pub(crate) async fn with_a_group_or_a_user_goes_the_membership(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    bench.register(2).await?;
    for (number, name) in [(1, "writers"), (2, "editors")] {
        make(bench, number, name).await?;
        join(bench, name, 1, 10 * number).await?;
        join(bench, name, 2, 10 * number + 1).await?;
    }
    assert_eq!(bench.b.groups_of(user_id(1)).await?, ["editors", "writers"]);
    let deleted = |number: u128| trail(62_000 + number, Event::GroupDeleted);
    assert!(bench.b.delete_group("writers", deleted(1)).await?);
    assert!(!bench.a.delete_group("writers", deleted(2)).await?);
    assert_eq!(bench.a.groups_of(user_id(1)).await?, ["editors"]);
    assert_eq!(bench.rows("audit_events WHERE event = 'group.deleted'").await, 1);
    bench.delete(1, trail(9_000, Event::UserDeleted)).await?;
    assert_eq!(bench.b.members("editors", None, 10).await?, Some(vec![user_id(2)]));
    assert_eq!(bench.rows("group_members").await, 1);
    Ok(())
}

pub(crate) async fn groups_and_claims_go_where_the_person_goes(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_grant(bench, 1, true).await?;
    let claims = r#"{"given_name":"Zoë"}"#;
    let set = |number: u128| trail(63_000 + number, Event::ClaimsSet);
    assert_eq!(bench.b.claims_of(user_id(1)).await?, None);
    assert!(bench.a.set_claims(user_id(1), claims, set(1)).await?);
    assert!(!bench.a.set_claims(user_id(9), claims, set(2)).await?);
    assert_eq!(bench.b.claims_of(user_id(1)).await?.as_deref(), Some(claims));
    assert_eq!(bench.b.claims_of(user_id(9)).await?, None);
    for (number, name) in [(1, "writers"), (2, "editors")] {
        make(bench, number, name).await?;
        join(bench, name, 1, number).await?;
    }
    let facts = bench.b.authorize_facts(&client_id(1), Some(&key(5, 1))).await?;
    let asking = facts.signed_in.expect("a living session").owner;
    let granted = bench.b.grant(&grant_key(1)).await?.expect("it lives").owner;
    for owner in [asking, granted] {
        assert_eq!(owner.claims.as_deref(), Some(claims));
        assert_eq!(owner.groups, ["editors", "writers"]);
        assert_eq!(owner.user.version, 1);
    }
    assert_eq!(bench.rows("audit_events WHERE event = 'user.claims_set'").await, 1);
    Ok(())
}
