//! Told of a client that was not known: only of such a one, and only who can be told.

use futures_util::future::join_all;
use tokenhouse_rules::mail::Kind;
use tokenhouse_store::{NewMail, NewSession, OpenSession, Opened, Result};

use crate::Outcome;
use crate::bench::Bench;
use crate::make::{limited, mail, session, user_id};

/// An opening by a client that calls itself so, with the mail that tells of it.
async fn by(
    bench: &Bench,
    user: u128,
    number: u128,
    user_agent: Option<&str>,
) -> Result<OpenSession> {
    let now = bench.a.now().await?;
    let session = NewSession { user_agent: user_agent.map(str::to_owned), ..session(number, now) };
    let mail = Some(mail(number, Kind::NewDevice));
    Ok(OpenSession { mail, ..bench.opening(user, session).await? })
}

pub(crate) async fn a_client_that_no_other_session_is_from_is_told_of(bench: &Bench) -> Outcome {
    bench.register_confirmed(1).await?;
    let openings = [
        (1, Some("Firefox"), 1),
        (2, Some("Firefox"), 1),
        (3, Some("Chrome"), 2),
        (4, None, 3),
        (5, None, 3),
        (6, Some("Firefox"), 3),
    ];
    for (number, user_agent, mails) in openings {
        let opening = by(bench, 1, number, user_agent).await?;
        for store in [&bench.a, &bench.b] {
            assert_eq!(store.open_session(opening.clone()).await?, Opened::Open, "repeated too");
        }
        assert_eq!(bench.rows("mails").await, mails, "after session {number}");
    }
    let sent = bench.outbox().await?.remove(0);
    assert_eq!(
        (sent.kind, sent.recipient.as_str()),
        (Some(Kind::NewDevice), "Person1@Example.org")
    );
    assert_eq!((sent.user, sent.link), (Some(user_id(1)), None));
    Ok(())
}

pub(crate) async fn nobody_is_told_at_an_address_that_is_not_confirmed(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    bench.register_confirmed(2).await?;
    let opening = by(bench, 1, 1, Some("Firefox")).await?;
    assert_eq!(bench.a.open_session(opening).await?, Opened::Open);
    let late = by(bench, 2, 2, Some("Firefox")).await?;
    let late = OpenSession { epoch: late.epoch + 1, ..late };
    assert_eq!(bench.b.open_session(late).await?, Opened::Changed);
    let opening = OpenSession { mail: None, ..by(bench, 2, 3, Some("Firefox")).await? };
    assert_eq!(bench.b.open_session(opening).await?, Opened::Open);
    assert_eq!(bench.rows("mails").await, 0);
    Ok(())
}

/// Many at once share statements; each account is told of its own client.
pub(crate) async fn many_who_sign_in_at_once_are_each_told(bench: &Bench) -> Outcome {
    let mut openings = Vec::new();
    for user in 1..=20u128 {
        bench.register_confirmed(user).await?;
        let opening = by(bench, user, user, Some("Firefox")).await?;
        let mail: Option<NewMail> = Some(limited(user, Kind::NewDevice, "3/1h"));
        openings.push(OpenSession { mail, ..opening });
    }
    let opened = join_all(openings.into_iter().map(|opening| bench.a.open_session(opening))).await;
    assert!(opened.into_iter().all(|opened| matches!(opened, Ok(Opened::Open))));
    assert_eq!(bench.rows("mails").await, 20);
    assert_eq!(bench.number("SELECT count(DISTINCT recipient) FROM mails").await, 20);
    for number in 100..110u128 {
        let opening = by(bench, 1, number, Some(&format!("Client/{number}"))).await?;
        let mail = Some(limited(number, Kind::NewDevice, "3/1h"));
        let opening = OpenSession { mail, ..opening };
        let opened = bench.either(usize::from(number % 2 == 0)).open_session(opening).await?;
        assert_eq!(opened, Opened::Open);
    }
    assert_eq!(bench.rows("mails WHERE recipient = 'Person1@Example.org'").await, 3);
    Ok(())
}
