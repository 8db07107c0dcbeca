//! Changing a password: compare and swap on the epoch, and which sessions survive it.

use futures_util::future::join_all;
use tokenhouse_rules::audit::Event;
use tokenhouse_store::{ChangePassword, OpenSession, Opened, Result};

use crate::Outcome;
use crate::bench::Bench;
use crate::make::{first_hash, key, session, session_id, trail, user_id};

/// A change that session 5 of person 1 asks for.
fn change(number: u128, epoch: i64) -> ChangePassword {
    ChangePassword {
        session: session_id(5),
        user: user_id(1),
        epoch,
        hash: format!("$new-{number}"),
        refunds: Vec::new(),
        mail: None,
        trail: trail(9_000 + number, Event::PasswordChanged),
    }
}

pub(crate) async fn changing_a_password_keeps_only_the_session_that_asked(
    bench: &Bench,
) -> Outcome {
    bench.person_with_sessions(&[5, 6]).await?;
    bench.register(2).await?;
    bench.open(2, 8).await?;
    let judged = bench.opening(1, session(7, bench.a.now().await?)).await?;
    assert!(bench.a.change_password(change(1, judged.epoch)).await?);
    assert!(bench.is_alive(5).await?, "the session that asked survives");
    assert!(!bench.is_alive(6).await?);
    assert!(bench.b.session_with_data(&key(8, 2)).await?.is_some(), "another user's lives on");
    assert_eq!(bench.credential(1).await?.hash, "$new-1");
    assert_eq!(bench.b.open_session(judged).await?, Opened::Changed, "judged by the old one");
    let sessions = bench.b.user_sessions(user_id(1)).await?;
    assert_eq!(sessions.iter().map(|s| s.id).collect::<Vec<_>>(), [session_id(5)]);
    let event = bench.b.events(Some(user_id(1)), None, 1).await?.remove(0);
    assert_eq!((event.event.as_str(), event.session), ("password.changed", Some(session_id(5))));
    Ok(())
}

pub(crate) async fn a_second_change_in_the_same_epoch_is_refused(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    let epoch = bench.credential(1).await?.epoch;
    assert!(bench.a.change_password(change(1, epoch)).await?);
    assert!(!bench.b.change_password(change(2, epoch)).await?);
    assert_eq!(bench.credential(1).await?.hash, "$new-1");
    assert_eq!(bench.rows("audit_events WHERE event = 'password.changed'").await, 1);
    assert!(bench.is_alive(5).await?);
    let epoch = bench.credential(1).await?.epoch;
    assert!(bench.b.change_password(change(3, epoch)).await?, "the new epoch is accepted");
    assert_eq!(bench.credential(1).await?.hash, "$new-3");
    Ok(())
}

pub(crate) async fn eight_changes_at_once_have_one_winner(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    let epoch = bench.credential(1).await?.epoch;
    let changes = (0..8usize).map(|number| {
        let change = change(u128::try_from(number).expect("a small number"), epoch);
        bench.either(number).change_password(change)
    });
    let changed = join_all(changes).await.into_iter().collect::<Result<Vec<_>>>()?;
    let winners: Vec<_> = (0..8).filter(|number| changed[*number]).collect();
    assert_eq!(winners.len(), 1, "{changed:?}");
    assert_eq!(bench.credential(1).await?.hash, format!("$new-{}", winners[0]));
    assert_eq!(bench.rows("audit_events WHERE event = 'password.changed'").await, 1);
    Ok(())
}

pub(crate) async fn only_the_expected_hash_is_replaced_at_sign_in(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    let now = bench.a.now().await?;
    let rehash = |old: &str| Some((old.to_owned(), "$stronger".to_owned()));
    let opening = bench.opening(1, session(5, now)).await?;
    let opening = OpenSession { rehash: rehash("$another"), ..opening };
    assert_eq!(bench.a.open_session(opening).await?, Opened::Open);
    assert_eq!(bench.credential(1).await?.hash, first_hash(1));

    let opening = bench.opening(1, session(6, now)).await?;
    let opening = OpenSession { rehash: rehash(&first_hash(1)), ..opening };
    let epoch = opening.epoch;
    assert_eq!(bench.a.open_session(opening).await?, Opened::Open);
    let credential = bench.credential(1).await?;
    assert_eq!((credential.hash.as_str(), credential.epoch), ("$stronger", epoch));
    assert!(bench.is_alive(5).await? && bench.is_alive(6).await?, "it is the same password");
    Ok(())
}

pub(crate) async fn a_change_spares_only_a_session_of_the_same_user(bench: &Bench) -> Outcome {
    bench.register(1).await?;
    bench.register(2).await?;
    bench.open(2, 5).await?;
    let epoch = bench.credential(1).await?.epoch;
    assert!(bench.a.change_password(change(1, epoch)).await?);
    assert!(bench.b.session_with_data(&key(5, 2)).await?.is_some(), "hers is left as it was");
    Ok(())
}
