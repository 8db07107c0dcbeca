//! What an export holds of what is remembered for applications.

use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::GroupId;
use tokenhouse_store::{Consent, Ended, Export, Group, HeldGrant, NewCode, Redeem, Result, Target};
use uuid::Uuid;

use crate::Outcome;
use crate::applications::{
    AUTHORIZED, client_id, code, consented, disable, generation, make_client, make_grant,
    make_grant_by, person_and_client, redeem, refresh, revoke,
};
use crate::bench::{Bench, some_trail};
use crate::make::{key, trail, user_id};

const CLAIMS: &str = r#"{"given_name":"Grün", "n":1.50}"#;

/// Makes a group in which a person is.
async fn join(bench: &Bench, number: u128, name: &str, user: u128) -> Outcome {
    let created_at = bench.a.now().await?;
    let id = GroupId::from_uuid(Uuid::from_u128(number));
    let group = Group { id, name: name.to_owned(), created_at };
    assert!(bench.a.make_group(group, trail(60_000 + number, Event::GroupCreated)).await?);
    let joined = trail(61_000 + number, Event::GroupJoined);
    assert_eq!(bench.a.set_membership(name, user_id(user), true, joined).await?, Some(true));
    Ok(())
}

/// What person 1 is told by session 5, at process B.
async fn export(bench: &Bench, number: u128) -> Result<Export> {
    let asked = trail(70_000 + number, Event::UserExported);
    Ok(bench.b.export(&key(5, 1), asked).await?.expect("a living session"))
}

fn clients(grants: &[HeldGrant]) -> Vec<&str> {
    grants.iter().map(|grant| grant.client.as_str()).collect()
}

pub(crate) async fn an_export_of_who_has_no_applications_is_empty_there(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    let export = export(bench, 1).await?;
    assert_eq!(export.claims, None);
    assert!(export.groups.is_empty());
    assert!(export.consents.is_empty() && export.grants.is_empty());
    Ok(())
}

pub(crate) async fn an_export_holds_claims_groups_consents_and_grants(bench: &Bench) -> Outcome {
    person_and_client(bench).await?;
    make_client(bench, 2).await?;
    bench.register(2).await?;
    bench.open(2, 8).await?;
    for (number, name, user) in [(1, "writers", 1), (2, "editors", 1), (3, "readers", 2)] {
        join(bench, number, name, user).await?;
    }
    let set = trail(62_001, Event::ClaimsSet);
    assert!(bench.a.set_claims(user_id(1), CLAIMS, set).await?);
    let at = bench.a.now().await?;
    let other = NewCode { client: client_id(2), ..consented(1, "openid") };
    make_grant_by(bench, other, Redeem { client: client_id(2), ..redeem(1, 1) }).await?;
    make_grant_by(bench, consented(2, "email openid"), redeem(2, 2)).await?;
    let theirs = NewCode { session: key(8, 2), ..consented(3, "openid") };
    make_grant_by(bench, theirs, redeem(3, 3)).await?;
    assert_eq!(generation(&bench.a.refresh(refresh(2, 0)).await?), Some(1));

    let export = export(bench, 1).await?;
    assert_eq!(export.claims.as_deref(), Some(CLAIMS), "as they were written");
    assert_eq!(export.groups, ["editors", "writers"]);
    let agreed: Vec<_> = export
        .consents
        .iter()
        .map(|Consent { client, scope, .. }| (client.as_str(), scope.as_str()))
        .collect();
    assert_eq!(agreed, [("client1", "email openid"), ("client2", "openid")]);
    assert!(export.consents.iter().all(|one| (at..=export.now).contains(&one.since)));
    assert_eq!(clients(&export.grants), ["client2", "client1"], "the oldest first");
    for grant in &export.grants {
        assert_eq!(grant.authorized, AUTHORIZED);
        assert!(at <= grant.created_at && grant.created_at <= grant.last_used_at);
        assert!(grant.last_used_at <= export.now && export.now < grant.expires_at);
    }
    assert!(export.grants[1].created_at < export.grants[1].last_used_at, "it was refreshed");
    assert_eq!((export.sessions.len(), export.user.id), (1, user_id(1)));
    Ok(())
}

/// As everywhere: what ended, by whatever end, is no grant any more. The consent stays until she takes it back.
pub(crate) async fn an_export_holds_living_grants_only(bench: &Bench) -> Outcome {
    bench.person_with_sessions(&[5, 6]).await?;
    make_client(bench, 1).await?;
    make_client(bench, 2).await?;
    make_grant_by(bench, consented(1, "openid"), redeem(1, 1)).await?;
    make_grant(bench, 2, true).await?;
    make_grant_by(bench, NewCode { session: key(6, 1), ..code(3) }, redeem(3, 3)).await?;
    let other = NewCode { client: client_id(2), ..code(4) };
    make_grant_by(bench, other, Redeem { client: client_id(2), ..redeem(4, 4) }).await?;
    assert_eq!(export(bench, 1).await?.grants.len(), 4);

    let ended = bench.a.end_sessions(&key(6, 1), Target::This, some_trail(6)).await?;
    assert_eq!(ended, Ended::Done);
    assert_eq!(export(bench, 2).await?.grants.len(), 3, "one ended with its session");
    revoke(bench, 1).await?;
    assert_eq!(clients(&export(bench, 3).await?.grants), ["client1", "client2"]);
    disable(bench, 2).await?;
    assert_eq!(clients(&export(bench, 4).await?.grants), ["client1"]);
    bench.age("grants", "live_until").await;
    let left = export(bench, 5).await?;
    assert!(left.grants.is_empty());
    assert_eq!(left.consents.len(), 1);
    let taken_back = bench.a.disconnect(&key(5, 1), &client_id(1), some_trail(7)).await?;
    assert_eq!(taken_back, Ended::Done);
    assert!(export(bench, 6).await?.consents.is_empty());
    Ok(())
}
