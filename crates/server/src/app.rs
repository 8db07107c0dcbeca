//! The one value that handlers share, and the proof that none of it is state.

use std::sync::Arc;

use tokenhouse_processes::identity::ProcessId;
use tokenhouse_processes::lifecycle::Lifecycle;
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::Store;

use crate::hashing::Hashing;
use crate::log::Sink;
use crate::metrics::Metrics;
use crate::oauth::Keyring;
use crate::pages::Pages;
use crate::settings::Settings;

/// What an answer may depend on without making the process matter. Implemented by hand, one sentence
/// of reason each: a type that remembers something between requests has no place here.
trait Stateless {}

/// Everything in it lives outside the process; connections are plumbing.
impl Stateless for Arc<dyn Store> {}
/// Read at start, the same in every process, never changed.
impl Stateless for Arc<RootSecret> {}
/// Read at start, the same in every process, never changed.
impl Stateless for Arc<Settings> {}
/// A queue of work in progress: emptied by a crash together with the requests it belongs to.
impl Stateless for Hashing {}
/// Whether this process still accepts requests; nothing about any of them.
impl Stateless for Lifecycle {}
/// Templates, messages and assets, read at start, the same in every process, never changed. (What a bundle
/// of messages keeps of plural rules is computed from its language alone.)
impl Stateless for Arc<Pages> {}
/// Counts what was, never asked when something is decided.
impl Stateless for Arc<Metrics> {}
/// A stream to stdout that nobody reads back.
impl Stateless for Sink {}
/// The name of the process, shown to who asks who answered.
impl Stateless for ProcessId {}
/// A declared cache of ten seconds (`oauth/keyring.rs`): without it every answer is the same, one question later.
impl Stateless for Keyring {}

/// The one value that handlers share.
#[derive(Clone)]
pub struct App(Arc<Shared>);

/// The fields of [`App`].
pub struct Shared {
    /// What is remembered.
    pub store: Arc<dyn Store>,
    /// What tokens are sealed with.
    pub root: Arc<RootSecret>,
    /// The frozen configuration.
    pub settings: Arc<Settings>,
    /// What the pages are made of.
    pub pages: Arc<Pages>,
    /// The bounded queue of passwords to hash.
    pub hashing: Hashing,
    /// Where the process is between start and stop.
    pub lifecycle: Lifecycle,
    /// What was counted.
    pub metrics: Arc<Metrics>,
    /// Where lines go.
    pub log: Sink,
    /// Who answers.
    pub process: ProcessId,
    /// The keys that sign, as they were read a moment ago.
    pub keyring: Keyring,
}

impl App {
    /// Shares the fields; a field that is not known to be stateless does not compile.
    pub fn new(shared: Shared) -> Self {
        fn all_stateless(shared: &Shared) {
            fn stateless<T: Stateless>(_: &T) {}
            let Shared {
                store,
                root,
                settings,
                pages,
                hashing,
                lifecycle,
                metrics,
                log,
                process,
                keyring,
            } = shared;
            stateless(store);
            stateless(root);
            stateless(settings);
            stateless(pages);
            stateless(hashing);
            stateless(lifecycle);
            stateless(metrics);
            stateless(log);
            stateless(process);
            stateless(keyring);
        }
        all_stateless(&shared);
        Self(Arc::new(shared))
    }
}

impl std::ops::Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Shared {
    /// A time to make an identifier from where no fact brought the database's. It only orders the
    /// identifiers; nothing is ever judged by it.
    #[expect(clippy::disallowed_methods, reason = "orders identifiers, judges nothing")]
    pub(crate) fn ordering_time(&self) -> Timestamp {
        Timestamp::from(std::time::SystemTime::now())
    }
}
