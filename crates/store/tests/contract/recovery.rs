//! Forgotten passwords: who gets a link, that nobody can tell, and what the link does, once.

use std::time::Duration;

use futures_util::future::join_all;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::limit::{Scope, Verdict};
use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::mail::Kind;
use tokenhouse_store::{AskRecovery, LinkState, NewLink, Opened, ResetPassword, Result, SignIn};

use crate::Outcome;
use crate::bench::{Bench, some_trail};
use crate::make::{
    cost, email, first_hash, limited, link, link_id, mail, name, operation, session, sign_in,
    trail, user_id,
};

fn asked(name: &str, number: u128) -> AskRecovery {
    AskRecovery {
        name: name.to_owned(),
        link: link(number),
        mail: mail(number, Kind::Recover),
        address: None,
        trail: trail(10_000 + number, Event::RecoveryAsked),
    }
}

fn reset(link: u128, by: u128) -> ResetPassword {
    ResetPassword {
        link: link_id(link),
        operation: operation(by),
        hash: format!("$reset-{by}"),
        mail: Some(mail(100 + by, Kind::PasswordChanged)),
        trail: trail(20_000 + by, Event::PasswordReset),
    }
}

pub(crate) async fn a_link_goes_to_the_confirmed_address_of_whoever_has_the_name(
    bench: &Bench,
) -> Outcome {
    bench.register_confirmed(1).await?;
    for (number, name) in [(1, name(1)), (2, email(1))] {
        let verdict = bench.either(0).ask_recovery(asked(&name, number)).await?;
        assert_eq!(verdict, Verdict::Admitted);
        let sent = bench.outbox().await?.remove(0);
        assert_eq!((sent.kind, sent.link), (Some(Kind::Recover), Some(link_id(number))));
        assert_eq!((sent.recipient.as_str(), sent.user), ("Person1@Example.org", Some(user_id(1))));
        let facts = bench.b.link(link_id(number), Purpose::Recover).await?.expect("it is there");
        assert_eq!(facts.state, LinkState::Open);
        assert_eq!(facts.user.map(|user| user.id), Some(user_id(1)));
    }
    assert_eq!(bench.rows("audit_events WHERE event = 'recovery.asked'").await, 2);
    Ok(())
}

pub(crate) async fn who_cannot_be_sent_a_link_is_answered_alike_and_nothing_is_written(
    bench: &Bench,
) -> Outcome {
    bench.register(1).await?;
    bench.register_confirmed(2).await?;
    assert!(bench.a.lock_user(user_id(2), true, some_trail(1)).await?);
    let events = bench.rows("audit_events").await;
    for (number, name) in [(1, "nobody".to_owned()), (2, name(1)), (3, name(2))] {
        let verdict = bench.b.ask_recovery(asked(&name, number)).await?;
        assert_eq!(verdict, Verdict::Admitted, "{name}");
    }
    for table in ["links", "mails", "throttles"] {
        assert_eq!(bench.rows(table).await, 0, "{table}");
    }
    assert_eq!(bench.rows("audit_events").await, events);
    Ok(())
}

pub(crate) async fn an_address_over_its_limit_is_refused_whoever_it_asks_for(
    bench: &Bench,
) -> Outcome {
    bench.register_confirmed(1).await?;
    let address = Some(("r:192.0.2.7".to_owned(), cost("2/1h")));
    for number in 1..=4 {
        let name = if number % 2 == 0 { name(1) } else { "nobody".to_owned() };
        let asked = AskRecovery { address: address.clone(), ..asked(&name, number) };
        let verdict = bench.either(usize::from(number > 2)).ask_recovery(asked).await?;
        let is_refused = matches!(verdict, Verdict::Refused { by: Scope::Address, .. });
        assert_eq!(is_refused, number > 2, "{number}: {verdict:?}");
    }
    assert_eq!((bench.rows("mails").await, bench.rows("links").await), (1, 1));
    Ok(())
}

pub(crate) async fn over_the_limit_of_a_recipient_there_is_no_link_and_no_event(
    bench: &Bench,
) -> Outcome {
    bench.register_confirmed(1).await?;
    for number in 1..=4 {
        let mail = limited(number, Kind::Recover, "2/1h");
        let asked = AskRecovery { mail, ..asked(&name(1), number) };
        let verdict = bench.either(usize::from(number > 2)).ask_recovery(asked).await?;
        assert_eq!(verdict, Verdict::Admitted, "answered alike");
    }
    assert_eq!((bench.rows("mails").await, bench.rows("links").await), (2, 2));
    assert_eq!(bench.rows("audit_events WHERE event = 'recovery.asked'").await, 2);
    Ok(())
}

pub(crate) async fn a_link_sets_a_password_and_ends_all_sessions(bench: &Bench) -> Outcome {
    bench.register_confirmed(1).await?;
    bench.register_confirmed(2).await?;
    bench.open(1, 5).await?;
    let judged = bench.opening(1, session(6, bench.a.now().await?)).await?;
    let question = || SignIn { account: Some(cost("2/1h")), ..sign_in(&name(1)) };
    while bench.a.sign_in_facts(question()).await?.verdict == Verdict::Admitted {}
    bench.a.ask_recovery(asked(&name(1), 1)).await?;

    let user = bench.b.reset_password(reset(1, 1)).await?.expect("the link may be used");
    assert_eq!(Some(user), bench.a.user(user_id(1)).await?);
    assert_eq!(bench.credential(1).await?.hash, "$reset-1");
    assert!(!bench.is_alive(5).await?);
    assert_eq!(bench.a.open_session(judged).await?, Opened::Changed, "judged by the old one");
    assert_eq!(bench.a.sign_in_facts(question()).await?.verdict, Verdict::Admitted, "forgiven");
    assert_eq!(bench.credential(2).await?.hash, first_hash(2), "nobody else's is set");
    assert_eq!(bench.link(1, Purpose::Recover).await?, Some(LinkState::Used));
    let told = ("password-changed".to_owned(), "Person1@Example.org".to_owned());
    assert_eq!(bench.told().await?[0], told);
    assert_eq!(bench.rows("audit_events WHERE event = 'password.reset'").await, 1);
    Ok(())
}

pub(crate) async fn a_link_is_used_once_but_by_its_own_repetition(bench: &Bench) -> Outcome {
    bench.register_confirmed(1).await?;
    bench.a.ask_recovery(asked(&name(1), 1)).await?;
    assert!(bench.a.reset_password(reset(1, 1)).await?.is_some());
    bench.open(1, 5).await?;
    assert!(bench.b.reset_password(reset(1, 1)).await?.is_some(), "the same request again");
    assert!(bench.b.reset_password(reset(1, 2)).await?.is_none());
    assert_eq!(bench.credential(1).await?.hash, "$reset-1");
    assert!(bench.is_alive(5).await?, "what is repeated ends nothing a second time");
    assert_eq!(bench.rows("mails WHERE kind = 'password-changed'").await, 1);
    assert_eq!(bench.rows("audit_events WHERE event = 'password.reset'").await, 1);
    assert!(bench.a.reset_password(reset(9, 3)).await?.is_none(), "there is none such");
    Ok(())
}

pub(crate) async fn eight_uses_of_one_link_at_once_have_one_winner(bench: &Bench) -> Outcome {
    bench.register_confirmed(1).await?;
    bench.a.ask_recovery(asked(&name(1), 1)).await?;
    let uses =
        (0..8u128).map(|by| bench.either(usize::from(by % 2 == 0)).reset_password(reset(1, by)));
    let used = join_all(uses).await.into_iter().collect::<Result<Vec<_>>>()?;
    let winners: Vec<_> = (0..8).filter(|by| used[*by].is_some()).collect();
    assert_eq!(winners.len(), 1, "{used:?}");
    assert_eq!(bench.credential(1).await?.hash, format!("$reset-{}", winners[0]));
    assert_eq!(bench.rows("mails WHERE kind = 'password-changed'").await, 1);
    assert_eq!(bench.rows("audit_events WHERE event = 'password.reset'").await, 1);
    Ok(())
}

pub(crate) async fn what_ends_sessions_ends_links_to_a_new_password(bench: &Bench) -> Outcome {
    bench.register_confirmed(1).await?;
    bench.a.ask_recovery(asked(&name(1), 1)).await?;
    bench.a.ask_recovery(asked(&name(1), 2)).await?;
    assert!(bench.b.reset_password(reset(2, 2)).await?.is_some());
    bench.a.ask_recovery(asked(&name(1), 3)).await?;
    assert!(bench.a.sign_out(user_id(1), some_trail(1)).await?);
    for ended in [1, 3] {
        assert_eq!(bench.link(ended, Purpose::Recover).await?, Some(LinkState::Expired));
        assert!(bench.b.reset_password(reset(ended, ended)).await?.is_none());
    }
    assert_eq!(bench.credential(1).await?.hash, "$reset-2");
    let over = NewLink { lifetime: Duration::ZERO, ..link(4) };
    bench.a.ask_recovery(AskRecovery { link: over, ..asked(&name(1), 4) }).await?;
    assert_eq!(bench.link(4, Purpose::Recover).await?, Some(LinkState::Expired));
    assert!(bench.b.reset_password(reset(4, 4)).await?.is_none());
    Ok(())
}

/// Whoever is deleted while she asks has asked for nothing.
pub(crate) async fn asking_for_an_account_that_is_being_deleted_is_no_error(
    bench: &Bench,
) -> Outcome {
    for user in 1..=30 {
        bench.register_confirmed(user).await?;
        let (asked, deleted) = tokio::join!(
            bench.a.ask_recovery(asked(&name(user), user)),
            bench.b.delete_user(
                user_id(user),
                None,
                None,
                trail(30_000 + user, Event::UserDeleted)
            )
        );
        assert_eq!(asked?, Verdict::Admitted);
        deleted?;
    }
    assert_eq!(bench.rows("links").await, 0);
    Ok(())
}
