//! How long the server works for somebody who has given up, and for whom it does not.

use std::time::{Duration, Instant};

use tokenhouse_proof::postgres::Cluster;
use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::{EventId, UserId};
use tokenhouse_store::{Error, NewUser, PostgresOptions, Store, Trail};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::{Outcome, PATIENCE, connect, database, generous, open};

/// The client gives up after so long; the server is told to do so a little later.
const SOON: Duration = Duration::from_millis(100);

fn impatient() -> PostgresOptions {
    PostgresOptions { statement_timeout: SOON, ..generous() }
}

/// A user whose row somebody has locked and keeps.
struct Locked {
    cluster: &'static Cluster,
    name: String,
    url: String,
    holder: Client,
}

const ADA: UserId = UserId::from_uuid(Uuid::from_u128(1));

fn trail(number: u128, event: Event) -> Trail {
    let id = EventId::from_uuid(Uuid::from_u128(number));
    Trail { id, event, actor: Actor::Operator, address: None, request_id: None }
}

async fn locked() -> Result<Locked, Box<dyn std::error::Error>> {
    let (cluster, name, url) = database().await?;
    let store = open(&url, generous())?;
    store.migrate().await?;
    let ada = NewUser {
        id: ADA,
        username: "ada".to_owned(),
        email: None,
        email_confirmed: false,
        pending_email: None,
        names: vec!["ada".to_owned()],
        password: "$argon2id$".to_owned(),
        created_at: store.now().await?,
        session: None,
        confirmation: None,
        invitation: None,
        trail: trail(1, Event::UserRegistered),
    };
    store.register(ada).await?;
    let holder = connect(&url).await?;
    holder.batch_execute("BEGIN; SELECT 1 FROM users FOR UPDATE").await?;
    Ok(Locked { cluster, name, url, holder })
}

/// A statement that has to wait for the locked row.
async fn wait_for_row(store: &dyn Store) -> tokenhouse_store::Result<bool> {
    store.lock_user(ADA, true, trail(2, Event::UserLocked)).await
}

impl Locked {
    /// How many of the store's statements wait at the server and have done so for so long.
    async fn waiting(&self, longer_than: Duration) -> Result<u64, Box<dyn std::error::Error>> {
        let sql = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND state = 'active'
             AND application_name = 'tokenhouse' AND wait_event_type = 'Lock'
             AND clock_timestamp() - query_start > interval '{} milliseconds'",
            self.name,
            longer_than.as_millis()
        );
        Ok(self.cluster.psql(&self.name, &sql).await?.parse()?)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_nobody_waits_for_any_more_ends_at_the_server_too() -> Outcome {
    let locked = locked().await?;
    let store = open(&locked.url, impatient())?;
    let given_up = wait_for_row(store.as_ref()).await;
    assert!(matches!(given_up, Err(Error::Unavailable(_))), "{given_up:?}");
    let since = Instant::now();
    while locked.waiting(Duration::ZERO).await? > 0 {
        assert!(since.elapsed() < PATIENCE, "the server still waits for the row");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_url_says_of_timeouts_stays_when_it_is_stricter() -> Outcome {
    let locked = locked().await?;
    for (milliseconds, ours) in [(50, generous()), (86_400_000, impatient())] {
        let url = format!("{}?options=-c%20statement_timeout%3D{milliseconds}", locked.url);
        let store = open(&url, ours)?;
        let ended = wait_for_row(store.as_ref()).await.expect_err("the row is locked");
        if milliseconds == 50 {
            assert!(ended.to_string().contains("57014"), "ended by the server: {ended}");
        }
        let since = Instant::now();
        while locked.waiting(Duration::ZERO).await? > 0 {
            assert!(since.elapsed() < PATIENCE, "the server still waits for the row");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_pooler_nothing_is_set() -> Outcome {
    let locked = locked().await?;
    let store = open(&locked.url, PostgresOptions { prepare: false, ..impatient() })?;
    wait_for_row(store.as_ref()).await.expect_err("the row is locked");
    let since = Instant::now();
    while locked.waiting(Duration::from_secs(2)).await? == 0 {
        assert!(since.elapsed() < PATIENCE, "the statement was ended");
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "the migration waits while the test looks")]
#[tokio::test(flavor = "multi_thread")]
async fn waiting_for_another_processs_migration_is_not_bounded() -> Outcome {
    let (cluster, name, url) = database().await?;
    // What a process holds that migrates at this moment.
    let lock =
        "CREATE TABLE schema_lock (id integer PRIMARY KEY); INSERT INTO schema_lock VALUES (1)";
    cluster.psql(&name, lock).await?;
    let holder = connect(&url).await?;
    holder.batch_execute("BEGIN; SELECT 1 FROM schema_lock FOR UPDATE").await?;
    let store = open(&url, impatient())?;
    let locked = Locked { cluster, name, url, holder };
    let migrating = tokio::spawn({
        let store = std::sync::Arc::clone(&store);
        async move { store.migrate().await }
    });
    while locked.waiting(Duration::from_secs(2)).await? == 0 {
        assert!(!migrating.is_finished(), "{:?}", migrating.await);
    }
    locked.holder.batch_execute("COMMIT").await?;
    assert!(!migrating.await??.is_empty());
    Ok(())
}
