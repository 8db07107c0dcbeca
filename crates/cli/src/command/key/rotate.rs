//! `tokenhouse key rotate`: the next key, before its time.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::oauth::jwk::Algorithm;
use tokenhouse_rules::oauth::signing_key::{self, Due};
use tokenhouse_server::oauth::keyring;

use super::Seen;
use crate::command::{Refused, by_operator, random, with_store};
use crate::config::Flags;
use crate::config::used::{Config, settings};
use crate::print;

/// Makes a key of one algorithm, or of each that is configured.
pub(super) fn rotate(
    flags: &Flags,
    algorithm: Option<Algorithm>,
    at_once: bool,
    json: bool,
) -> Result<()> {
    with_store(flags, async |store, written| {
        let (settings, root) = (settings(&written)?, Config::new(&written)?.root()?);
        let schedule = settings.key_schedule();
        store.migrate().await?;
        for algorithm in algorithm.map_or(settings.signing_algorithms, |one| vec![one]) {
            let (now, keys) = store.signing_keys().await?;
            let keys = keys.into_iter().map(Seen::of).collect::<Result<Vec<_>>>()?;
            let due = signing_key::rotate(&keys, now, &schedule, algorithm);
            let due = if at_once { without_waiting(due) } else { due };
            let key = keyring::make(&root, algorithm, &due, random()?)?;
            let kid = key.id.clone();
            let trail = by_operator(Event::KeyCreated, now)?;
            if !store.add_signing_key(key, Some(trail)).await? {
                let text = format!("a key of {} was made by somebody else", algorithm.name());
                return Err(Refused { text, code: 5 }.into());
            }
            let signs = now.plus(due.activate).rfc3339();
            print::note(format_args!("{}: {kid}, signs from {signs}", Event::KeyCreated.name()));
            if json {
                print::line(json!({ "event": Event::KeyCreated.name(), "kid": kid,
                                    "algorithm": algorithm.name(), "activate_at": signs }))?;
            } else {
                print::line(kid)?;
            }
        }
        Ok(())
    })
}

/// The same, all of it earlier by the time for which the key would only be published.
const fn without_waiting(due: Due) -> Due {
    Due {
        activate: Duration::ZERO,
        retire: due.retire.saturating_sub(due.activate),
        remove: due.remove.saturating_sub(due.activate),
        ..due
    }
}
