//! `tokenhouse key rewrap`: what has to be done before an old key of the root secret is taken away.

use anyhow::Result;
use serde_json::{Value, json};
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_rules::oauth::jwk::Algorithm;
use tokenhouse_rules::oauth::{client_secret, signing_key};
use tokenhouse_store::Store;

use crate::command::{Refused, random, with_store};
use crate::config::Flags;
use crate::config::used::Config;
use crate::print;

/// What came of it.
struct Outcome {
    json: bool,
    /// How much was sealed anew.
    count: u32,
    /// What no key opens.
    lost: Vec<String>,
}

impl Outcome {
    fn done(&mut self, name: &str, object: &Value) -> Result<()> {
        self.count += 1;
        if self.json {
            print::line(object)?
        } else {
            print::line(name)?
        }
        Ok(())
    }
}

/// Seals by the first key what another one seals. It may be killed and run again, and run twice at once.
pub(super) fn rewrap(flags: &Flags, json: bool) -> Result<()> {
    with_store(flags, async |store, written| {
        let root = Config::new(&written)?.root()?;
        let mut outcome = Outcome { json, count: 0, lost: Vec::new() };
        keys(store.as_ref(), &root, &mut outcome).await?;
        secrets(store.as_ref(), &root, &mut outcome).await?;
        if !outcome.lost.is_empty() {
            let text = format!("no key of the root secret opens {}", outcome.lost.join(", "));
            return Err(Refused { text, code: 1 }.into());
        }
        print::note(match outcome.count {
            0 => "nothing to do".to_owned(),
            count => format!("{count} sealed by the first key of the root secret"),
        });
        Ok(())
    })
}

/// The private keys that sign.
async fn keys(store: &dyn Store, root: &RootSecret, outcome: &mut Outcome) -> Result<()> {
    let (_, keys) = store.signing_keys().await?;
    let wanting = |sealed: &[u8]| !signing_key::is_sealed_by_first(root, sealed);
    for key in keys.iter().filter(|key| wanting(&key.private_key)) {
        let opened = Algorithm::named(&key.algorithm).and_then(|algorithm| {
            let private = signing_key::open(root, &key.id, algorithm, &key.private_key).ok()?;
            Some((algorithm, private))
        });
        let Some((algorithm, private)) = opened else {
            outcome.lost.push(key.id.clone());
            continue;
        };
        let sealed = signing_key::seal(root, &key.id, algorithm, &private, random()?);
        // Whoever came first has done the same.
        if store.rewrap_signing_key(&key.id, &key.private_key, &sealed).await? {
            outcome.done(&key.id, &json!({ "kid": key.id }))?;
        }
    }
    Ok(())
}

/// The secrets that applications make MACs with.
async fn secrets(store: &dyn Store, root: &RootSecret, outcome: &mut Outcome) -> Result<()> {
    let secrets = store.sealed_secrets(None).await?;
    let wanting = |sealed: &[u8]| !client_secret::is_sealed_by_first(root, sealed);
    for secret in secrets.iter().filter(|secret| wanting(&secret.sealed)) {
        let row = (secret.client.as_str(), secret.id);
        let Some(text) = client_secret::open(root, row, &secret.sealed) else {
            outcome.lost.push(format!("a secret of client {}", secret.client));
            continue;
        };
        let sealed = client_secret::seal(root, row, &text, random()?);
        if store.rewrap_client_secret(secret.id, &secret.sealed, &sealed).await? {
            let object = json!({ "client_id": secret.client, "secret": secret.id.to_string() });
            outcome.done(&format!("a secret of client {}", secret.client), &object)?;
        }
    }
    Ok(())
}
