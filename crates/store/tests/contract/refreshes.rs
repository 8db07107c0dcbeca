//! Refresh tokens: one deterministic successor, a window for answers that were lost, and replays.

use std::time::Duration;

use futures_util::future::join_all;
use tokenhouse_rules::oauth::refresh_token::Sealer;
use tokenhouse_store::{Redeem, Refresh, Refreshed, Result, SaveClient, Saved, Shown, Target};

use crate::Outcome;
use crate::applications::{
    AUTHORIZED, DAY, change, client_id, code, digest, disable, generation, grant_id, lives,
    make_client, make_grant, make_grant_by, person_and_client, redeem, refresh, revoke, secret,
};
use crate::bench::{Bench, some_trail};
use crate::make::{HOUR, key, user_id};

/// A refresh by process B must end so.
async fn assert_turns(bench: &Bench, asked: Refresh, expected: Option<i64>) -> Outcome {
    let refreshed = bench.b.refresh(asked).await?;
    assert_eq!(generation(&refreshed), expected, "{refreshed:?}");
    Ok(())
}

/// How many rows of the trail tell of a replay.
async fn replays(bench: &Bench) -> i64 {
    bench.rows("audit_events WHERE event = 'refresh_token.replayed'").await
}

pub(crate) async fn a_refresh_token_turns_to_the_next_generation(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_grant(bench, 1, false).await?;
    for current in 0..5 {
        let asked = refresh(1, current);
        let refreshed = bench.either(usize::from(current % 2 == 0)).refresh(asked).await?;
        let Refreshed::Done { generation, facts, .. } = refreshed else { panic!("{refreshed:?}") };
        assert_eq!(generation, current + 1);
        assert_eq!((facts.id, facts.authorized.as_str()), (grant_id(1), AUTHORIZED));
        assert_eq!((facts.client.id, facts.owner.user.id), (client_id(1), user_id(1)));
    }
    assert!(lives(bench, 1).await?);
    assert_eq!(replays(bench).await, 0);
    assert_turns(bench, refresh(1, 9), None).await?;
    assert!(lives(bench, 1).await?, "a token that was never given ends nothing");
    Ok(())
}

pub(crate) async fn eight_refreshes_at_once_all_get_the_same_next_one(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_grant(bench, 1, true).await?;
    for current in 0..5 {
        let asked = (0..8).map(|number| bench.either(number).refresh(refresh(1, current)));
        let refreshed = join_all(asked).await.into_iter().collect::<Result<Vec<_>>>()?;
        let generations: Vec<_> = refreshed.iter().map(generation).collect();
        assert_eq!(generations, [Some(current + 1); 8], "{refreshed:?}");
    }
    assert!(lives(bench, 1).await?);
    assert_eq!(replays(bench).await, 0);
    Ok(())
}

/// While the root secret is changed, processes write with different keys.
pub(crate) async fn who_turned_a_token_says_which_key_seals_the_next_one(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_grant(bench, 1, true).await?;
    for current in 0..3_u8 {
        let asked = (0..8).map(|number: u8| {
            let sealer = Sealer([10 * current + number; 4]);
            let asked = Refresh { sealer, ..refresh(1, current.into()) };
            bench.either(number.into()).refresh(asked)
        });
        let refreshed = join_all(asked).await.into_iter().collect::<Result<Vec<_>>>()?;
        let sealers: Vec<_> = refreshed.iter().map(sealer).collect();
        let of_one = (0..8).any(|number| sealers == [Some(Sealer([10 * current + number; 4])); 8]);
        assert!(of_one, "{sealers:?}");
    }
    Ok(())
}

/// Which key seals the token that is given.
fn sealer(refreshed: &Refreshed) -> Option<Sealer> {
    match refreshed {
        Refreshed::Done { sealer, .. } => *sealer,
        _ => None,
    }
}

pub(crate) async fn the_former_token_gets_the_same_one_inside_the_window(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_grant(bench, 1, true).await?;
    assert_turns(bench, refresh(1, 0), Some(1)).await?;
    for _ in 0..3 {
        assert_turns(bench, refresh(1, 0), Some(1)).await?;
    }
    assert_turns(bench, refresh(1, 1), Some(2)).await?;
    assert_turns(bench, refresh(1, 1), Some(2)).await?;
    assert!(lives(bench, 1).await?);
    assert_eq!(replays(bench).await, 0);
    Ok(())
}

pub(crate) async fn a_token_whose_child_was_used_ends_the_grant(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_grant(bench, 1, true).await?;
    make_grant(bench, 2, true).await?;
    assert_turns(bench, refresh(1, 0), Some(1)).await?;
    assert_turns(bench, refresh(1, 1), Some(2)).await?;
    let refreshed = bench.a.refresh(refresh(1, 0)).await?;
    assert!(matches!(refreshed, Refreshed::Replayed), "{refreshed:?}");
    assert!(!lives(bench, 1).await?);
    let refreshed = bench.b.refresh(refresh(1, 2)).await?;
    assert!(matches!(refreshed, Refreshed::Gone), "the current one too: {refreshed:?}");
    assert!(lives(bench, 2).await?, "another grant is left alone");
    assert_eq!(replays(bench).await, 1);
    let event = bench.b.events(Some(user_id(1)), None, 1).await?.remove(0);
    assert_eq!(event.event, "refresh_token.replayed");
    Ok(())
}

pub(crate) async fn a_former_token_after_the_window_ends_the_grant(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    for number in [1, 2] {
        make_grant(bench, number, true).await?;
        assert_turns(bench, refresh(number, 0), Some(1)).await?;
    }
    let late = Refresh { window: Duration::ZERO, ..refresh(1, 0) };
    let refreshed = bench.a.refresh(late).await?;
    assert!(matches!(refreshed, Refreshed::Replayed), "{refreshed:?}");
    bench.age("grants", "rotated_at").await;
    let refreshed = bench.b.refresh(refresh(2, 0)).await?;
    assert!(matches!(refreshed, Refreshed::Replayed), "{refreshed:?}");
    assert!(!lives(bench, 1).await? && !lives(bench, 2).await?);
    assert_eq!(replays(bench).await, 2);
    Ok(())
}

/// FAPI 2.0 §5.3.2.1: it stays, as often as it is used; whoever came before the profile is as before.
pub(crate) async fn the_token_of_a_client_of_the_profile_is_not_turned(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_grant(bench, 1, true).await?;
    assert_turns(bench, refresh(1, 0), Some(1)).await?;
    let settings = r#"{"security_profile":"fapi2"}"#.to_owned();
    let saved = bench.a.save_client(SaveClient { settings, ..change(1, 1) }).await?;
    assert_eq!(saved, Saved::Done(2));
    for late in [Duration::from_secs(60), Duration::ZERO, Duration::ZERO] {
        let asked = Refresh { window: late, ..refresh(1, 1) };
        assert_turns(bench, asked, Some(1)).await?;
    }
    let used = bench.number("SELECT count(*) FROM grants WHERE last_used_at IS NOT NULL").await;
    assert_eq!(used, 1);
    assert!(lives(bench, 1).await?);
    let refreshed = bench.a.refresh(Refresh { window: Duration::ZERO, ..refresh(1, 0) }).await?;
    assert!(matches!(refreshed, Refreshed::Replayed), "one from before: {refreshed:?}");
    Ok(())
}

/// The current one is good for as long as the grant.
pub(crate) async fn the_window_is_not_for_the_current_token(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_grant(bench, 1, true).await?;
    bench.age("grants", "rotated_at").await;
    let without = |generation| Refresh { window: Duration::ZERO, ..refresh(1, generation) };
    assert_turns(bench, without(0), Some(1)).await?;
    assert_turns(bench, without(1), Some(2)).await?;
    Ok(())
}

pub(crate) async fn who_does_not_show_to_be_the_client_turns_nothing(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_client(bench, 2).await?;
    make_grant(bench, 1, true).await?;
    let (id, at_once) = (client_id(1), Duration::ZERO);
    assert!(bench.a.add_client_secret(&id, secret(3), at_once, some_trail(1)).await?);
    for (client, shown) in [
        (client_id(1), Shown::Name),
        (client_id(1), Shown::Secret(digest(9))),
        (client_id(1), Shown::Secret(digest(2))),
        (client_id(1), Shown::Secret(digest(1))),
        ("nobody".to_owned(), Shown::Name),
        ("nobody".to_owned(), Shown::Judged),
        ("nobody".to_owned(), Shown::Secret(digest(3))),
    ] {
        let refreshed = bench.b.refresh(Refresh { client, shown, ..refresh(1, 0) }).await?;
        assert!(matches!(refreshed, Refreshed::NotTheClient), "{shown:?}: {refreshed:?}");
    }
    let theirs = Refresh { client: client_id(2), shown: Shown::Secret(digest(2)), ..refresh(1, 0) };
    let refreshed = bench.b.refresh(theirs).await?;
    assert!(matches!(refreshed, Refreshed::Gone), "another client's: {refreshed:?}");
    assert!(lives(bench, 1).await?);
    assert_eq!(bench.number("SELECT generation FROM grants").await, 0);
    for (current, shown) in [(0, Shown::Secret(digest(3))), (1, Shown::Judged)] {
        let asked = Refresh { shown, ..refresh(1, current) };
        assert_turns(bench, asked, Some(current + 1)).await?;
    }
    Ok(())
}

/// Whoever took a token from a client with a secret neither turns it nor ends its grant.
pub(crate) async fn a_name_is_enough_only_for_a_client_without_a_secret(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_grant(bench, 1, true).await?;
    let by_name = |generation| Refresh { shown: Shown::Name, ..refresh(1, generation) };
    for (version, authentication, expected) in
        [(1, "basic", None), (2, "post", None), (3, "none", Some(1))]
    {
        let settings = format!(r#"{{"authentication":"{authentication}"}}"#);
        let saved = bench.a.save_client(SaveClient { settings, ..change(1, version) }).await?;
        assert_eq!(saved, Saved::Done(version + 1));
        assert_turns(bench, by_name(0), expected).await?;
        assert!(lives(bench, 1).await?);
    }
    assert_turns(bench, by_name(1), Some(2)).await?;
    assert_eq!(replays(bench).await, 0);
    Ok(())
}

pub(crate) async fn a_disabled_client_refreshes_nothing(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_grant(bench, 1, true).await?;
    disable(bench, 1).await?;
    for shown in [Shown::Secret(digest(1)), Shown::Name, Shown::Judged] {
        let refreshed = bench.b.refresh(Refresh { shown, ..refresh(1, 0) }).await?;
        assert!(matches!(refreshed, Refreshed::NotTheClient), "{refreshed:?}");
    }
    assert_eq!(bench.a.save_client(change(1, 2)).await?, Saved::Done(3));
    assert_turns(bench, refresh(1, 0), Some(1)).await
}

pub(crate) async fn an_ended_grant_is_not_refreshed(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    for (number, offline) in [(1, false), (2, true), (3, true)] {
        make_grant(bench, number, offline).await?;
    }
    bench.a.end_sessions(&key(5, 1), Target::This, some_trail(1)).await?;
    revoke(bench, 3).await?;
    for (ended, why) in [(1, "its session ended"), (3, "it was revoked"), (9, "there is none")] {
        let refreshed = bench.b.refresh(refresh(ended, 0)).await?;
        assert!(matches!(refreshed, Refreshed::Gone), "{why}: {refreshed:?}");
    }
    assert_turns(bench, refresh(2, 0), Some(1)).await?;
    assert!(bench.a.sign_out(user_id(1), some_trail(2)).await?);
    let refreshed = bench.b.refresh(refresh(2, 1)).await?;
    assert!(matches!(refreshed, Refreshed::Gone), "all her sessions ended: {refreshed:?}");
    assert_eq!(replays(bench).await, 0);
    Ok(())
}

pub(crate) async fn a_refresh_moves_the_end_but_not_past_the_absolute_one(
    bench: &Bench,
) -> Outcome {
    person_and_client(bench).await?;
    make_grant(bench, 1, true).await?;
    let ends = async |asked: Refresh| -> Result<_> {
        let refreshed = bench.b.refresh(asked).await?;
        let Refreshed::Done { facts, .. } = refreshed else { panic!("{refreshed:?}") };
        Ok((facts.now, facts.live_until, facts.expires_at))
    };
    let (now, live_until, _) = ends(Refresh { idle: 2 * HOUR, ..refresh(1, 0) }).await?;
    assert_eq!(live_until, now.plus(2 * HOUR));
    let (_, live_until, expires_at) = ends(Refresh { idle: 2 * DAY, ..refresh(1, 1) }).await?;
    assert_eq!(live_until, expires_at);
    // What the client's settings say comes first.
    let settings = r#"{"refresh_idle":60}"#.to_owned();
    let saved = bench.a.save_client(SaveClient { settings, ..change(1, 1) }).await?;
    assert_eq!(saved, Saved::Done(2));
    let (now, live_until, _) = ends(refresh(1, 2)).await?;
    assert_eq!(live_until, now.plus(Duration::from_secs(60)));
    bench.age("grants", "live_until").await;
    let refreshed = bench.b.refresh(refresh(1, 3)).await?;
    assert!(matches!(refreshed, Refreshed::Gone), "{refreshed:?}");
    Ok(())
}

/// Whoever revokes a grant while it is refreshed has revoked it.
pub(crate) async fn a_grant_revoked_while_it_is_refreshed_has_ended(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    for round in 1..=20 {
        let redeem = Redeem { offline: true, ..redeem(round, round) };
        make_grant_by(bench, code(round), redeem).await?;
        let id = client_id(1);
        let (refreshed, revoked) = tokio::join!(
            bench.a.refresh(refresh(round, 0)),
            bench.b.revoke_grant(&id, grant_id(round), some_trail(round)),
        );
        assert!(!matches!(refreshed?, Refreshed::Replayed | Refreshed::NotTheClient));
        assert!(revoked?.changed);
        assert!(!lives(bench, round).await?);
    }
    Ok(())
}
