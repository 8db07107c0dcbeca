//! The keys by which it is judged what an application signed: those in its settings, or those at its `jwks_uri`.
//!
//! What was fetched is in a row, so that every process has it, and so is who fetches: one process at a time, once a
//! minute at most (`rules::oauth::fetched_keys`), whoever asks for keys that nobody has. Whoever needs one meanwhile
//! waits. That an address does not answer is its client's trouble and not this server's: what is kept is used, and who
//! is not known by that is not known.

use std::time::Duration;

use serde_json::json;
use tokenhouse_rules::oauth::client::{ClientId, MAX_SET, Settings};
use tokenhouse_rules::oauth::fetched_keys::{self, Known, LEASE, Need, PATIENCE};
use tokenhouse_rules::oauth::jwk::KeySet;
use tokenhouse_rules::oauth::jws::{self, Header, Typ};
use tokenhouse_store::{ClaimFetch, Error, KeepKeys, KeyFacts, Result};

use super::receiver::{Failed, Http};
use crate::app::App;
use crate::log::Level;

/// How often somebody who waits looks whether the keys are there.
const POLL: Duration = Duration::from_millis(100);
/// For how long: beyond the lease nobody fetches them any more.
const LOOKS: u128 = LEASE.as_millis() / POLL.as_millis() + 1;

/// The keys of a client by which to judge a token of that type.
///
/// # Errors
/// Trouble with the database alone.
pub(super) async fn find(
    app: &App,
    (client, settings): (&ClientId, &Settings),
    (text, typ): (&str, Typ),
) -> Result<KeySet> {
    let Some(address) = &settings.jwks_uri else { return Ok(settings.keys()) };
    // What names no key is refused whatever the keys are.
    let Some(named) = jws::named_key(text, typ) else { return Ok(KeySet::default()) };
    for _ in 0..LOOKS {
        let facts = app.store.fetched_keys(client.as_str()).await?;
        let (keys, known) = read(&facts, settings, &named);
        match fetched_keys::need(&known) {
            Need::Nothing => return Ok(keys),
            Need::Wait => {}
            Need::Fetch(pause) => {
                let (client, address) = (client.to_string(), address.clone());
                let claim = ClaimFetch {
                    client: client.clone(),
                    address: address.clone(),
                    pause,
                    lease: LEASE,
                };
                if app.store.claim_fetch(claim).await? {
                    let new = fetched(app, client, address).await?;
                    return Ok(new.map_or(keys, |new| settings.usable(new)));
                }
                if known.has_key {
                    return Ok(keys);
                }
            }
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(KeySet::default())
}

/// What is kept of the client's address, and what there is to know of it.
fn read(facts: &KeyFacts, settings: &Settings, named: &Header) -> (KeySet, Known) {
    let row = facts.fetched.as_ref();
    let is_its = |address: &str| settings.jwks_uri.as_deref() == Some(address);
    let kept = row.filter(|row| is_its(&row.address)).and_then(|row| row.keys.as_ref());
    let keys = kept.and_then(|(set, _)| Settings::fetched(set).ok()).unwrap_or_default();
    let keys = settings.usable(keys);
    let known = Known {
        now: facts.now,
        last: row.map(|row| (row.tried_at, row.busy_until)),
        fetched_at: kept.map(|(_, at)| *at),
        has_key: keys.find(named.kid.as_deref(), named.algorithm).is_some(),
    };
    (keys, known)
}

/// What was claimed is done to its end, also when who asked goes away meanwhile: others wait for it, and the next may
/// only begin in a minute.
#[expect(clippy::disallowed_methods, reason = "waited for, by whoever still is there")]
async fn fetched(app: &App, client: String, address: String) -> Result<Option<KeySet>> {
    let fetching = tokio::spawn(fetch(app.clone(), client, address));
    fetching.await.map_err(|error| Error::Driver(Box::new(error)))?
}

/// Fetches the keys, and says how that ended.
async fn fetch(app: App, client: String, address: String) -> Result<Option<KeySet>> {
    let (text, keys) = match ask(&address).await {
        Ok((text, keys)) => (Some(text), Some(keys)),
        Err(failed) => {
            let attributes = json!({
                "tokenhouse.client.id": client,
                "error.type": failed.name(),
                "exception.message": failed.to_string(),
            });
            app.log.event(Level::Warn, "tokenhouse.client.keys_not_fetched", attributes);
            (None, None)
        }
    };
    app.store.keep_keys(KeepKeys { client, address, keys: text }).await?;
    Ok(keys)
}

/// The set that is at an address, as it is and as it is read.
async fn ask(address: &str) -> std::result::Result<(String, KeySet), Failed> {
    let answer = Http::new(PATIENCE).get(address, MAX_SET).await?;
    let text = String::from_utf8(answer.into()).map_err(|_| Failed::Keys)?;
    let keys = Settings::fetched(&text).map_err(|_| Failed::Keys)?;
    Ok((text, keys))
}
