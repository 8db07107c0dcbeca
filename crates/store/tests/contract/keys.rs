//! Signing keys: kept by number whoever makes them, retired but for the last, sealed anew.

use std::time::Duration;

use futures_util::future::join_all;
use tokenhouse_rules::audit::Event;
use tokenhouse_store::{NOBODY, NewSigningKey, Result, SigningKey, Trail};

use crate::Outcome;
use crate::bench::Bench;
use crate::make::{HOUR, trail};

/// A key that signs at once, for an hour.
fn new_key(number: i64) -> NewSigningKey {
    NewSigningKey {
        id: format!("key{number}"),
        algorithm: "ES256".to_owned(),
        number,
        public_key: format!(r#"{{"kid":"key{number}"}}"#),
        private_key: vec![1, 2, 3],
        activate: Duration::ZERO,
        retire: HOUR,
        remove: 2 * HOUR,
    }
}

fn made(number: u128) -> Option<Trail> {
    Some(trail(60_000 + number, Event::KeyCreated))
}

fn retired(number: u128) -> Trail {
    trail(61_000 + number, Event::KeyRetired)
}

/// The keys as process B finds them.
async fn keys(bench: &Bench) -> Result<Vec<SigningKey>> {
    Ok(bench.b.signing_keys().await?.1)
}

/// Their identifiers.
async fn ids(bench: &Bench) -> Result<Vec<String>> {
    Ok(keys(bench).await?.into_iter().map(|key| key.id).collect())
}

pub(crate) async fn a_key_made_here_is_found_there(bench: &Bench) -> Outcome {
    let (before, none) = bench.a.signing_keys().await?;
    assert_eq!(none, []);
    let new = NewSigningKey { activate: HOUR, retire: 2 * HOUR, remove: 3 * HOUR, ..new_key(1) };
    assert!(bench.a.add_signing_key(new.clone(), made(1)).await?);
    let (now, found) = bench.b.signing_keys().await?;
    let [key] = found.as_slice() else { panic!("one key: {found:?}") };
    assert_eq!((&key.id, &key.algorithm, key.number), (&new.id, &new.algorithm, 1));
    assert_eq!((&key.public_key, &key.private_key), (&new.public_key, &new.private_key));
    assert!(before <= key.created_at && key.created_at <= now);
    let instants = [key.activate_at, key.retire_at, key.remove_at];
    assert_eq!(instants, [1, 2, 3].map(|hours| key.created_at.plus(hours * HOUR)));
    let event = bench.b.events(None, None, 1).await?.remove(0);
    assert_eq!((event.event.as_str(), event.user), ("key.created", NOBODY));
    assert!(bench.b.add_signing_key(new_key(2), None).await?);
    assert_eq!(ids(bench).await?, ["key1", "key2"], "the oldest first");
    assert_eq!(bench.rows("audit_events").await, 1, "without a trail there is none");
    Ok(())
}

pub(crate) async fn eight_keys_of_one_number_have_one_winner(bench: &Bench) -> Outcome {
    let makers = (0..8u128).map(|number| {
        let key = NewSigningKey { id: format!("key of {number}"), ..new_key(1) };
        bench.either(usize::from(number % 2 == 0)).add_signing_key(key, made(number))
    });
    let added = join_all(makers).await.into_iter().collect::<Result<Vec<_>>>()?;
    let winners: Vec<_> = (0..8).filter(|number| added[*number]).collect();
    assert_eq!(winners.len(), 1, "{added:?}");
    assert_eq!(ids(bench).await?, [format!("key of {}", winners[0])]);
    assert_eq!(bench.rows("audit_events").await, 1);
    let other =
        NewSigningKey { id: "other".to_owned(), algorithm: "EdDSA".to_owned(), ..new_key(1) };
    assert!(bench.b.add_signing_key(other, None).await?, "each algorithm counts alone");
    Ok(())
}

pub(crate) async fn a_key_past_its_time_is_not_there_and_leaves_its_number(
    bench: &Bench,
) -> Outcome {
    let over = NewSigningKey { retire: Duration::ZERO, remove: Duration::ZERO, ..new_key(1) };
    assert!(bench.a.add_signing_key(over, made(1)).await?);
    assert_eq!(keys(bench).await?, []);
    let next = NewSigningKey { id: "next".to_owned(), ..new_key(1) };
    assert!(bench.b.add_signing_key(next, made(2)).await?);
    assert_eq!(ids(bench).await?, ["next"]);
    assert!(!bench.a.add_signing_key(new_key(1), made(3)).await?);
    Ok(())
}

pub(crate) async fn a_key_is_retired_while_another_one_signs(bench: &Bench) -> Outcome {
    for number in [1, 2] {
        assert!(bench.a.add_signing_key(new_key(number), None).await?);
    }
    assert!(bench.a.retire_signing_key("key1", HOUR, retired(1)).await?);
    let now = bench.b.now().await?;
    let found = keys(bench).await?;
    assert!(found[0].retire_at <= now);
    assert_eq!(found[0].remove_at, found[0].retire_at.plus(HOUR));
    assert!(found[1].retire_at > now, "the other goes on");
    assert!(!bench.b.retire_signing_key("key1", HOUR, retired(2)).await?, "it signs no more");
    assert!(!bench.b.retire_signing_key("key9", HOUR, retired(3)).await?, "there is none such");
    assert_eq!(bench.events().await?, ["key.retired"]);
    Ok(())
}

pub(crate) async fn the_last_active_key_is_not_retired(bench: &Bench) -> Outcome {
    let later = NewSigningKey { activate: HOUR, retire: 2 * HOUR, ..new_key(2) };
    let over = NewSigningKey { retire: Duration::ZERO, ..new_key(3) };
    let other = NewSigningKey { algorithm: "EdDSA".to_owned(), ..new_key(4) };
    for key in [new_key(1), later, over, other] {
        assert!(bench.a.add_signing_key(key, None).await?);
    }
    assert!(!bench.b.retire_signing_key("key1", HOUR, retired(1)).await?);
    assert!(keys(bench).await?[0].retire_at > bench.b.now().await?);
    assert_eq!(bench.rows("audit_events").await, 0);
    Ok(())
}

pub(crate) async fn of_two_active_keys_retired_at_once_one_stays(bench: &Bench) -> Outcome {
    for round in 0..20u32 {
        let pair = [2 * round, 2 * round + 1].map(|number| NewSigningKey {
            algorithm: format!("algorithm {round}"),
            ..new_key(number.into())
        });
        let [one, other] = pair.each_ref().map(|key| key.id.clone());
        for key in pair {
            assert!(bench.a.add_signing_key(key, None).await?);
        }
        let (first, second) = tokio::join!(
            bench.a.retire_signing_key(&one, HOUR, retired((2 * round).into())),
            bench.b.retire_signing_key(&other, HOUR, retired((2 * round + 1).into())),
        );
        let (first, second) = (first?, second?);
        assert!(first != second, "round {round}: {first}, {second}");
    }
    Ok(())
}

pub(crate) async fn a_key_is_sealed_anew_by_compare_and_swap(bench: &Bench) -> Outcome {
    assert!(bench.a.add_signing_key(new_key(1), None).await?);
    assert!(!bench.b.rewrap_signing_key("key1", &[9], &[4]).await?);
    assert!(!bench.b.rewrap_signing_key("key9", &[1, 2, 3], &[4]).await?);
    let seals: Vec<[u8; 1]> = (10..18).map(|seal| [seal]).collect();
    let swaps = seals
        .iter()
        .enumerate()
        .map(|(number, seal)| bench.either(number).rewrap_signing_key("key1", &[1, 2, 3], seal));
    let swapped = join_all(swaps).await.into_iter().collect::<Result<Vec<_>>>()?;
    let winners: Vec<_> = (0..8).filter(|number| swapped[*number]).collect();
    assert_eq!(winners.len(), 1, "{swapped:?}");
    assert_eq!(keys(bench).await?[0].private_key, seals[winners[0]]);
    Ok(())
}
