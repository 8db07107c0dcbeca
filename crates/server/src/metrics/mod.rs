//! What is counted, in the names of OpenTelemetry's semantic conventions and our own. Never a user, an
//! address or anything a client can make up as a label.

mod durations;

use std::sync::Arc;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use tokenhouse_rules::mail::Kind;
use tokenhouse_rules::oauth::client::GrantType;

use self::durations::Durations;
pub(crate) use self::durations::method_name;
use crate::app::App;
use crate::log::access::Access;

/// How an attempt to sign in ended.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, EncodeLabelValue)]
pub enum Outcome {
    /// A session was opened.
    Succeeded,
    /// Unknown user or wrong password.
    Refused,
    /// The right password of a locked account.
    Locked,
    /// The right password of an account whose address has to be confirmed first.
    Unconfirmed,
    /// Over the limit.
    Limited,
    /// The hashing queue was full.
    Overloaded,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Attempt {
    method: &'static str,
    outcome: Outcome,
}

/// How sending a mail ended.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, EncodeLabelValue)]
pub enum MailOutcome {
    /// A server took it.
    Sent,
    /// It is tried again.
    Failed,
    /// It is given up.
    Dead,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct MailSent {
    kind: &'static str,
    outcome: MailOutcome,
}

/// How telling an application that a session ended went.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, EncodeLabelValue)]
pub enum LogoutOutcome {
    /// It heard of it.
    Told,
    /// It is tried again.
    Failed,
    /// It is given up.
    Lost,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct LogoutTold {
    outcome: LogoutOutcome,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TokenIssued {
    grant: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct TokenRefused {
    grant: &'static str,
    error: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct KeyAge {
    algorithm: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Connection {
    state: &'static str,
}

/// The counters of one process.
pub struct Metrics {
    registry: Registry,
    requests: Arc<Durations>,
    attempts: Family<Attempt, Counter>,
    hash_queue: Gauge,
    corrupt_hashes: Counter,
    mails: Family<MailSent, Counter>,
    retaken_mails: Counter,
    logouts: Family<LogoutTold, Counter>,
    tokens_issued: Family<TokenIssued, Counter>,
    tokens_refused: Family<TokenRefused, Counter>,
    key_ages: Family<KeyAge, Gauge>,
    connections: Family<Connection, Gauge>,
    dropped_lines: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::default();
        let requests = Arc::new(Durations::default());
        registry.register_collector(Box::new(Arc::clone(&requests)));
        let attempts = Family::default();
        registry.register("tokenhouse_login_attempts", "Attempts to sign in", attempts.clone());
        let hash_queue = Gauge::default();
        registry.register(
            "tokenhouse_password_hash_queue_length",
            "Passwords that wait to be hashed",
            hash_queue.clone(),
        );
        let corrupt_hashes = Counter::default();
        registry.register(
            "tokenhouse_password_hashes_corrupt",
            "Attempts on accounts whose stored hash is damaged",
            corrupt_hashes.clone(),
        );
        let mails = Family::default();
        registry.register("tokenhouse_mails", "Attempts to send a mail", mails.clone());
        let retaken_mails = Counter::default();
        registry.register(
            "tokenhouse_mails_retaken",
            "Mails taken from a process that did not say what became of them: they may come twice",
            retaken_mails.clone(),
        );
        let logouts = Family::default();
        registry.register(
            "tokenhouse_logouts",
            "Attempts to tell an application's server that a session ended",
            logouts.clone(),
        );
        let tokens_issued = Family::default();
        registry.register(
            "tokenhouse_tokens_issued",
            "Requests of applications for tokens that were granted",
            tokens_issued.clone(),
        );
        let tokens_refused = Family::default();
        registry.register(
            "tokenhouse_tokens_refused",
            "Requests of applications for tokens that were refused",
            tokens_refused.clone(),
        );
        let key_ages = Family::default();
        registry.register(
            "tokenhouse_signing_key_age_seconds",
            "For how long the key that signs has done so, since it was last needed here",
            key_ages.clone(),
        );
        let connections = Family::default();
        registry.register(
            "tokenhouse_db_connections",
            "Connections to the database",
            connections.clone(),
        );
        let dropped_lines = Gauge::default();
        registry.register(
            "tokenhouse_log_lines_dropped",
            "Log lines dropped because stdout did not take them",
            dropped_lines.clone(),
        );
        Self {
            registry,
            requests,
            attempts,
            hash_queue,
            corrupt_hashes,
            mails,
            retaken_mails,
            logouts,
            tokens_issued,
            tokens_refused,
            key_ages,
            connections,
            dropped_lines,
        }
    }
}

impl Metrics {
    /// Counts an answered request.
    pub(crate) fn request(&self, access: &Access<'_>) {
        self.requests.observe(access.route, (access.method, access.status), access.took);
    }

    /// Counts an attempt to sign in by password.
    pub(crate) fn attempt(&self, outcome: Outcome) {
        self.attempts.get_or_create(&Attempt { method: "password", outcome }).inc();
    }

    /// Counts an attempt on an account whose stored hash is damaged.
    pub(crate) fn corrupt_hash(&self) {
        self.corrupt_hashes.inc();
    }

    /// Counts an attempt to send a mail; one of a kind that this release does not know under no name.
    pub(crate) fn mail(&self, kind: Option<Kind>, outcome: MailOutcome) {
        let kind = kind.map_or("_OTHER", Kind::name);
        self.mails.get_or_create(&MailSent { kind, outcome }).inc();
    }

    /// Counts a mail that may come twice.
    pub(crate) fn mail_retaken(&self) {
        self.retaken_mails.inc();
    }

    /// Counts an attempt to tell an application that a session ended.
    pub(crate) fn logout(&self, outcome: LogoutOutcome) {
        self.logouts.get_or_create(&LogoutTold { outcome }).inc();
    }

    /// Counts tokens that an application was given.
    pub(crate) fn tokens_issued(&self, grant: Option<GrantType>) {
        let grant = grant.map_or("_OTHER", GrantType::name);
        self.tokens_issued.get_or_create(&TokenIssued { grant }).inc();
    }

    /// Counts a request for tokens that was refused; one of a kind that is not known under no name.
    pub(crate) fn tokens_refused(&self, grant: Option<GrantType>, error: &'static str) {
        let grant = grant.map_or("_OTHER", GrantType::name);
        self.tokens_refused.get_or_create(&TokenRefused { grant, error }).inc();
    }

    /// The Prometheus exposition (OpenMetrics text).
    pub(crate) fn exposition(&self, app: &App) -> String {
        self.hash_queue.set(i64::try_from(app.hashing.queue_length()).unwrap_or(i64::MAX));
        let (busy, idle) = app.store.connections();
        for (state, count) in [("busy", busy), ("idle", idle)] {
            let gauge = self.connections.get_or_create(&Connection { state });
            gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
        }
        for (algorithm, age) in app.keyring.ages() {
            let age = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
            self.key_ages.get_or_create(&KeyAge { algorithm }).set(age);
        }
        self.dropped_lines.set(i64::try_from(app.log.dropped()).unwrap_or(i64::MAX));
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
