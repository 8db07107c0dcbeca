//! What cases about applications begin with: clients, codes and grants, from small numbers as everything else,
//! and the verbs that make them.

use std::time::Duration;

use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::{CodeId, GrantId, SecretId};
use tokenhouse_rules::oauth::refresh_token::Sealer;
use tokenhouse_store::{
    Done, GrantKey, GrantLifetime, NewCode, NewSecret, Redeem, Redeemed, Refresh, Refreshed,
    Result, SaveClient, Saved, Shown,
};
use uuid::Uuid;

use crate::bench::{Bench, some_trail};
use crate::make::{HOUR, key, operation, trail};

pub(crate) const DAY: Duration = Duration::from_secs(86_400);

/// What every code of the cases authorizes.
pub(crate) const AUTHORIZED: &str = r#"{"scope":"openid"}"#;

pub(crate) fn client_id(number: u128) -> String {
    format!("client{number}")
}

pub(crate) fn secret_id(number: u128) -> SecretId {
    SecretId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn code_id(number: u128) -> CodeId {
    CodeId::from_uuid(Uuid::from_u128(number))
}

pub(crate) fn grant_id(number: u128) -> GrantId {
    GrantId::from_uuid(Uuid::from_u128(number))
}

/// The digest of something.
pub(crate) fn digest(number: u128) -> [u8; 32] {
    let mut digest = [9; 32];
    digest[..16].copy_from_slice(&number.to_be_bytes());
    digest
}

pub(crate) fn secret(number: u128) -> NewSecret {
    NewSecret { id: secret_id(number), hash: digest(number), sealed: None }
}

/// A client to be made, with the secret of its number.
pub(crate) fn client(number: u128) -> SaveClient {
    SaveClient {
        id: client_id(number),
        settings: format!(r#"{{"name":"Client {number}"}}"#),
        hosts: Vec::new(),
        disabled: false,
        version: None,
        secret: Some(secret(number)),
        trail: trail(50_000 + number, Event::ClientCreated),
    }
}

/// A change of a version of a client that changes nothing yet.
pub(crate) fn change(number: u128, version: i64) -> SaveClient {
    let row = 51_000 + 100 * number + u128::from(version.unsigned_abs());
    SaveClient {
        version: Some(version),
        secret: None,
        trail: trail(row, Event::ClientChanged),
        ..client(number)
    }
}

/// A code for client 1, on the word of session 5 of person 1.
pub(crate) fn code(number: u128) -> NewCode {
    NewCode {
        id: code_id(number),
        secret_hash: digest(number),
        client: client_id(1),
        session: key(5, 1),
        authorized: AUTHORIZED.to_owned(),
        lifetime: HOUR,
        consent: None,
        pushed: None,
        trail: trail(52_000 + number, Event::ConsentGiven),
    }
}

/// The same with a consent.
pub(crate) fn consented(number: u128, scope: &str) -> NewCode {
    NewCode { consent: Some(scope.to_owned()), ..code(number) }
}

/// A redemption of a code of client 1.
pub(crate) fn redeem(code: u128, by: u128) -> Redeem {
    Redeem {
        code: code_id(code),
        client: client_id(1),
        operation: operation(by),
        offline: false,
        lifetime: GrantLifetime { idle: HOUR, absolute: DAY },
        trail: trail(53_000 + by, Event::GrantMade),
        replayed: trail(54_000 + by, Event::CodeReplayed),
    }
}

/// What an access token of a grant names.
pub(crate) fn grant_key(number: u128) -> GrantKey {
    GrantKey { grant: grant_id(number), revocation: digest(1_000 + number) }
}

/// A refresh token that client 1 presents with its secret.
pub(crate) fn refresh(grant: u128, generation: i64) -> Refresh {
    let row = 55_000 + 100 * grant + u128::from(generation.unsigned_abs());
    Refresh {
        grant: grant_id(grant),
        generation,
        client: client_id(1),
        shown: Shown::Secret(digest(1)),
        window: HOUR,
        idle: HOUR,
        sealer: Sealer([1; 4]),
        replayed: trail(row, Event::RefreshReplayed),
    }
}

/// Person 1 with session 5, and client 1.
pub(crate) async fn person_and_client(bench: &Bench) -> Result<()> {
    bench.person_with_sessions(&[5]).await?;
    make_client(bench, 1).await
}

pub(crate) async fn make_client(bench: &Bench, number: u128) -> Result<()> {
    assert_eq!(bench.a.save_client(client(number)).await?, Saved::Done(1));
    Ok(())
}

/// Disables a client that is in its first version.
pub(crate) async fn disable(bench: &Bench, number: u128) -> Result<()> {
    let disabled = SaveClient { disabled: true, ..change(number, 1) };
    assert_eq!(bench.a.save_client(disabled).await?, Saved::Done(2));
    Ok(())
}

/// Makes the grant of that number, by a code of that number.
pub(crate) async fn make_grant(bench: &Bench, number: u128, offline: bool) -> Result<()> {
    let redeem = Redeem { offline, ..redeem(number, number) };
    make_grant_by(bench, code(number), redeem).await
}

pub(crate) async fn make_grant_by(bench: &Bench, code: NewCode, redeem: Redeem) -> Result<()> {
    assert!(bench.a.issue_code(code).await?);
    assert_eq!(bench.b.redeem_code(redeem).await?, Redeemed::Done);
    Ok(())
}

/// Ends a grant of client 1 that lives.
pub(crate) async fn revoke(bench: &Bench, number: u128) -> Result<()> {
    let done = bench.a.revoke_grant(&client_id(1), grant_id(number), some_trail(number)).await?;
    assert_eq!(done, Done { changed: true });
    Ok(())
}

/// Whether a grant lives; both processes must agree.
pub(crate) async fn lives(bench: &Bench, number: u128) -> Result<bool> {
    let here = bench.a.grant(&grant_key(number)).await?.is_some();
    let there = bench.b.grant(&grant_key(number)).await?.is_some();
    assert_eq!(here, there, "the processes disagree about grant {number}");
    Ok(here)
}

/// The generation that is current after a refresh; none when that was refused.
pub(crate) fn generation(refreshed: &Refreshed) -> Option<i64> {
    match refreshed {
        Refreshed::Done { generation, .. } => Some(*generation),
        _ => None,
    }
}
