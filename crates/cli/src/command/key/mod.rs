//! `tokenhouse key …`: the keys that sign tokens. They rotate by themselves; this is for looking, and for hurry.

mod rewrap;
mod rotate;

use std::time::Duration;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::oauth::jwk::Algorithm;
use tokenhouse_rules::oauth::signing_key::{Instants, Life, Stage, choose, stage};
use tokenhouse_rules::span;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_server::oauth::keyring;
use tokenhouse_store::SigningKey;

use super::{Refused, by_operator, confirm, with_store};
use crate::config::{Flags, used};
use crate::print;

/// Look after the keys that sign tokens
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// List keys, the oldest first, and what each does now
    List {
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        flags: Flags,
    },
    /// Make the next key of an algorithm before its time
    ///
    /// It is published at once and signs when everybody who keeps the public keys for a while has read it.
    Rotate {
        /// Of which algorithm; without it one of each that is configured
        #[arg(long, value_parser = named, value_name = "NAME")]
        algorithm: Option<Algorithm>,
        /// Have it sign at once: who keeps the public keys refuses its tokens until they are read again
        #[arg(long)]
        now: bool,
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        flags: Flags,
    },
    /// Have a key sign no more; another of its algorithm must be active
    Retire {
        /// The `kid`, as `list` shows it
        kid: String,
        /// How long what it signed is still good, if not as long as tokens live; 0 for a key that was stolen
        #[arg(long, value_name = "SPAN", value_parser = span::parse)]
        keep: Option<Duration>,
        /// Do not ask
        #[arg(long)]
        yes: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        flags: Flags,
    },
    /// Print the public keys as `/oauth2/jwks` does
    Jwks {
        /// Print it in one line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        flags: Flags,
    },
    /// Seal by the first key of the root secret what another one seals: private keys, secrets of applications
    Rewrap {
        /// Print one JSON object a line
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        flags: Flags,
    },
}

/// # Errors
/// When the database cannot be reached, there is no such key, or it is the last one that may sign (exit code 5).
pub(crate) fn run(arguments: Arguments) -> Result<()> {
    match arguments.action {
        Action::List { json, flags } => list(&flags, json),
        Action::Rotate { algorithm, now, json, flags } => {
            rotate::rotate(&flags, algorithm, now, json)
        }
        Action::Retire { kid, keep, yes, json, flags } => {
            if !yes {
                confirm(&format!("Have {kid} sign no more?"))?;
            }
            retire(&flags, &kid, keep, json)
        }
        Action::Jwks { json, flags } => with_store(&flags, async |store, _| {
            let (_, keys) = store.signing_keys().await?;
            let set = keyring::jwks(&keys);
            let text = if json { set.to_string() } else { serde_json::to_string_pretty(&set)? };
            Ok(print::line(text)?)
        }),
        Action::Rewrap { json, flags } => rewrap::rewrap(&flags, json),
    }
}

fn named(text: &str) -> Result<Algorithm, &'static str> {
    Algorithm::named(text).ok_or("must be ES256, EdDSA or RS256")
}

/// A stored key and what follows from its instants.
struct Seen {
    stored: SigningKey,
    life: Life,
}

impl AsRef<Life> for Seen {
    fn as_ref(&self) -> &Life {
        &self.life
    }
}

impl Seen {
    fn of(stored: SigningKey) -> Result<Self> {
        let algorithm = Algorithm::named(&stored.algorithm)
            .with_context(|| format!("{} is of an unknown algorithm", stored.id))?;
        let instants = Instants {
            activate_at: stored.activate_at,
            retire_at: stored.retire_at,
            remove_at: stored.remove_at,
        };
        Ok(Self { life: Life { algorithm, number: stored.number, instants }, stored })
    }
}

fn list(flags: &Flags, json: bool) -> Result<()> {
    with_store(flags, async |store, _| {
        let (now, keys) = store.signing_keys().await?;
        let keys = keys.into_iter().map(Seen::of).collect::<Result<Vec<_>>>()?;
        for key in &keys {
            let chosen = choose(&keys, now, key.life.algorithm);
            let signs = chosen.is_some_and(|chosen| chosen.stored.id == key.stored.id);
            show(key, now, signs, json)?;
        }
        Ok(())
    })
}

fn show(key: &Seen, now: Timestamp, signs: bool, json: bool) -> Result<()> {
    let SigningKey { id, algorithm, number, .. } = &key.stored;
    let does = match stage(now, &key.life.instants) {
        Stage::Published => "published",
        Stage::Active => "active",
        Stage::Retired => "retired",
        Stage::Removed => "removed",
    };
    let [activate, retire, remove] =
        [key.stored.activate_at, key.stored.retire_at, key.stored.remove_at]
            .map(Timestamp::rfc3339);
    if json {
        print::line(json!({ "kid": id, "algorithm": algorithm, "number": number, "stage": does,
                            "signs": signs, "created_at": key.stored.created_at.rfc3339(),
                            "activate_at": activate, "retire_at": retire,
                            "remove_at": remove }))?;
    } else {
        let does = if signs { "signs" } else { does };
        print::line(format_args!(
            "{id}  {algorithm:5}  {number:>3}  {does:9}  from {activate} to {retire}, gone {remove}"
        ))?;
    }
    Ok(())
}

fn retire(flags: &Flags, kid: &str, keep: Option<Duration>, json: bool) -> Result<()> {
    with_store(flags, async |store, written| {
        let kept = match keep {
            Some(kept) => kept,
            None => used::settings(&written)?.key_schedule().keep_after,
        };
        let (now, keys) = store.signing_keys().await?;
        let Some(key) = keys.iter().find(|key| key.id == kid) else {
            return Err(Refused { text: format!("there is no key `{kid}`"), code: 1 }.into());
        };
        let trail = by_operator(Event::KeyRetired, now)?;
        if !store.retire_signing_key(kid, kept, trail).await? {
            let text = if key.retire_at <= now {
                format!("{kid} signs no more already")
            } else {
                format!(
                    "no other key of {0} is active; `tokenhouse key rotate --algorithm {0} --now` \
                     makes one",
                    key.algorithm
                )
            };
            return Err(Refused { text, code: 5 }.into());
        }
        print::note(format_args!("{}: {kid}", Event::KeyRetired.name()));
        if json {
            print::line(json!({ "event": Event::KeyRetired.name(), "kid": kid,
                                "remove_at": now.plus(kept).rfc3339() }))?;
        }
        Ok(())
    })
}
