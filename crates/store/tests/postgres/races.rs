//! Statements about applications that have to wait for somebody else's transaction, and what they make of what
//! they find then. The other transaction is held by hand, so that each case is the race it is named for.

use std::time::Instant;

use tokenhouse_rules::audit::Event;
use tokenhouse_store::{Ended, Redeemed, Refreshed, Saved};
use tokio_postgres::Client;

use crate::applications::{
    Place, SESSION, TOKEN, client, code, granted, place, redeem, refresh, trail,
};
use crate::{Outcome, PATIENCE, connect};

/// Somebody else redeems the code that is there.
const REDEEMING: &str = "
    UPDATE codes SET used_at = now(), used_by = '00000000-0000-0000-0000-000000000099';
    INSERT INTO grants (id, client_id, user_id, epoch, authorized, rotated_at, created_at, last_used_at,
                        live_until, expires_at)
        SELECT id, client_id, user_id, epoch, authorized, now(), now(), now(), now() + interval '1 hour',
               now() + interval '1 hour'
        FROM codes";

impl Place {
    /// A transaction that has made a change and is not committed.
    async fn beside(&self, change: &str) -> Result<Client, tokio_postgres::Error> {
        let other = connect(&self.url).await?;
        other.batch_execute(&format!("BEGIN; {change}")).await?;
        Ok(other)
    }

    /// What is answered by a statement that waits for the other transaction until that is committed.
    async fn once_committed<T>(
        &self,
        other: &Client,
        asked: impl Future<Output = tokenhouse_store::Result<T>>,
    ) -> Result<T, Box<dyn std::error::Error>> {
        self.once_it_waits(other, "COMMIT", asked).await
    }

    /// The same, where the other transaction does something first.
    async fn once_it_waits<T>(
        &self,
        other: &Client,
        then: &str,
        asked: impl Future<Output = tokenhouse_store::Result<T>>,
    ) -> Result<T, Box<dyn std::error::Error>> {
        let committing = async {
            let since = Instant::now();
            let waiting = format!(
                "SELECT count(*) FROM pg_stat_activity
                 WHERE datname = '{}' AND wait_event_type = 'Lock'",
                self.name
            );
            while self.cluster.psql(&self.name, &waiting).await? == "0" {
                assert!(since.elapsed() < PATIENCE, "nothing waits for the other");
            }
            other.batch_execute(then).await?;
            Ok::<_, Box<dyn std::error::Error>>(())
        };
        let (answer, committed) = tokio::join!(asked, committing);
        committed?;
        Ok(answer?)
    }

    /// How many events of that name there are.
    async fn events(&self, event: Event) -> Result<usize, Box<dyn std::error::Error>> {
        let all = self.store.events(None, None, 100).await?;
        Ok(all.iter().filter(|found| found.event == event.name()).count())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_while_a_code_is_redeemed_ends_what_it_became() -> Outcome {
    let place = place().await?;
    let other = place.beside(REDEEMING).await?;
    let redeemed = place.once_committed(&other, place.store.redeem_code(redeem())).await?;
    assert_eq!(redeemed, Redeemed::Replayed);
    assert!(place.store.grant(&TOKEN).await?.is_none());
    assert_eq!(place.events(Event::CodeReplayed).await?, 1);
    assert_eq!(place.events(Event::GrantMade).await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_disconnects_while_a_code_is_redeemed_ends_what_it_became() -> Outcome {
    let place = place().await?;
    let other = place.beside(REDEEMING).await?;
    let ended = trail(40, Event::GrantRevoked);
    let disconnecting = place.store.disconnect(&SESSION, "app", ended);
    assert_eq!(place.once_committed(&other, disconnecting).await?, Ended::Done);
    assert!(place.store.grant(&TOKEN).await?.is_none());
    let left = place.store.applications(&SESSION).await?.ok_or("a living session")?;
    assert!(left.is_empty(), "{left:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_she_is_withdrawing_is_not_redeemed() -> Outcome {
    let place = place().await?;
    let other = place.beside("DELETE FROM codes").await?;
    let redeemed = place.once_committed(&other, place.store.redeem_code(redeem())).await?;
    assert_eq!(redeemed, Redeemed::Gone);
    assert!(place.store.grant(&TOKEN).await?.is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_is_being_made_is_the_one_that_is_answered() -> Outcome {
    let place = granted().await?;
    let turning = "UPDATE grants SET generation = 1, rotated_at = now()";
    let other = place.beside(turning).await?;
    let refreshed = place.once_committed(&other, place.store.refresh(refresh(0))).await?;
    assert!(matches!(refreshed, Refreshed::Done { generation: 1, .. }), "{refreshed:?}");

    let other = place.beside("UPDATE grants SET generation = 3, rotated_at = now()").await?;
    let refreshed = place.once_committed(&other, place.store.refresh(refresh(1))).await?;
    assert!(matches!(refreshed, Refreshed::Replayed), "{refreshed:?}");
    assert!(place.store.grant(&TOKEN).await?.is_none());
    assert_eq!(place.events(Event::RefreshReplayed).await?, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_is_being_ended_is_not_refreshed() -> Outcome {
    let place = granted().await?;
    let other = place.beside("UPDATE grants SET revoked_at = now()").await?;
    let refreshed = place.once_committed(&other, place.store.refresh(refresh(0))).await?;
    assert!(matches!(refreshed, Refreshed::Gone), "{refreshed:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_of_somebody_who_is_being_deleted_is_refused_without_an_error() -> Outcome {
    for change in ["DELETE FROM users", "DELETE FROM clients"] {
        let place = place().await?;
        let other = place.beside(change).await?;
        let issued = place.once_committed(&other, place.store.issue_code(code(2))).await?;
        assert!(!issued, "{change}");
        assert_eq!(place.events(Event::ConsentGiven).await?, 1, "{change}");
    }
    for change in ["DELETE FROM users", "DELETE FROM clients"] {
        let place = place().await?;
        let other = place.beside(change).await?;
        let redeemed = place.once_committed(&other, place.store.redeem_code(redeem())).await?;
        assert_eq!(redeemed, Redeemed::Gone, "{change}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_being_taken_is_taken() -> Outcome {
    let place = place().await?;
    let taking = "
        INSERT INTO clients (id, settings, created_at, updated_at) VALUES ('other', '{}', now(), now());
        INSERT INTO client_hosts VALUES ('a.example.org', 'other')";
    let other = place.beside(taking).await?;
    let mut claiming = client("third", &["b.example.org", "a.example.org"]);
    claiming.secret = None;
    let saved = place.once_committed(&other, place.store.save_client(claiming)).await?;
    assert_eq!(saved, Saved::HostTaken("a.example.org".to_owned()));
    assert!(place.store.client("third").await?.is_none());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_made_while_others_look_is_one_that_signs() -> Outcome {
    let place = place().await?;
    let other = place.beside("LOCK TABLE signing_keys").await?;
    let making = "
        INSERT INTO signing_keys VALUES ('made', 'ES256', 1, '{}', '', clock_timestamp(), clock_timestamp(),
            clock_timestamp() + interval '1 day', clock_timestamp() + interval '2 days');
        COMMIT";
    let (now, keys) = place.once_it_waits(&other, making, place.store.signing_keys()).await?;
    assert_eq!(keys.len(), 1);
    assert!(keys[0].activate_at <= now, "it would be taken for one that does not sign yet");
    Ok(())
}
