//! The keys that sign tokens: read from the database, made when they are due, by whichever process comes first.
//!
//! A **declared cache**. Content: the signing keys, parsed and opened. Time to live: ten seconds of the monotonic
//! clock. Effect if empty: one question more. Effect if stale: a key that was made, retired or removed is known up
//! to ten seconds late, which changes no answer, because a key is published long before it signs and long after
//! (`rules/oauth/signing_key.rs`); a key that an operator retires at once signs up to ten seconds more.
#![expect(
    clippy::disallowed_types,
    reason = "a declared cache; nothing is decided by what it lacks"
)]

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokenhouse_processes::lifecycle::Lifecycle;
use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::EventId;
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_rules::oauth::jwk::{Algorithm, BadKey, PublicKey};
use tokenhouse_rules::oauth::jws::SigningKey;
use tokenhouse_rules::oauth::signing_key::{self, Due, Instants, Life, Schedule, Stage};
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{Error, NewSigningKey, Result, SigningKey as Stored, Trail};

use crate::app::App;
use crate::entropy;
use crate::log::Level;

/// How long what was read may be used.
const FRESH: Duration = Duration::from_secs(10);

/// What a process knows of the signing keys.
#[derive(Default)]
pub struct Keyring(RwLock<Option<Kept>>);

#[derive(Clone)]
struct Kept {
    /// Before the question was sent.
    asked: Instant,
    keys: Arc<Keys>,
}

/// All keys that are not removed, as they were at one instant.
pub(crate) struct Keys {
    now: Timestamp,
    all: Vec<Key>,
}

struct Key {
    id: String,
    life: Life,
    public: PublicKey,
    /// Not there when no key of the root secret opens it.
    signing: Option<Arc<SigningKey>>,
}

impl AsRef<Life> for Key {
    fn as_ref(&self) -> &Life {
        &self.life
    }
}

impl Keyring {
    /// All keys, at most ten seconds old; made first where there are none.
    pub(crate) async fn keys(&self, app: &App) -> Result<Arc<Keys>> {
        match self.kept() {
            Some(kept) if kept.asked.elapsed() < FRESH => Ok(kept.keys),
            kept => self.load(app, kept.map(|kept| kept.keys)).await,
        }
    }

    /// For how long the key that signs has done so, of each algorithm, as far as is known here.
    pub(crate) fn ages(&self) -> Vec<(&'static str, Duration)> {
        let Some(Kept { asked, keys }) = self.kept() else { return Vec::new() };
        let now = keys.now.plus(asked.elapsed());
        let age = |algorithm: Algorithm| {
            let usable = keys.usable();
            let key = signing_key::choose(&usable, now, algorithm)?;
            Some((algorithm.name(), now.since(key.life.instants.activate_at)))
        };
        Algorithm::ALL.into_iter().filter_map(age).collect()
    }

    async fn load(&self, app: &App, known: Option<Arc<Keys>>) -> Result<Arc<Keys>> {
        let mut asked = Instant::now();
        let mut keys = read(app, known.as_deref()).await?;
        if add_due(app, &keys).await? {
            asked = Instant::now();
            keys = read(app, Some(&keys)).await?;
        }
        let keys = Arc::new(keys);
        let kept = Kept { asked, keys: Arc::clone(&keys) };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok(keys)
    }

    fn kept(&self) -> Option<Kept> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Keys {
    /// What was read, opened, where nothing is kept and nothing is made.
    pub(super) fn opened(root: &RootSecret, now: Timestamp, stored: &[Stored]) -> Result<Self> {
        let known = stored.iter().map(|one| Key::of(root, one, None));
        let all = known.collect::<Result<Vec<_>>>()?;
        let all = all.into_iter().flatten().filter(|key| key.is_there(now)).collect();
        Ok(Self { now, all })
    }

    /// The key that signs now, by the database's time: that of `now`, or of these where they were read later. The very
    /// first key begins after the facts were read on whose behalf it was made.
    pub(crate) fn signer(&self, algorithm: Algorithm, now: Timestamp) -> Option<&SigningKey> {
        let now = now.max(self.now);
        signing_key::choose(&self.usable(), now, algorithm)?.signing.as_deref()
    }

    /// Those that a key of the root secret opens.
    fn usable(&self) -> Vec<&Key> {
        self.all.iter().filter(|key| key.signing.is_some()).collect()
    }

    /// The key that is due. One that cannot be opened signs for nobody here, but it has its number.
    fn due(&self, schedule: &Schedule, algorithm: Algorithm) -> Option<Due> {
        let due = signing_key::next(&self.usable(), self.now, schedule, algorithm)?;
        let Due { number, .. } = signing_key::rotate(&self.all, self.now, schedule, algorithm);
        Some(Due { number, ..due })
    }

    /// The one of that name, for whatever it signed.
    pub(crate) fn public(&self, kid: &str, algorithm: Algorithm) -> Option<&PublicKey> {
        let named = |key: &&Key| key.id == kid && key.life.algorithm == algorithm;
        self.all.iter().find(named).map(|key| &key.public)
    }

    /// As applications read them.
    pub(super) fn document(&self) -> Value {
        published(self.all.iter().map(|key| &key.public))
    }
}

/// Makes keys that are due until the process drains, where nobody asks for anything that is signed. Only where there
/// are keys: a server that signs nothing for anybody needs none.
pub async fn rotate(app: App, lifecycle: Lifecycle) {
    loop {
        tokio::select! {
            () = lifecycle.draining() => return,
            () = tokio::time::sleep(app.settings.jwks_max_age) => {}
        }
        let turn = async {
            let (_, stored) = app.store.signing_keys().await?;
            if stored.is_empty() { Ok(()) } else { app.keyring.keys(&app).await.map(drop) }
        };
        if let Err(error) = turn.await {
            app.log.failure("signing_keys_not_read", &error, "");
        }
    }
}

/// A new key, sealed under the root secret. Takes up to seconds for RS256.
///
/// # Errors
/// [`BadKey`] when the library gives none.
pub fn make(
    root: &RootSecret,
    algorithm: Algorithm,
    due: &Due,
    nonce: [u8; 12],
) -> std::result::Result<NewSigningKey, BadKey> {
    let (key, private) = SigningKey::generate(algorithm)?;
    Ok(NewSigningKey {
        id: key.kid().to_owned(),
        algorithm: algorithm.name().to_owned(),
        number: due.number,
        public_key: key.public().to_json().to_string(),
        private_key: signing_key::seal(root, key.kid(), algorithm, &private, nonce),
        activate: due.activate,
        retire: due.retire,
        remove: due.remove,
    })
}

/// The public keys of these, as `/oauth2/jwks` shows them; one that cannot be read is left out.
pub fn jwks(stored: &[Stored]) -> Value {
    let keys: Vec<_> =
        stored.iter().filter_map(|one| PublicKey::parse(&one.public_key).ok()).collect();
    published(keys.iter())
}

fn published<'a>(keys: impl Iterator<Item = &'a PublicKey>) -> Value {
    json!({ "keys": keys.map(PublicKey::to_json).collect::<Vec<_>>() })
}

/// Reads what is stored; what is known already is not parsed and opened again.
async fn read(app: &App, known: Option<&Keys>) -> Result<Keys> {
    let (now, stored) = app.store.signing_keys().await?;
    let before = |id: &str| known.and_then(|known| known.all.iter().find(|key| key.id == id));
    let mut all = Vec::with_capacity(stored.len());
    for one in &stored {
        let known = before(&one.id);
        let key = Key::of(&app.root, one, known)?.filter(|key| key.is_there(now));
        if known.is_none() && key.as_ref().is_some_and(|key| key.signing.is_none()) {
            let attributes = json!({ "tokenhouse.key.id": one.id });
            app.log.event(Level::Warn, "tokenhouse.key.unreadable", attributes);
        }
        all.extend(key);
    }
    Ok(Keys { now, all })
}

impl Key {
    /// None of an algorithm that only another release knows.
    fn of(root: &RootSecret, stored: &Stored, known: Option<&Self>) -> Result<Option<Self>> {
        let Some(algorithm) = Algorithm::named(&stored.algorithm) else { return Ok(None) };
        let instants = Instants {
            activate_at: stored.activate_at,
            retire_at: stored.retire_at,
            remove_at: stored.remove_at,
        };
        let (id, life) = (stored.id.clone(), Life { algorithm, number: stored.number, instants });
        if let Some(Self { public, signing: Some(signing), .. }) = known {
            let (public, signing) = (public.clone(), Some(Arc::clone(signing)));
            return Ok(Some(Self { id, life, public, signing }));
        }
        let public = PublicKey::parse(&stored.public_key)
            .map_err(|_| Error::Corrupt(format!("the public half of signing key {id}")))?;
        let opened = signing_key::open(root, &id, algorithm, &stored.private_key).ok();
        let signing = opened.and_then(|bytes| SigningKey::from_pkcs8(algorithm, &bytes).ok());
        Ok(Some(Self { id, life, public, signing: signing.map(Arc::new) }))
    }

    fn is_there(&self, now: Timestamp) -> bool {
        signing_key::stage(now, &self.life.instants) != Stage::Removed
    }
}

/// Makes what is due of each algorithm; whether there is something new to read. Of all processes that do so at once
/// one key remains for each number.
async fn add_due(app: &App, keys: &Keys) -> Result<bool> {
    let schedule = app.settings.key_schedule();
    let mut added = false;
    for algorithm in app.settings.signing_algorithms.iter().copied() {
        let Some(due) = keys.due(&schedule, algorithm) else { continue };
        match add(app, keys.now, algorithm, due).await {
            Ok(()) => added = true,
            // A database that takes no writes must not keep the present key from signing.
            Err(error) if keys.signer(algorithm, keys.now).is_some() => {
                app.log.failure("signing_key_not_made", &error, "");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(added)
}

#[expect(
    clippy::disallowed_methods,
    reason = "waited for; an RSA key takes a thread up to seconds"
)]
async fn add(app: &App, now: Timestamp, algorithm: Algorithm, due: Due) -> Result<()> {
    let root = Arc::clone(&app.root);
    let nonce = entropy::bytes();
    let making = tokio::task::spawn_blocking(move || make(&root, algorithm, &due, nonce));
    let made = making.await.map_err(|error| Error::Driver(Box::new(error)))?;
    let key = made.map_err(|error| Error::Driver(Box::new(error)))?;
    let trail = Trail {
        id: EventId::new(now, entropy::bytes()),
        event: Event::KeyCreated,
        // On its operator's behalf.
        actor: Actor::Operator,
        address: None,
        request_id: None,
    };
    app.store.add_signing_key(key, Some(trail)).await.map(drop)
}
