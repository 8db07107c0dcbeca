//! Accounts that are deleted later: what ends at once, thinking again, and what housekeeping does.

use std::time::Duration;

use tokenhouse_rules::audit::Event;
use tokenhouse_rules::limit::account_key;
use tokenhouse_rules::mail::Kind;
use tokenhouse_store::{Ended, Opened, Refund, Removed, Result, ScheduleDeletion, SignIn};

use crate::Outcome;
use crate::bench::{Bench, some_trail};
use crate::make::{HOUR, cost, key, mail, name, session, sign_in, trail, user_id};

async fn deletion(bench: &Bench, user: u128, grace: Duration) -> Result<ScheduleDeletion> {
    Ok(ScheduleDeletion {
        user: user_id(user),
        epoch: bench.credential(user).await?.epoch,
        grace,
        mail: Some(mail(user, Kind::DeletionScheduled)),
        refunds: Vec::new(),
        trail: trail(30_000 + user, Event::DeletionScheduled),
    })
}

/// Runs housekeeping until nothing is left to do; how many rows went.
async fn clean(bench: &Bench) -> Result<u64> {
    let mut gone = 0;
    loop {
        match bench.b.delete_expired(100, HOUR).await? {
            0 => return Ok(gone),
            count => gone += count,
        }
    }
}

pub(crate) async fn an_account_to_be_deleted_is_signed_out_and_told(bench: &Bench) -> Outcome {
    bench.register_confirmed(1).await?;
    bench.open(1, 5).await?;
    let judged = bench.opening(1, session(6, bench.a.now().await?)).await?;
    let cost = cost("1/1h");
    let question = || SignIn { account: Some(cost), ..sign_in(&name(1)) };
    bench.a.sign_in_facts(question()).await?;
    let refunds = vec![Refund { key: account_key(user_id(1)), step: cost.step }];
    let asked = ScheduleDeletion { refunds, ..deletion(bench, 1, HOUR).await? };
    assert_eq!(bench.a.schedule_deletion(asked.clone()).await?, Removed::Done);
    assert!(!bench.is_alive(5).await?);
    assert_eq!(bench.b.open_session(judged).await?, Opened::Changed);
    let again = bench.a.sign_in_facts(question()).await?;
    assert_eq!(again.verdict, tokenhouse_rules::limit::Verdict::Admitted, "given back");
    let told = ("deletion-scheduled".to_owned(), "Person1@Example.org".to_owned());
    assert_eq!(bench.told().await?, [told]);
    assert_eq!(bench.b.schedule_deletion(asked).await?, Removed::Changed, "another epoch");
    assert_eq!(bench.rows("audit_events WHERE event = 'user.deletion_scheduled'").await, 1);
    assert_eq!(clean(bench).await?, 0, "not yet");
    assert!(bench.b.user(user_id(1)).await?.is_some());
    Ok(())
}

pub(crate) async fn who_thinks_again_keeps_her_account(bench: &Bench) -> Outcome {
    bench.register_confirmed(1).await?;
    assert_eq!(bench.a.schedule_deletion(deletion(bench, 1, HOUR).await?).await?, Removed::Done);
    bench.open(1, 5).await?;
    let profile = bench.b.profile(&key(5, 1)).await?.expect("a living session");
    let after = profile.delete_after.expect("it is to be deleted");
    assert!(after > profile.now && after <= profile.now.plus(HOUR));
    for number in [1, 2] {
        let kept = trail(40_000 + number, Event::DeletionCancelled);
        assert_eq!(bench.a.keep_account(&key(5, 1), kept).await?, Ended::Done);
    }
    assert_eq!(bench.rows("audit_events WHERE event = 'user.deletion_cancelled'").await, 1);
    let profile = bench.b.profile(&key(5, 1)).await?.expect("a living session");
    assert_eq!(profile.delete_after, None);
    bench.age("users", "delete_after").await;
    assert_eq!(clean(bench).await?, 0);
    let dead = bench.b.keep_account(&key(6, 1), some_trail(1)).await?;
    assert_eq!(dead, Ended::NoSession);
    Ok(())
}

pub(crate) async fn housekeeping_deletes_what_nobody_kept(bench: &Bench) -> Outcome {
    for user in 1..=3 {
        bench.register_confirmed(user).await?;
    }
    for user in [1, 2] {
        let asked = deletion(bench, user, Duration::ZERO).await?;
        assert_eq!(bench.a.schedule_deletion(asked).await?, Removed::Done);
    }
    bench.open(1, 5).await?;
    let (a, b) = tokio::join!(bench.a.delete_expired(100, HOUR), bench.b.delete_expired(100, HOUR));
    assert_eq!(a? + b? + clean(bench).await?, 2);
    for user in 1..=3 {
        assert_eq!(bench.b.user(user_id(user)).await?.is_some(), user == 3);
    }
    assert_eq!(bench.rows("sessions").await, 0);
    for user in [1, 2] {
        let events = bench.b.events(Some(user_id(user)), None, 10).await?;
        let deleted: Vec<_> = events.iter().filter(|row| row.event == "user.deleted").collect();
        assert_eq!(deleted.len(), 1, "{events:?}");
        assert_eq!((deleted[0].actor.as_str(), deleted[0].session), ("user", None));
        assert!(deleted[0].id > events[events.len() - 1].id);
    }
    // What told her of it may still wait to be sent.
    assert_eq!(bench.rows("mails").await, 2);
    Ok(())
}

pub(crate) async fn the_last_administrator_is_never_deleted(bench: &Bench) -> Outcome {
    for user in [1, 2] {
        bench.register_confirmed(user).await?;
        let granted = trail(20_000 + user, Event::AdministratorGranted);
        assert!(bench.a.grant_administrator(user_id(user), granted).await?);
        if user == 1 {
            let asked = deletion(bench, 1, Duration::ZERO).await?;
            let refused = bench.a.schedule_deletion(asked).await?;
            assert_eq!(refused, Removed::LastAdministrator);
            assert_eq!(bench.rows("mails").await, 0);
        }
    }
    for user in [1, 2] {
        let asked = deletion(bench, user, Duration::ZERO).await?;
        assert_eq!(bench.a.schedule_deletion(asked).await?, Removed::Done);
    }
    let (a, b) = tokio::join!(bench.a.delete_expired(100, HOUR), bench.b.delete_expired(100, HOUR));
    assert_eq!(a? + b? + clean(bench).await?, 1);
    assert_eq!(bench.b.administrators().await?.len(), 1);
    assert_eq!(bench.b.setup_state().await?.administrators, 1);
    assert_eq!(bench.rows("audit_events WHERE event = 'user.deleted'").await, 1);
    Ok(())
}

pub(crate) async fn with_an_account_go_mails_that_have_done_their_work(bench: &Bench) -> Outcome {
    bench.register_confirmed(1).await?;
    bench.register_confirmed(2).await?;
    for (user, number) in [(1, 1), (2, 2)] {
        let opening = bench.opening(user, session(number, bench.a.now().await?)).await?;
        let mail = Some(mail(number, Kind::NewDevice));
        let opening = tokenhouse_store::OpenSession { mail, ..opening };
        assert_eq!(bench.a.open_session(opening).await?, Opened::Open);
    }
    let holder = uuid::Uuid::from_u128(1);
    for mail in bench.a.claim_mails(holder, HOUR, 10).await? {
        assert!(bench.a.mail_sent(mail.id, holder).await?);
    }
    let told = Some(mail(3, Kind::AccountDeleted));
    let deleted = trail(9_000, Event::UserDeleted);
    let removed = bench.b.delete_user(user_id(1), None, told, deleted).await?;
    assert_eq!(removed, Removed::Done);
    let left = |kind: &str, to: &str| (kind.to_owned(), to.to_owned());
    let expected =
        [left("account-deleted", "Person1@Example.org"), left("new-device", "Person2@Example.org")];
    assert_eq!(bench.told().await?, expected);
    Ok(())
}
