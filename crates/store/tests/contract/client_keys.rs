//! Copies of secrets, which are kept for who makes MACs alone; and keys that are fetched, once whoever asks.

use std::time::Duration;

use futures_util::future::join_all;
use tokenhouse_rules::audit::Event;
use tokenhouse_store::{
    ClaimFetch, FetchedKeys, KeepKeys, NewSecret, Result, SaveClient, Saved, SealedSecret,
};

use crate::Outcome;
use crate::applications::{change, client, client_id, disable, make_client, secret, secret_id};
use crate::bench::{Bench, some_trail};
use crate::make::{HOUR, trail};

const MACS: &str = r#"{"authentication":"client_secret_jwt"}"#;
const ADDRESS: &str = "https://shop.example/jwks";
const SET: &str = r#"{"keys":[]}"#;

/// The secret of that number, with a copy.
fn copied(number: u128, copy: u8) -> NewSecret {
    NewSecret { sealed: Some(vec![copy; 60]), ..secret(number) }
}

/// A client that makes MACs.
fn making_macs(number: u128) -> SaveClient {
    let secret = Some(copied(number, 1));
    SaveClient { settings: MACS.to_owned(), secret, ..client(number) }
}

fn sealed(client: u128, number: u128, copy: u8) -> SealedSecret {
    SealedSecret { client: client_id(client), id: secret_id(number), sealed: vec![copy; 60] }
}

pub(crate) async fn copies_of_secrets_are_kept_where_they_are_given(bench: &Bench) -> Outcome {
    assert_eq!(bench.a.save_client(making_macs(1)).await?, Saved::Done(1));
    make_client(bench, 2).await?;
    let of = async |number: u128| bench.b.sealed_secrets(Some(&client_id(number))).await;
    assert_eq!(of(1).await?, [sealed(1, 1, 1)]);
    assert_eq!(of(2).await?, []);
    assert_eq!(of(3).await?, []);
    let made = trail(7, Event::ClientSecretMade);
    assert!(bench.a.add_client_secret(&client_id(1), copied(5, 5), HOUR, made).await?);
    assert_eq!(of(1).await?, [sealed(1, 5, 5), sealed(1, 1, 1)], "both are good meanwhile");
    let made = trail(8, Event::ClientSecretMade);
    let last = copied(6, 6);
    assert!(bench.a.add_client_secret(&client_id(1), last, Duration::ZERO, made).await?);
    assert_eq!(of(1).await?, [sealed(1, 6, 6)], "what has expired is none");
    assert_eq!(bench.b.sealed_secrets(None).await?, [sealed(1, 6, 6)]);
    Ok(())
}

pub(crate) async fn no_copy_is_left_of_the_secret_of_who_shows_it(bench: &Bench) -> Outcome {
    assert_eq!(bench.a.save_client(making_macs(1)).await?, Saved::Done(1));
    let renamed = r#"{"name":"Shop","authentication":"client_secret_jwt"}"#;
    let still = SaveClient { settings: renamed.to_owned(), ..change(1, 1) };
    assert_eq!(bench.b.save_client(still).await?, Saved::Done(2));
    assert_eq!(bench.a.sealed_secrets(None).await?, [sealed(1, 1, 1)]);
    // Its name is what it likes.
    let named = r#"{"name":"\"client_secret_jwt\"","authentication":"basic"}"#;
    let shows = SaveClient { settings: named.to_owned(), ..change(1, 2) };
    assert_eq!(bench.b.save_client(shows).await?, Saved::Done(3));
    assert_eq!(bench.a.sealed_secrets(None).await?, []);
    assert_eq!(bench.rows("client_secrets WHERE sealed IS NULL").await, 1, "the digest stays");
    Ok(())
}

pub(crate) async fn a_copy_is_sealed_anew_if_it_is_still_what_it_was(bench: &Bench) -> Outcome {
    assert_eq!(bench.a.save_client(making_macs(1)).await?, Saved::Done(1));
    let (from, to) = ([1; 60], [2; 60]);
    assert!(!bench.a.rewrap_client_secret(secret_id(1), &[9], &to).await?);
    assert!(!bench.a.rewrap_client_secret(secret_id(9), &from, &to).await?);
    assert!(bench.a.rewrap_client_secret(secret_id(1), &from, &to).await?);
    assert_eq!(bench.b.sealed_secrets(None).await?, [sealed(1, 1, 2)]);
    Ok(())
}

fn claim(address: &str, pause: Duration) -> ClaimFetch {
    ClaimFetch { client: client_id(1), address: address.to_owned(), pause, lease: HOUR }
}

fn kept(address: &str, keys: Option<&str>) -> KeepKeys {
    let (client, address) = (client_id(1), address.to_owned());
    KeepKeys { client, address, keys: keys.map(str::to_owned) }
}

async fn fetched(bench: &Bench) -> Result<FetchedKeys> {
    Ok(bench.b.fetched_keys(&client_id(1)).await?.fetched.expect("somebody tried"))
}

pub(crate) async fn of_eight_who_fetch_at_once_one_does(bench: &Bench) -> Outcome {
    make_client(bench, 1).await?;
    let claims = (0..8).map(|by| bench.either(by).claim_fetch(claim(ADDRESS, HOUR)));
    let won = join_all(claims).await.into_iter().collect::<Result<Vec<_>>>()?;
    assert_eq!(won.iter().filter(|won| **won).count(), 1, "{won:?}");
    assert_eq!(bench.rows("client_keys").await, 1);
    Ok(())
}

pub(crate) async fn what_one_process_fetched_all_have(bench: &Bench) -> Outcome {
    make_client(bench, 1).await?;
    let before = bench.a.now().await?;
    assert_eq!(bench.b.fetched_keys(&client_id(1)).await?.fetched, None);
    assert!(bench.a.claim_fetch(claim(ADDRESS, HOUR)).await?);
    assert!(!bench.b.claim_fetch(claim(ADDRESS, HOUR)).await?, "somebody does");
    let facts = bench.b.fetched_keys(&client_id(1)).await?;
    let busy = facts.fetched.expect("somebody tried");
    assert_eq!((busy.address.as_str(), &busy.keys), (ADDRESS, &None));
    assert!(busy.tried_at >= before && busy.busy_until > facts.now);
    assert_eq!(busy.busy_until, busy.tried_at.plus(HOUR));
    bench.a.keep_keys(kept(ADDRESS, Some(SET))).await?;
    let facts = bench.b.fetched_keys(&client_id(1)).await?;
    let done = facts.fetched.expect("somebody tried");
    let (keys, at) = done.keys.expect("and succeeded");
    assert!(keys == SET && at >= before && at <= facts.now && done.busy_until <= facts.now);
    assert!(!bench.b.claim_fetch(claim(ADDRESS, HOUR)).await?, "and not again so soon");
    assert!(bench.b.claim_fetch(claim(ADDRESS, Duration::ZERO)).await?);
    Ok(())
}

pub(crate) async fn a_fetch_that_fails_leaves_what_there_is(bench: &Bench) -> Outcome {
    make_client(bench, 1).await?;
    assert!(bench.a.claim_fetch(claim(ADDRESS, Duration::ZERO)).await?);
    bench.a.keep_keys(kept(ADDRESS, Some(SET))).await?;
    let had = fetched(bench).await?;
    assert!(bench.b.claim_fetch(claim(ADDRESS, Duration::ZERO)).await?);
    assert_eq!(fetched(bench).await?.keys, had.keys, "meanwhile as well");
    bench.b.keep_keys(kept(ADDRESS, None)).await?;
    let facts = bench.a.fetched_keys(&client_id(1)).await?;
    let failed = facts.fetched.expect("somebody tried");
    assert_eq!(failed.keys, had.keys);
    assert!(failed.busy_until <= facts.now && failed.tried_at > had.tried_at);
    Ok(())
}

pub(crate) async fn keys_of_another_address_are_forgotten(bench: &Bench) -> Outcome {
    make_client(bench, 1).await?;
    assert!(bench.a.claim_fetch(claim(ADDRESS, HOUR)).await?);
    bench.a.keep_keys(kept(ADDRESS, Some(SET))).await?;
    let other = "https://other.example/jwks";
    assert!(!bench.a.claim_fetch(claim(other, HOUR)).await?, "the pause is the client's");
    assert!(bench.a.claim_fetch(claim(other, Duration::ZERO)).await?);
    let found = fetched(bench).await?;
    assert_eq!((found.address.as_str(), found.keys), (other, None));
    bench.b.keep_keys(kept(ADDRESS, Some(SET))).await?;
    assert_eq!(fetched(bench).await?.keys, None, "who was slow is too late");
    Ok(())
}

pub(crate) async fn keys_are_fetched_for_a_client_that_may_be_used(bench: &Bench) -> Outcome {
    assert!(!bench.a.claim_fetch(claim(ADDRESS, HOUR)).await?, "there is none such");
    make_client(bench, 1).await?;
    assert!(bench.a.claim_fetch(claim(ADDRESS, Duration::ZERO)).await?);
    disable(bench, 1).await?;
    assert!(!bench.a.claim_fetch(claim(ADDRESS, Duration::ZERO)).await?);
    assert_eq!(bench.rows("client_keys").await, 1);
    assert!(bench.b.delete_client(&client_id(1), some_trail(1)).await?);
    assert_eq!(bench.rows("client_keys").await, 0);
    bench.a.keep_keys(kept(ADDRESS, Some(SET))).await?;
    assert_eq!(bench.rows("client_keys").await, 0);
    Ok(())
}
