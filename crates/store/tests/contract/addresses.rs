//! Addresses: asked for, confirmed by the link that was sent to them, taken by somebody else meanwhile.

use std::time::Duration;

use futures_util::future::join_all;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::mail::Kind;
use tokenhouse_store::{
    AskAgain, AskEmail, Asking, ConfirmEmail, Confirmed, Ended, LinkState, NewLink, NewUser,
    Profile, Registered, Removed, Result,
};

use crate::Outcome;
use crate::bench::{Bench, some_trail};
use crate::make::{
    self, confirmed, email, key, limited, link, link_id, mail, name, operation, person, sign_in,
    trail, user_id,
};

const NEW: &str = "New@Example.org";
const NEW_KEY: &str = "new@example.org";

/// Person 1 wants an address.
pub(crate) async fn asked(bench: &Bench, address: &str, number: u128) -> Result<AskEmail> {
    Ok(AskEmail {
        user: user_id(1),
        epoch: bench.credential(1).await?.epoch,
        email: address.to_owned(),
        link: link(number),
        mail: mail(number, Kind::Confirm),
        refunds: Vec::new(),
        trail: trail(30_000 + number, Event::EmailAsked),
    })
}

/// A person follows a link and is to have an address besides her user name.
fn confirming(user: u128, address: &str, link: u128, by: u128) -> ConfirmEmail {
    ConfirmEmail {
        link: link_id(link),
        operation: operation(by),
        names: vec![name(user), address.to_lowercase()],
        mails: Some([
            mail(1_000 + 2 * by, Kind::AddressChanged),
            mail(1_001 + 2 * by, Kind::AddressChanged),
        ]),
        trail: trail(40_000 + by, Event::EmailConfirmed),
    }
}

async fn profile(bench: &Bench) -> Result<Profile> {
    Ok(bench.b.profile(&key(5, 1)).await?.expect("a living session"))
}

pub(crate) async fn an_address_is_hers_once_its_link_was_followed(bench: &Bench) -> Outcome {
    bench.register_confirmed(1).await?;
    bench.open(1, 5).await?;
    let mail = limited(1, Kind::Confirm, "5/1h");
    let question = AskEmail { mail, ..asked(bench, NEW, 1).await? };
    assert!(bench.a.ask_email(question.clone()).await?);
    let counted = bench.number("SELECT arrival FROM throttles").await;
    assert!(bench.b.ask_email(question).await?, "the same request again");
    assert_eq!(bench.number("SELECT arrival FROM throttles").await, counted);
    assert_eq!(bench.rows("mails").await, 1);
    let before = profile(bench).await?;
    assert_eq!(before.user.email.as_deref(), Some("Person1@Example.org"));
    assert_eq!(before.pending_email.as_deref(), Some(NEW));
    assert!(bench.b.user_by_name(NEW_KEY).await?.is_none(), "not hers yet");
    let sent = bench.outbox().await?.remove(0);
    assert_eq!((sent.recipient.as_str(), sent.link), (NEW, Some(link_id(1))));
    let facts = bench.b.link(link_id(1), Purpose::Confirm).await?.expect("it is there");
    assert_eq!((facts.state, facts.email.as_deref()), (LinkState::Open, Some(NEW)));
    assert_eq!(facts.user.as_ref(), Some(&before.user));

    let done = bench.b.confirm_email(confirming(1, NEW, 1, 1)).await?;
    let Confirmed::Done(user) = done else { panic!("the link may be used: {done:?}") };
    assert_eq!((user.email.as_deref(), user.version), (Some(NEW), 2));
    let after = profile(bench).await?;
    assert_eq!((after.user, after.pending_email), (user, None));
    assert!(after.email_confirmed_at > before.email_confirmed_at);
    for (name, is_hers) in [(name(1), true), (NEW_KEY.to_owned(), true), (email(1), false)] {
        assert_eq!(bench.a.user_by_name(&name).await?.is_some(), is_hers, "{name}");
    }
    let mut told = bench.told().await?;
    told.truncate(2);
    let changed = |to: &str| ("address-changed".to_owned(), to.to_owned());
    assert_eq!(told, [changed("Person1@Example.org"), changed(NEW)]);
    for event in ["email.asked", "email.confirmed"] {
        assert_eq!(bench.rows(&format!("audit_events WHERE event = '{event}'")).await, 1);
    }
    Ok(())
}

pub(crate) async fn the_address_of_a_registration_is_confirmed_and_nobody_is_told(
    bench: &Bench,
) -> Outcome {
    let now = bench.a.now().await?;
    let confirmation = Some((link(1), mail(1, Kind::Confirm)));
    assert_eq!(
        bench.a.register(NewUser { confirmation, ..person(1, now) }).await?,
        Registered::Done
    );
    let address = "Person1@Example.org";
    assert_eq!(bench.told().await?, [("confirm".to_owned(), address.to_owned())]);
    assert!(!bench.credential(1).await?.email_confirmed);
    let done = bench.b.confirm_email(confirming(1, address, 1, 1)).await?;
    let Confirmed::Done(user) = done else { panic!("the link may be used: {done:?}") };
    assert_eq!(
        (user.email.as_deref(), user.version),
        (Some(address), 1),
        "nothing visible changed"
    );
    assert!(bench.credential(1).await?.email_confirmed);
    assert_eq!(bench.rows("mails").await, 1);
    assert_eq!(bench.rows("login_names").await, 2);
    Ok(())
}

/// Where addresses have to be confirmed, nothing is claimed before.
pub(crate) async fn a_pending_address_is_a_name_only_once_it_is_confirmed(
    bench: &Bench,
) -> Outcome {
    let now = bench.a.now().await?;
    let new = NewUser {
        email: None,
        pending_email: Some(NEW.to_owned()),
        names: vec![name(1)],
        confirmation: Some((link(1), mail(1, Kind::Confirm))),
        ..person(1, now)
    };
    assert_eq!(bench.a.register(new.clone()).await?, Registered::Done);
    assert_eq!(bench.b.register(new).await?, Registered::Done, "the same request again");
    assert_eq!(bench.told().await?, [("confirm".to_owned(), NEW.to_owned())]);
    let credential = bench.credential(1).await?;
    assert_eq!((credential.user.email, credential.email_confirmed), (None, false));
    let done = bench.a.confirm_email(confirming(1, NEW, 1, 1)).await?;
    assert!(matches!(done, Confirmed::Done(_)), "{done:?}");
    let facts = bench.b.sign_in_facts(sign_in(NEW_KEY)).await?;
    assert!(facts.credential.expect("it is her name now").email_confirmed);
    Ok(())
}

pub(crate) async fn a_link_confirms_once_but_for_its_own_repetition(bench: &Bench) -> Outcome {
    bench.register_confirmed(1).await?;
    bench.open(1, 5).await?;
    assert!(bench.a.ask_email(asked(bench, NEW, 1).await?).await?);
    let confirm = |by| confirming(1, NEW, 1, by);
    let first = bench.a.confirm_email(confirm(1)).await?;
    assert!(matches!(first, Confirmed::Done(_)), "{first:?}");
    assert_eq!(bench.b.confirm_email(confirm(1)).await?, first, "the same request again");
    assert_eq!(bench.b.confirm_email(confirm(2)).await?, Confirmed::Gone);
    assert_eq!(bench.link(1, Purpose::Confirm).await?, Some(LinkState::Used));
    assert_eq!(bench.rows("mails WHERE kind = 'address-changed'").await, 2);
    assert_eq!(bench.rows("audit_events WHERE event = 'email.confirmed'").await, 1);

    assert!(bench.a.ask_email(asked(bench, "third@example.org", 2).await?).await?);
    let uses = (10..18u128).map(|by| {
        let confirm = confirming(1, "third@example.org", 2, by);
        bench.either(usize::from(by % 2 == 0)).confirm_email(confirm)
    });
    let used = join_all(uses).await.into_iter().collect::<Result<Vec<_>>>()?;
    let done = used.iter().filter(|one| matches!(one, Confirmed::Done(_))).count();
    let gone = used.iter().filter(|one| **one == Confirmed::Gone).count();
    assert_eq!((done, gone), (1, 7), "{used:?}");
    Ok(())
}

pub(crate) async fn another_address_or_none_ends_the_links_to_the_one_before(
    bench: &Bench,
) -> Outcome {
    bench.register_confirmed(1).await?;
    bench.open(1, 5).await?;
    assert!(bench.a.ask_email(asked(bench, NEW, 1).await?).await?);
    assert!(bench.a.ask_email(asked(bench, "other@example.org", 2).await?).await?);
    assert_eq!(bench.link(1, Purpose::Confirm).await?, Some(LinkState::Expired));
    assert_eq!(bench.b.confirm_email(confirming(1, NEW, 1, 1)).await?, Confirmed::Gone);
    // Asked for once more, it is not confirmed by the link of the first time.
    assert!(bench.a.ask_email(asked(bench, NEW, 3).await?).await?);
    assert_eq!(bench.b.confirm_email(confirming(1, NEW, 1, 2)).await?, Confirmed::Gone);
    assert_eq!(bench.link(3, Purpose::Confirm).await?, Some(LinkState::Open));

    let withdrawn = trail(50_000, Event::EmailWithdrawn);
    assert_eq!(bench.a.withdraw_email(&key(5, 1), withdrawn).await?, Ended::Done);
    assert_eq!(profile(bench).await?.pending_email, None);
    assert_eq!(bench.link(3, Purpose::Confirm).await?, Some(LinkState::Expired));
    assert_eq!(bench.b.confirm_email(confirming(1, NEW, 3, 3)).await?, Confirmed::Gone);
    assert_eq!(bench.b.withdraw_email(&key(5, 1), some_trail(1)).await?, Ended::Done);
    assert_eq!(bench.rows("audit_events WHERE event = 'email.withdrawn'").await, 1);
    assert_eq!(bench.rows("audit_events WHERE event = 'session.ended'").await, 0);
    assert_eq!(bench.a.withdraw_email(&key(6, 1), some_trail(2)).await?, Ended::NoSession);
    assert_eq!(profile(bench).await?.user.email.as_deref(), Some("Person1@Example.org"));
    Ok(())
}

pub(crate) async fn an_address_that_somebody_took_meanwhile_uses_the_link_up(
    bench: &Bench,
) -> Outcome {
    bench.register_confirmed(1).await?;
    bench.open(1, 5).await?;
    assert!(bench.a.ask_email(asked(bench, NEW, 1).await?).await?);
    let now = bench.a.now().await?;
    let other = NewUser { names: vec![name(2), NEW_KEY.to_owned()], ..confirmed(2, now) };
    assert_eq!(bench.b.register(other).await?, Registered::Done);
    let before = profile(bench).await?;
    for _ in 0..2 {
        let taken = bench.a.confirm_email(confirming(1, NEW, 1, 1)).await?;
        assert_eq!(taken, Confirmed::Taken, "also when it is repeated");
    }
    assert_eq!(bench.link(1, Purpose::Confirm).await?, Some(LinkState::Used));
    let after = profile(bench).await?;
    assert_eq!((after.user, after.pending_email), (before.user, before.pending_email));
    assert!(bench.a.user_by_name(&email(1)).await?.is_some(), "the former address stays");
    assert_eq!(bench.rows("mails WHERE kind = 'address-changed'").await, 0);
    assert_eq!(bench.rows("audit_events WHERE event = 'email.confirmed'").await, 0);
    Ok(())
}

pub(crate) async fn of_two_who_confirm_one_address_at_once_one_gets_it(bench: &Bench) -> Outcome {
    let now = bench.a.now().await?;
    for round in 0..20u128 {
        let address = format!("shared{round}@example.org");
        let (one, other) = (100 + 2 * round, 101 + 2 * round);
        for user in [one, other] {
            let new = NewUser {
                pending_email: Some(address.clone()),
                confirmation: Some((link(user), mail(user, Kind::Confirm))),
                ..confirmed(user, now)
            };
            assert_eq!(bench.a.register(new).await?, Registered::Done);
        }
        let (first, second) = tokio::join!(
            bench.a.confirm_email(confirming(one, &address, one, one)),
            bench.b.confirm_email(confirming(other, &address, other, other)),
        );
        let outcomes = [first?, second?];
        assert!(outcomes.contains(&Confirmed::Taken), "{outcomes:?}");
        let done = outcomes.iter().filter(|one| matches!(one, Confirmed::Done(_))).count();
        assert_eq!(done, 1, "{outcomes:?}");
    }
    Ok(())
}

pub(crate) async fn only_who_was_judged_as_she_is_asks_for_an_address(bench: &Bench) -> Outcome {
    bench.register_confirmed(1).await?;
    let judged = asked(bench, NEW, 1).await?;
    assert!(bench.b.sign_out(user_id(1), some_trail(1)).await?);
    assert!(!bench.a.ask_email(judged).await?);
    for table in ["links", "mails"] {
        assert_eq!(bench.rows(table).await, 0, "{table}");
    }
    assert_eq!(bench.rows("audit_events").await, 2);
    let over = NewLink { lifetime: Duration::ZERO, ..link(2) };
    assert!(bench.a.ask_email(AskEmail { link: over, ..asked(bench, NEW, 2).await? }).await?);
    assert_eq!(bench.link(2, Purpose::Confirm).await?, Some(LinkState::Expired));
    assert_eq!(bench.b.confirm_email(confirming(1, NEW, 2, 1)).await?, Confirmed::Gone);
    Ok(())
}

/// Whatever is asked at once is answered, in whichever order: no two statements wait for each other.
pub(crate) async fn many_things_asked_at_once_of_an_account_that_goes_are_no_error(
    bench: &Bench,
) -> Outcome {
    let now = bench.a.now().await?;
    for round in 0..40u128 {
        let (user, session) = (100 + round, 1_000 + round);
        let new = NewUser {
            session: Some(make::session(session, now)),
            confirmation: Some((link(user), mail(user, Kind::Confirm))),
            ..confirmed(user, now)
        };
        let new = NewUser { pending_email: Some(format!("new{user}@example.org")), ..new };
        assert_eq!(bench.a.register(new).await?, Registered::Done);
        let epoch = bench.credential(user).await?.epoch;
        let again = AskAgain {
            who: Asking::Session(key(session, user)),
            link: link(5_000 + user),
            mail: mail(5_000 + user, Kind::Confirm),
        };
        let asked = AskEmail {
            user: user_id(user),
            epoch,
            email: format!("newer{user}@example.org"),
            link: link(6_000 + user),
            mail: mail(6_000 + user, Kind::Confirm),
            refunds: Vec::new(),
            trail: trail(60_000 + user, Event::EmailAsked),
        };
        let session = key(session, user);
        let confirm = confirming(user, &format!("new{user}@example.org"), user, user);
        let (again, asked, confirmed, withdrawn, deleted) = tokio::join!(
            bench.a.ask_again(again),
            bench.b.ask_email(asked),
            bench.a.confirm_email(confirm),
            bench.b.withdraw_email(&session, some_trail(70_000 + user)),
            bench.a.delete_user(user_id(user), None, None, some_trail(80_000 + user)),
        );
        again?;
        asked?;
        confirmed?;
        withdrawn?;
        assert_eq!(deleted?, Removed::Done);
    }
    for table in ["users", "links", "login_names"] {
        assert_eq!(bench.rows(table).await, 0, "{table}");
    }
    Ok(())
}
