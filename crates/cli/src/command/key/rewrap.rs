//! `tokenhouse key rewrap`: what has to be done before an old key of the root secret is taken away.

use anyhow::Result;
use serde_json::json;
use tokenhouse_rules::oauth::jwk::Algorithm;
use tokenhouse_rules::oauth::signing_key::{is_sealed_by_first, open, seal};

use crate::command::{Refused, random, with_store};
use crate::config::Flags;
use crate::config::used::Config;
use crate::print;

/// Seals by the first key what another one seals. It may be killed and run again, and run twice at once.
pub(super) fn rewrap(flags: &Flags, json: bool) -> Result<()> {
    with_store(flags, async |store, written| {
        let root = Config::new(&written)?.root()?;
        let (_, keys) = store.signing_keys().await?;
        let mut lost = Vec::new();
        let mut count = 0;
        for key in keys.iter().filter(|key| !is_sealed_by_first(&root, &key.private_key)) {
            let opened = Algorithm::named(&key.algorithm).and_then(|algorithm| {
                let private = open(&root, &key.id, algorithm, &key.private_key).ok()?;
                Some((algorithm, private))
            });
            let Some((algorithm, private)) = opened else {
                lost.push(key.id.as_str());
                continue;
            };
            let sealed = seal(&root, &key.id, algorithm, &private, random()?);
            // Whoever came first has done the same.
            if store.rewrap_signing_key(&key.id, &key.private_key, &sealed).await? {
                count += 1;
                if json {
                    print::line(json!({ "kid": key.id }))?;
                } else {
                    print::line(&key.id)?;
                }
            }
        }
        if !lost.is_empty() {
            let text = format!("no key of the root secret opens {}", lost.join(", "));
            return Err(Refused { text, code: 1 }.into());
        }
        print::note(match count {
            0 => "nothing to do".to_owned(),
            _ => format!("{count} sealed by the first key of the root secret"),
        });
        Ok(())
    })
}
