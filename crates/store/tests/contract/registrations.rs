//! Applications that register themselves: as many as they were invited for, each in charge of its own.

use std::time::Duration;

use futures_util::future::join_all;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::InvitationId;
use tokenhouse_store::{
    ChangeRegistration, NewInvitation, RegisterClient, RegistrationKey, Result,
};
use uuid::Uuid;

use crate::Outcome;
use crate::applications::{
    client_id, digest, disable, lives, make_client, make_grant, secret, secret_id,
};
use crate::bench::Bench;
use crate::make::{HOUR, trail};

fn invitation_id(number: u128) -> InvitationId {
    InvitationId::from_uuid(Uuid::from_u128(number))
}

/// An invitation for so many.
fn invitation(number: u128, uses: u32) -> NewInvitation {
    NewInvitation {
        id: invitation_id(number),
        secret_hash: digest(number),
        uses,
        lifetime: HOUR,
        trail: trail(70_000 + number, Event::ClientInvited),
    }
}

/// A client that comes by invitation 1.
fn registration(number: u128) -> RegisterClient {
    RegisterClient {
        invitation: invitation_id(1),
        invitation_hash: digest(1),
        client: client_id(number),
        settings: format!(r#"{{"name":"Client {number}"}}"#),
        secret: Some(secret(number)),
        secret_hash: digest(500 + number),
        trail: trail(71_000 + number, Event::ClientRegistered),
    }
}

fn key(number: u128) -> RegistrationKey {
    RegistrationKey { client: client_id(number), secret_hash: digest(500 + number) }
}

fn change(number: u128, version: i64) -> ChangeRegistration {
    ChangeRegistration {
        key: key(number),
        version,
        settings: r#"{"name":"Changed"}"#.to_owned(),
        trail: trail(
            72_000 + 10 * number + u128::from(version.unsigned_abs()),
            Event::ClientChanged,
        ),
    }
}

/// How many of those that register at once are registered.
async fn winners(bench: &Bench, all: Vec<RegisterClient>) -> Result<usize> {
    let attempts = all
        .into_iter()
        .enumerate()
        .map(|(place, registration)| bench.either(place).register_client(registration));
    let done = join_all(attempts).await.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(done.iter().flatten().count())
}

pub(crate) async fn of_eight_who_register_at_once_as_many_do_as_were_invited(
    bench: &Bench,
) -> Outcome {
    bench.a.invite_clients(invitation(1, 1)).await?;
    assert_eq!(winners(bench, (1..9).map(registration).collect()).await?, 1);
    assert_eq!(bench.rows("clients").await, 1);
    assert_eq!(bench.rows("client_registrations").await, 1);
    assert_eq!(bench.rows("client_secrets").await, 1);
    assert_eq!(bench.rows("audit_events WHERE event = 'client.registered'").await, 1);
    assert_eq!(winners(bench, (11..13).map(registration).collect()).await?, 0, "it is used up");
    let other = |number: u128| RegisterClient {
        invitation: invitation_id(2),
        invitation_hash: digest(2),
        ..registration(number)
    };
    bench.b.invite_clients(invitation(2, 3)).await?;
    assert_eq!(winners(bench, (20..28).map(other).collect()).await?, 3);
    assert_eq!(bench.rows("clients").await, 4);
    Ok(())
}

pub(crate) async fn an_invitation_that_is_none_or_over_registers_nobody(bench: &Bench) -> Outcome {
    let mut gone = invitation(1, 5);
    gone.lifetime = Duration::ZERO;
    bench.a.invite_clients(gone).await?;
    assert_eq!(bench.b.register_client(registration(1)).await?, None);
    bench.a.invite_clients(invitation(2, 5)).await?;
    let wrong = RegisterClient { invitation: invitation_id(2), ..registration(1) };
    assert_eq!(bench.b.register_client(wrong).await?, None);
    let none = RegisterClient { invitation: invitation_id(3), ..registration(1) };
    assert_eq!(bench.b.register_client(none).await?, None);
    assert_eq!(bench.rows("clients").await, 0);
    assert_eq!(bench.rows("audit_events WHERE event = 'client.registered'").await, 0);
    bench.a.delete_expired(100, HOUR).await?;
    assert_eq!(bench.rows("client_invitations").await, 1, "the one that is over goes");
    Ok(())
}

pub(crate) async fn a_registration_is_looked_after_by_its_own_token(bench: &Bench) -> Outcome {
    bench.a.invite_clients(invitation(1, 2)).await?;
    for number in [1, 2] {
        let now = bench.a.register_client(registration(number)).await?.expect("registered");
        let client = bench.b.registered_client(&key(number)).await?.expect("it is there");
        assert_eq!((client.id, client.version), (client_id(number), 1));
        assert_eq!((client.secrets[0].id, client.created_at), (secret_id(number), now));
    }
    make_client(bench, 3).await?;
    let mixed =
        |client: u128, of: u128| RegistrationKey { secret_hash: digest(500 + of), ..key(client) };
    for bad in [mixed(1, 2), mixed(2, 1), mixed(3, 3), mixed(9, 9)] {
        assert!(bench.b.registered_client(&bad).await?.is_none(), "{bad:?}");
        let refused = ChangeRegistration { key: bad.clone(), ..change(1, 1) };
        assert!(!bench.b.change_registration(refused).await?, "{bad:?}");
        assert!(!bench.b.delete_registration(&bad, trail(73_000, Event::ClientDeleted)).await?);
    }
    assert_eq!(bench.rows("clients").await, 3);
    assert!(bench.a.change_registration(change(1, 1)).await?);
    assert!(!bench.b.change_registration(change(1, 1)).await?, "somebody else was quicker");
    let changed = bench.b.registered_client(&key(1)).await?.expect("it is there");
    assert_eq!((changed.version, changed.settings.as_str()), (2, r#"{"name":"Changed"}"#));
    assert_eq!(changed.secrets.len(), 1);
    assert_eq!(bench.rows("audit_events WHERE event = 'client.changed'").await, 1);
    Ok(())
}

pub(crate) async fn of_eight_changes_of_one_registration_at_once_one_is_made(
    bench: &Bench,
) -> Outcome {
    bench.a.invite_clients(invitation(1, 1)).await?;
    assert!(bench.a.register_client(registration(1)).await?.is_some());
    let changes = (0..8).map(|place| bench.either(place).change_registration(change(1, 1)));
    let done = join_all(changes).await.into_iter().collect::<Result<Vec<_>>>()?;
    assert_eq!(done.iter().filter(|done| **done).count(), 1, "{done:?}");
    Ok(())
}

pub(crate) async fn with_a_registration_goes_all_that_its_client_was_given(
    bench: &Bench,
) -> Outcome {
    bench.person_with_sessions(&[5]).await?;
    bench.a.invite_clients(invitation(1, 2)).await?;
    for number in [1, 2] {
        assert!(bench.a.register_client(registration(number)).await?.is_some());
    }
    make_grant(bench, 1, true).await?;
    assert!(lives(bench, 1).await?);
    disable(bench, 2).await?;
    assert!(bench.b.registered_client(&key(2)).await?.is_none(), "an operator disabled it");
    let deleted = |number: u128| trail(74_000 + number, Event::ClientDeleted);
    assert!(!bench.a.delete_registration(&key(2), deleted(1)).await?);
    assert!(bench.b.delete_registration(&key(1), deleted(2)).await?);
    assert!(!lives(bench, 1).await?);
    assert!(!bench.a.delete_registration(&key(1), deleted(3)).await?);
    assert!(bench.a.client(&client_id(1)).await?.is_none());
    assert_eq!(bench.rows("client_registrations").await, 1);
    assert_eq!(bench.rows("audit_events WHERE event = 'client.deleted'").await, 1);
    Ok(())
}
