//! Statements of PostgreSQL that have to wait for somebody else's transaction, and what they make of what
//! they find then. The other transaction is held by hand, so that each case is the race it is named for.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::limit::Verdict;
use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::mail::Kind;
use tokenhouse_store::{
    AskRecovery, ConfirmEmail, Confirmed, Ended, MakeLink, NewUser, Opened, Registered, Removed,
    ResetPassword, Result, Target,
};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::Outcome;
use crate::bench::{Bench, some_trail};
use crate::make::{
    HOUR, confirmed, first_hash, key, link, link_id, mail, mail_id, name, operation, session,
    trail, user_id,
};

/// Longer than any answer takes that is not stuck.
const PATIENCE: Duration = Duration::from_secs(20);

/// The bench, and a transaction beside it that has made a change.
async fn beside(bench: &Bench, change: &str) -> Client {
    let other = bench.connect().await;
    other.batch_execute(&format!("BEGIN; {change}")).await.expect("the other goes first");
    other
}

/// What a statement answers that waits for the other transaction until that is committed.
async fn once_committed<T>(bench: &Bench, other: Client, asked: impl Future<Output = T>) -> T {
    let committing = async {
        let since = Instant::now();
        let waiting = "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while bench.number(waiting).await == 0 {
            assert!(since.elapsed() < PATIENCE, "nothing waits for the other");
        }
        other.batch_execute("COMMIT").await.expect("the other is committed");
    };
    tokio::join!(asked, committing).0
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

async fn asked_recovery(bench: &Bench) -> Result<Verdict> {
    let asked = AskRecovery {
        name: name(1),
        link: link(1),
        mail: mail(1, Kind::Recover),
        address: None,
        trail: trail(10_001, Event::RecoveryAsked),
    };
    bench.a.ask_recovery(asked).await
}

pub(crate) async fn a_mail_that_somebody_is_taking_is_left_to_him(bench: &Bench) -> Outcome {
    for number in [1, 2] {
        let made = MakeLink {
            purpose: Purpose::Invite,
            link: link(number),
            email: Some("p@example.org".to_owned()),
            mail: Some(mail(number, Kind::Invitation)),
            trail: trail(10_000 + number, Event::InvitationMade),
        };
        assert!(bench.a.make_link(made).await?);
    }
    let first = format!("SELECT 1 FROM mails WHERE id = '{}' FOR UPDATE", id(1));
    let other = beside(bench, &first).await;
    let claimed = bench.a.claim_mails(id(7), HOUR, 10);
    let claimed = tokio::time::timeout(PATIENCE, claimed).await.expect("it does not wait")?;
    assert_eq!(claimed.iter().map(|mail| mail.id).collect::<Vec<_>>(), [mail_id(2)]);
    drop(other);
    Ok(())
}

pub(crate) async fn a_link_to_a_new_password_ends_with_what_is_being_ended(
    bench: &Bench,
) -> Outcome {
    bench.register_confirmed(1).await?;
    asked_recovery(bench).await?;
    let other = beside(bench, "UPDATE users SET epoch = epoch + 1").await;
    let reset = ResetPassword {
        link: link_id(1),
        operation: operation(1),
        hash: "$reset".to_owned(),
        mail: None,
        trail: trail(20_001, Event::PasswordReset),
    };
    let reset = once_committed(bench, other, bench.a.reset_password(reset)).await?;
    assert_eq!(reset, None);
    assert_eq!(bench.credential(1).await?.hash, first_hash(1));
    Ok(())
}

pub(crate) async fn nobody_gets_a_link_who_is_being_deleted(bench: &Bench) -> Outcome {
    bench.register_confirmed(1).await?;
    let other = beside(bench, "DELETE FROM users").await;
    let asked = once_committed(bench, other, asked_recovery(bench)).await?;
    assert_eq!(asked, Verdict::Admitted);
    assert_eq!((bench.rows("links").await, bench.rows("mails").await), (0, 0));
    Ok(())
}

pub(crate) async fn rights_that_are_being_granted_count_when_she_is_deleted(
    bench: &Bench,
) -> Outcome {
    for user in [1, 2] {
        bench.register_confirmed(user).await?;
    }
    assert!(bench.a.grant_administrator(user_id(1), some_trail(1)).await?);
    let granting = format!(
        "UPDATE users SET administrator_since = now() WHERE id = '{}';
         UPDATE setup SET administrators = administrators + 1",
        id(2)
    );
    let other = beside(bench, &granting).await;
    let deleting = bench.a.delete_user(user_id(2), None, None, some_trail(2));
    assert_eq!(once_committed(bench, other, deleting).await?, Removed::Done);
    assert_eq!(bench.b.setup_state().await?.administrators, 1);
    Ok(())
}

pub(crate) async fn the_last_administrator_stays_whoever_is_going(bench: &Bench) -> Outcome {
    for user in [1, 2] {
        bench.register_confirmed(user).await?;
        assert!(bench.a.grant_administrator(user_id(user), some_trail(user)).await?);
    }
    let revoking = format!(
        "UPDATE setup SET administrators = administrators - 1;
         UPDATE users SET administrator_since = NULL WHERE id = '{}'",
        id(1)
    );
    let other = beside(bench, &revoking).await;
    let deleting = bench.a.delete_user(user_id(2), None, None, some_trail(3));
    assert_eq!(once_committed(bench, other, deleting).await?, Removed::LastAdministrator);
    assert_eq!(bench.b.setup_state().await?.administrators, 1);
    Ok(())
}

pub(crate) async fn a_session_that_is_being_ended_ends_no_others(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5, 6]).await?;
    let ending = format!(
        "UPDATE users SET epoch = epoch + 1; DELETE FROM sessions WHERE id = '{}';
         UPDATE sessions SET epoch = epoch + 1",
        id(5)
    );
    let other = beside(bench, &ending).await;
    let session = key(5, 1);
    let ended = bench.a.end_sessions(&session, Target::Others, some_trail(1));
    assert_eq!(once_committed(bench, other, ended).await?, Ended::NoSession);
    assert!(bench.is_alive(6).await?);
    Ok(())
}

pub(crate) async fn an_address_that_is_being_taken_is_taken(bench: &Bench) -> Outcome {
    bench.register(2).await?;
    let now = bench.a.now().await?;
    let new = NewUser {
        pending_email: Some("new@example.org".to_owned()),
        confirmation: Some((link(1), mail(1, Kind::Confirm))),
        ..confirmed(1, now)
    };
    assert_eq!(bench.a.register(new).await?, Registered::Done);
    let taking = format!("INSERT INTO login_names VALUES ('new@example.org', '{}')", id(2));
    let other = beside(bench, &taking).await;
    let confirm = ConfirmEmail {
        link: link_id(1),
        operation: operation(1),
        names: vec![name(1), "new@example.org".to_owned()],
        mails: None,
        trail: trail(40_001, Event::EmailConfirmed),
    };
    let confirmed = once_committed(bench, other, bench.a.confirm_email(confirm)).await?;
    assert_eq!(confirmed, Confirmed::Taken);
    Ok(())
}

/// Each waits for sessions that the other opens; were they opened as they came, both would wait for ever.
pub(crate) async fn the_same_sessions_in_two_orders_are_opened_without_a_deadlock(
    bench: &Bench,
) -> Outcome {
    bench.register(1).await?;
    for round in 1..=20 {
        let now = bench.a.now().await?;
        let mut openings = Vec::new();
        for number in 0..40 {
            openings.push(bench.opening(1, session(1_000 * round + number, now)).await?);
        }
        let forth = openings.iter().cloned().map(|opening| bench.a.open_session(opening));
        let back = openings.iter().rev().cloned().map(|opening| bench.b.open_session(opening));
        let (forth, back) = tokio::join!(join_all(forth), join_all(back));
        for opened in forth.into_iter().chain(back) {
            assert_eq!(opened?, Opened::Open);
        }
    }
    Ok(())
}
