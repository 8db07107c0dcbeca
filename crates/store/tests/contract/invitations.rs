//! Links that an operator makes: found by any process, for one purpose, and used by one registration.

use std::time::Duration;

use futures_util::future::join_all;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::mail::Kind;
use tokenhouse_store::{LinkState, MakeLink, NewLink, NewUser, Registered, Result};

use crate::Outcome;
use crate::bench::Bench;
use crate::make::{link, link_id, mail, person, trail, user_id};

const INVITED: &str = "Person1@Example.org";

/// An invitation for whoever has it.
fn invitation(number: u128) -> MakeLink {
    MakeLink {
        purpose: Purpose::Invite,
        link: link(number),
        email: None,
        mail: None,
        trail: trail(10_000 + number, Event::InvitationMade),
    }
}

/// A person who brings an invitation.
async fn invited(bench: &Bench, user: u128, invitation: u128) -> Result<NewUser> {
    let now = bench.a.now().await?;
    Ok(NewUser { invitation: Some(link_id(invitation)), ..person(user, now) })
}

pub(crate) async fn a_link_made_here_is_found_there_by_its_purpose(bench: &Bench) -> Outcome {
    let email = Some(INVITED.to_owned());
    let mail = Some(mail(1, Kind::Invitation));
    let made = MakeLink { email, mail, ..invitation(1) };
    assert!(bench.a.make_link(made.clone()).await?);
    assert!(bench.b.make_link(made).await?, "repeated");
    for table in ["links", "mails", "audit_events"] {
        assert_eq!(bench.rows(table).await, 1, "{table}");
    }
    let facts = bench.b.link(link_id(1), Purpose::Invite).await?.expect("it is there");
    assert_eq!((facts.state, facts.user), (LinkState::Open, None));
    assert_eq!(facts.email.as_deref(), Some(INVITED));
    assert!(facts.now <= bench.b.now().await?);
    for other in [Purpose::Setup, Purpose::Confirm, Purpose::Recover] {
        assert_eq!(bench.link(1, other).await?, None);
    }
    assert_eq!(bench.link(2, Purpose::Invite).await?, None);
    let sent = bench.outbox().await?.remove(0);
    assert_eq!((sent.kind, sent.recipient.as_str()), (Some(Kind::Invitation), INVITED));
    assert_eq!((sent.link, sent.user), (Some(link_id(1)), None));
    let event = bench.b.events(None, None, 1).await?.remove(0);
    assert_eq!((event.event.as_str(), event.user), ("invitation.created", user_id(0)));
    Ok(())
}

pub(crate) async fn an_invitation_makes_one_account(bench: &Bench) -> Outcome {
    assert!(bench.a.make_link(invitation(1)).await?);
    let new = invited(bench, 1, 1).await?;
    assert_eq!(bench.a.register(new.clone()).await?, Registered::Done);
    assert_eq!(bench.b.register(new).await?, Registered::Done, "the same request again");
    assert_eq!(bench.link(1, Purpose::Invite).await?, Some(LinkState::Used));
    let second = invited(bench, 2, 1).await?;
    assert_eq!(bench.b.register(second).await?, Registered::NotInvited);
    assert!(bench.a.user(user_id(2)).await?.is_none());
    assert_eq!(bench.rows("audit_events WHERE event = 'user.registered'").await, 1);
    Ok(())
}

pub(crate) async fn eight_registrations_by_one_invitation_have_one_winner(
    bench: &Bench,
) -> Outcome {
    assert!(bench.a.make_link(invitation(1)).await?);
    let mut attempts = Vec::new();
    for user in 1..=8u128 {
        let new = invited(bench, user, 1).await?;
        attempts.push(bench.either(usize::from(user % 2 == 0)).register(new));
    }
    let outcomes = join_all(attempts).await.into_iter().collect::<Result<Vec<_>>>()?;
    let done = outcomes.iter().filter(|outcome| **outcome == Registered::Done).count();
    let refused = outcomes.iter().filter(|outcome| **outcome == Registered::NotInvited).count();
    assert_eq!((done, refused), (1, 7), "{outcomes:?}");
    assert_eq!(bench.rows("users").await, 1);
    Ok(())
}

pub(crate) async fn an_invitation_for_an_address_is_for_no_other(bench: &Bench) -> Outcome {
    let email = Some(INVITED.to_owned());
    assert!(bench.a.make_link(MakeLink { email, ..invitation(1) }).await?);
    for (email, pending_email) in
        [(None, None), (Some("mallory@example.org"), None), (None, Some("mallory@example.org"))]
    {
        let new = NewUser {
            email: email.map(str::to_owned),
            pending_email: pending_email.map(str::to_owned),
            ..invited(bench, 1, 1).await?
        };
        assert_eq!(bench.a.register(new).await?, Registered::NotInvited);
    }
    assert_eq!(bench.link(1, Purpose::Invite).await?, Some(LinkState::Open));
    let new = NewUser {
        email: None,
        pending_email: Some("PERSON1@example.ORG".to_owned()),
        ..invited(bench, 1, 1).await?
    };
    assert_eq!(bench.b.register(new).await?, Registered::Done);
    Ok(())
}

pub(crate) async fn a_link_for_something_else_or_past_its_time_invites_nobody(
    bench: &Bench,
) -> Outcome {
    let over = NewLink { lifetime: Duration::ZERO, ..link(1) };
    assert!(bench.a.make_link(MakeLink { link: over, ..invitation(1) }).await?);
    assert_eq!(bench.link(1, Purpose::Invite).await?, Some(LinkState::Expired));
    let setup = MakeLink { purpose: Purpose::Setup, ..invitation(2) };
    assert!(bench.a.make_link(setup).await?);
    for wrong in 1..=3 {
        let new = invited(bench, 1, wrong).await?;
        assert_eq!(bench.b.register(new).await?, Registered::NotInvited, "link {wrong}");
    }
    assert_eq!(bench.rows("users").await, 0);
    assert_eq!(bench.link(2, Purpose::Setup).await?, Some(LinkState::Open));
    Ok(())
}

pub(crate) async fn a_taken_name_leaves_the_invitation_to_be_used(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    assert!(bench.a.make_link(invitation(1)).await?);
    let names = person(1, bench.a.now().await?).names;
    let new = NewUser { names: names.clone(), ..invited(bench, 2, 1).await? };
    let Registered::Taken(mut taken) = bench.b.register(new).await? else {
        panic!("the names are taken")
    };
    taken.sort();
    assert_eq!(taken, names);
    assert_eq!(bench.link(1, Purpose::Invite).await?, Some(LinkState::Open));
    assert_eq!(bench.b.register(invited(bench, 2, 1).await?).await?, Registered::Done);
    Ok(())
}
