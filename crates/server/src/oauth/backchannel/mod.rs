//! Tells applications' servers that sessions ended (OpenID Connect Back-Channel Logout 1.0): what is to be told is
//! taken with a lease, by whichever process comes first, as mails are.
//!
//! A process that is killed in the middle loses nothing: its leases run out and others tell it again. The token is made
//! for each attempt and is nowhere else: not in the row, not in a log, not in an error.

mod attempt;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Map, Value, json};
use tokenhouse_processes::lifecycle::Lifecycle;
use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::EventId;
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{Logout, LogoutFailed, Result, Store, Trail};
use tokio::time::Instant;
use uuid::Uuid;

use self::attempt::Attempt;
use super::keyring::Keys;
use super::receiver::{Failed, Http};
use crate::entropy;
use crate::log::{Level, Sink};
use crate::mail::backoff;
use crate::metrics::{LogoutOutcome, Metrics};
use crate::settings::Settings;

/// The most that a process takes, and tells, at once.
const MOST: u32 = 20;
/// The longest that an application may take to hear it.
const PATIENCE: Duration = Duration::from_secs(5);

/// What telling takes.
pub struct Telling {
    /// Where it is written what is to be told.
    pub store: Arc<dyn Store>,
    /// What opens the keys that sign.
    pub root: Arc<RootSecret>,
    /// Who tells it.
    pub settings: Arc<Settings>,
    /// Where it is counted.
    pub metrics: Arc<Metrics>,
    /// How long it belongs to the process that took it.
    pub lease: Duration,
    /// How often it is tried.
    pub pace: Pace,
}

/// How often something is tried.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How often a process looks for something to tell.
    pub poll: Duration,
    /// After which time an application is tried for the second time; after twice as long each time from then on.
    pub first: Duration,
    /// After which time it is given up.
    pub most: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            poll: Duration::from_secs(1),
            first: Duration::from_secs(5),
            most: Duration::from_secs(86_400),
        }
    }
}

/// Tells what is to be told until the process drains; what is on its way then is waited for.
pub async fn run(telling: Telling, lifecycle: Lifecycle, log: Sink) {
    let holder = Uuid::from_bytes(entropy::bytes());
    let teller = Teller { telling: &telling, holder, log: &log };
    let mut is_more = false;
    while !lifecycle.is_draining() {
        if !is_more {
            tokio::select! {
                () = lifecycle.draining() => return,
                () = tokio::time::sleep(telling.pace.poll) => {}
            }
        }
        is_more = match teller.turn().await {
            Ok(taken) => taken >= MOST as usize,
            Err(error) => {
                let attributes = json!({ "exception.message": error.to_string() });
                log.event(Level::Warn, "tokenhouse.logout.unavailable", attributes);
                false
            }
        };
    }
}

struct Teller<'a> {
    telling: &'a Telling,
    holder: Uuid,
    log: &'a Sink,
}

impl Teller<'_> {
    /// Takes what is due and tells it; how much that was.
    async fn turn(&self) -> Result<usize> {
        let until = Instant::now() + self.telling.lease;
        let Telling { store, root, settings, lease, .. } = self.telling;
        let logouts = store.claim_logouts(self.holder, *lease, MOST).await?;
        if logouts.is_empty() {
            return Ok(0);
        }
        let (now, stored) = store.signing_keys().await?;
        let keys = Keys::opened(root, now, &stored)?;
        // What is left of the lease is for the note of what became of it.
        let http = Http::new(PATIENCE.min(*lease * 3 / 4));
        let attempt = Attempt { keys: &keys, now, issuer: settings.issuer(), http: &http };
        let ended = join_all(logouts.iter().map(|logout| self.tell(logout, &attempt, until))).await;
        let taken = ended.len();
        ended.into_iter().collect::<Result<Vec<()>>>().map(|_| taken)
    }

    async fn tell(&self, logout: &Logout, attempt: &Attempt<'_>, until: Instant) -> Result<()> {
        match attempt.tell(logout).await {
            Ok(was_told) => self.note_told(logout, was_told, until).await,
            Err(failed) => self.note_failed(logout, &failed).await,
        }
    }

    /// Says so until the database has heard it, as long as it is ours to say.
    async fn note_told(&self, logout: &Logout, was_told: bool, until: Instant) -> Result<()> {
        let Telling { store, metrics, pace, .. } = self.telling;
        loop {
            match store.logout_told(logout.id, self.holder).await {
                Ok(_) => break,
                Err(error) if Instant::now() + pace.poll > until => return Err(error),
                Err(_) => tokio::time::sleep(pace.poll / 2).await,
            }
        }
        if was_told {
            metrics.logout(LogoutOutcome::Told);
            let attributes = Value::Object(attributes(logout));
            self.log.event(Level::Info, "tokenhouse.logout.told", attributes);
        }
        Ok(())
    }

    async fn note_failed(&self, logout: &Logout, failed: &Failed) -> Result<()> {
        let Telling { store, metrics, .. } = self.telling;
        let now = store.now().await?;
        let again = self.again(logout, now);
        let trail = Trail {
            id: EventId::new(now, entropy::bytes()),
            event: Event::LogoutLost,
            // On its operator's behalf.
            actor: Actor::Operator,
            address: None,
            request_id: None,
        };
        let failure = LogoutFailed { id: logout.id, holder: self.holder, again, trail };
        store.logout_failed(failure).await?;
        let (level, name, outcome) = match again {
            Some(_) => (Level::Warn, "tokenhouse.logout.failed", LogoutOutcome::Failed),
            None => (Level::Error, "tokenhouse.logout.lost", LogoutOutcome::Lost),
        };
        metrics.logout(outcome);
        let mut attributes = attributes(logout);
        attributes.insert("error.type".to_owned(), failed.name().into());
        attributes.insert("exception.message".to_owned(), failed.to_string().into());
        let again = again.map(|again| again.as_secs());
        attributes.insert("tokenhouse.logout.retry_after".to_owned(), json!(again));
        self.log.event(level, name, Value::Object(attributes));
        Ok(())
    }

    /// After which time to try again; none when that would be too late.
    fn again(&self, logout: &Logout, now: Timestamp) -> Option<Duration> {
        let Pace { first, most, .. } = self.telling.pace;
        let [chance] = entropy::bytes();
        let wait = backoff::from(first, logout.attempts, chance);
        (now.plus(wait) <= logout.created_at.plus(most)).then_some(wait)
    }
}

fn attributes(logout: &Logout) -> Map<String, Value> {
    let mut attributes = Map::new();
    attributes.insert("tokenhouse.logout.id".to_owned(), logout.id.to_string().into());
    attributes.insert("tokenhouse.client.id".to_owned(), logout.client.as_str().into());
    attributes.insert("tokenhouse.logout.attempts".to_owned(), logout.attempts.into());
    // Its last holder said nothing: the application may hear of it twice.
    let is_retaken = logout.is_retaken.then_some(true);
    attributes.insert("tokenhouse.logout.retaken".to_owned(), json!(is_retaken));
    attributes
}
