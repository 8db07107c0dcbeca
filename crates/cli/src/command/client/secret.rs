//! The secret by which an application shows who it is: made here, shown once, kept as a digest. Of who makes MACs with it
//! a copy is kept too, sealed under the root secret.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::SecretId;
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_rules::oauth::client::Settings;
use tokenhouse_rules::oauth::client_secret;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::NewSecret;
use zeroize::Zeroizing;

use super::{One, find};
use crate::command::{Refused, by_operator, random, with_store};
use crate::config::used::Config;
use crate::print;

/// A secret on its way to its row: no more of it than is kept there.
pub(in crate::command) struct Secret {
    pub(in crate::command) hash: [u8; 32],
    copy: Option<Zeroizing<String>>,
}

impl Secret {
    /// What of a text is kept for a client with these settings.
    pub(in crate::command) fn of(text: &str, settings: &Settings) -> Self {
        let copy = settings.makes_macs().then(|| Zeroizing::new(text.to_owned()));
        Self { hash: client_secret::hash(text), copy }
    }

    /// What is kept, as it is stored. The root secret is only asked for where a copy is sealed.
    pub(in crate::command) fn keep(
        &self,
        client: &str,
        now: Timestamp,
        root: impl FnOnce() -> Result<RootSecret>,
    ) -> Result<NewSecret> {
        let id = SecretId::new(now, random()?);
        let sealed = match &self.copy {
            None => None,
            Some(text) => {
                let bytes = text.as_bytes();
                Some(client_secret::seal(&root()?, (client, id), bytes, random()?))
            }
        };
        Ok(NewSecret { id, hash: self.hash, sealed })
    }
}

/// A new secret for a client: its text for whoever asked for it, and what is kept.
pub(super) fn make(
    (client, settings): (&str, &Settings),
    now: Timestamp,
    root: impl FnOnce() -> Result<RootSecret>,
) -> Result<(Zeroizing<String>, NewSecret)> {
    let text = client_secret::make(random()?);
    let kept = Secret::of(&text, settings).keep(client, now, root)?;
    Ok((text, kept))
}

/// Gives an application another secret.
pub(super) fn rotate(one: &One, overlap: Duration) -> Result<()> {
    with_store(&one.flags, async |store, written| {
        let client = find(store.as_ref(), &one.id).await?;
        let settings = Settings::stored(&client.settings)?;
        if !settings.has_secret() {
            let text = format!(
                "the client `{0}` has no secret; `tokenhouse client update {0} --set \
                 authentication=basic` has it show one",
                one.id
            );
            return Err(Refused { text, code: 5 }.into());
        }
        let now = store.now().await?;
        let root = || Config::new(&written)?.root();
        let (text, kept) = make((&one.id, &settings), now, root)?;
        let trail = by_operator(Event::ClientSecretMade, now)?;
        if !store.add_client_secret(&one.id, kept, overlap, trail).await? {
            return Err(Refused { text: "the client is gone".to_owned(), code: 5 }.into());
        }
        let ends = now.plus(overlap).rfc3339();
        if one.json {
            print::line(json!({ "client_id": one.id, "client_secret": text.as_str(),
                                "former_end_at": ends }))?;
        } else {
            print::line(text.as_str())?;
        }
        print::note(format_args!(
            "{}: {}; former secrets end at {ends}, this one is not shown again",
            Event::ClientSecretMade.name(),
            one.id
        ));
        Ok(())
    })
}
