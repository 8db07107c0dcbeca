//! The secret by which an application shows who it is: made here, shown once, kept as a digest.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::SecretId;
use tokenhouse_rules::oauth::client::Settings;
use tokenhouse_rules::oauth::client_secret;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::NewSecret;
use zeroize::Zeroizing;

use super::{One, find};
use crate::command::{Refused, by_operator, random, with_store};
use crate::print;

/// A new secret: its text for whoever asked for it, and what is kept.
pub(super) fn make(now: Timestamp) -> Result<(Zeroizing<String>, NewSecret)> {
    let text = client_secret::make(random()?);
    let kept = keep(client_secret::hash(&text), now)?;
    Ok((text, kept))
}

/// What is kept of a secret, wherever it comes from.
pub(in crate::command) fn keep(hash: [u8; 32], now: Timestamp) -> Result<NewSecret> {
    Ok(NewSecret { id: SecretId::new(now, random()?), hash })
}

/// Gives an application another secret.
pub(super) fn rotate(one: &One, overlap: Duration) -> Result<()> {
    with_store(&one.flags, async |store, _| {
        let client = find(store.as_ref(), &one.id).await?;
        if !Settings::stored(&client.settings)?.has_secret() {
            let text = format!(
                "the client `{0}` has no secret; `tokenhouse client update {0} --set \
                 authentication=basic` has it show one",
                one.id
            );
            return Err(Refused { text, code: 5 }.into());
        }
        let now = store.now().await?;
        let (text, kept) = make(now)?;
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
