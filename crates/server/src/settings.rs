//! The configuration as it is used: parsed, checked and frozen after start.

use std::time::Duration;

use ipnet::IpNet;
use tokenhouse_rules::limit::Limit;
use tokenhouse_rules::oauth::client::MAX_ACCESS_TOKEN_LIFETIME;
use tokenhouse_rules::oauth::jwk::Algorithm;
use tokenhouse_rules::oauth::signing_key::Schedule;
use tokenhouse_rules::registration::{Address, DynamicRegistration, Registration};
use tokenhouse_rules::session::Lifetime;

use crate::hashing::{Cost, Implementation};
use crate::mail::Mailing;

/// Everything a handler needs to know that is not in the database.
#[derive(Debug)]
pub struct Settings {
    /// How long sessions live.
    pub lifetime: Lifetime,
    /// The fewest code points of a new password.
    pub password_min: usize,
    /// The most bytes of a user's document.
    pub data_max_bytes: usize,
    /// What a user's document must look like, if the operator says so.
    pub data_schema: Option<jsonschema::Validator>,
    /// Attempts to sign in per account.
    pub limit_account: Option<Limit>,
    /// Attempts to sign in per client address.
    pub limit_address: Option<Limit>,
    /// Mails of one kind to one address.
    pub limit_mail: Option<Limit>,
    /// Askings for a new password per client address.
    pub limit_recovery: Option<Limit>,
    /// New accounts per client address.
    pub limit_registration: Option<Limit>,
    /// Who may make an account.
    pub registration: Registration,
    /// Which applications may register themselves.
    pub dynamic_registration: DynamicRegistration,
    /// What is asked of a person's address.
    pub address: Address,
    /// How long somebody can think again who wants her account deleted; zero deletes at once.
    pub delete_grace: Duration,
    /// How long a link to a new password may be used.
    pub recovery_lifetime: Duration,
    /// How long a link that confirms an address may be used.
    pub confirmation_lifetime: Duration,
    /// How long an invitation may be used.
    pub invitation_lifetime: Duration,
    /// Whether mails are written, and where they go.
    pub mailing: Mailing,
    /// What links in mails begin with, without a slash at the end; never what a request says of itself.
    pub base_url: String,
    /// Who mails are from, as in `Name <address>`.
    pub mail_from: String,
    /// How long sending a mail is tried before it is given up.
    pub mail_retry_for: Duration,
    /// Proxies whose word about the client's address is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// Where people reach this server, for the OpenAPI document and links.
    pub public_url: Option<String>,
    /// The domain whose hosts get the cookie by which proxies ask who is signed in.
    pub cookie_domain: Option<String>,
    /// What the pages call this place.
    pub site_name: String,
    /// Name the answering process in every answer.
    pub show_process: bool,
    /// How long a request may take in all.
    pub request_timeout: Duration,
    /// What hashing a password costs.
    pub hash_cost: Cost,
    /// Who computes it.
    pub hash_implementation: Implementation,
    /// How many passwords are hashed at once.
    pub hash_permits: usize,
    /// How long a password may wait to be hashed.
    pub hash_budget: Duration,
    /// Whether an access line is written for each request.
    pub access_log: bool,
    /// By what tokens can be signed; of each there is a key.
    pub signing_algorithms: Vec<Algorithm>,
    /// How long a key signs.
    pub key_rotation: Duration,
    /// How long the public keys and the metadata may be kept by who asked for them.
    pub jwks_max_age: Duration,
}

impl Settings {
    /// The issuer: what tokens name, without a slash at the end.
    pub fn issuer(&self) -> &str {
        self.public_url.as_deref().unwrap_or(&self.base_url).trim_end_matches('/')
    }

    /// When keys are made, sign and go.
    pub fn key_schedule(&self) -> Schedule {
        let longest = Duration::from_secs(MAX_ACCESS_TOKEN_LIFETIME);
        Schedule::new(self.key_rotation, self.jwks_max_age, longest)
    }
}

impl Default for Settings {
    /// The documented defaults.
    fn default() -> Self {
        Self {
            lifetime: Lifetime {
                idle: Duration::from_secs(14 * 86_400),
                absolute: Duration::from_secs(90 * 86_400),
            },
            password_min: tokenhouse_rules::password::MIN,
            data_max_bytes: 64 * 1024,
            data_schema: None,
            limit_account: Limit::parse("10/15m").ok().flatten(),
            limit_address: Limit::parse("100/15m").ok().flatten(),
            limit_mail: Limit::parse("5/1h").ok().flatten(),
            limit_recovery: Limit::parse("20/15m").ok().flatten(),
            limit_registration: None,
            registration: Registration::Open,
            dynamic_registration: DynamicRegistration::Off,
            address: Address::Optional,
            delete_grace: Duration::from_secs(7 * 86_400),
            recovery_lifetime: Duration::from_secs(600),
            confirmation_lifetime: Duration::from_secs(86_400),
            invitation_lifetime: Duration::from_secs(7 * 86_400),
            mailing: Mailing::Off,
            base_url: "http://localhost".to_owned(),
            mail_from: "Tokenhouse <no-reply@localhost>".to_owned(),
            mail_retry_for: Duration::from_secs(3 * 86_400),
            trusted_proxies: Vec::new(),
            public_url: None,
            cookie_domain: None,
            site_name: "Tokenhouse".to_owned(),
            show_process: false,
            request_timeout: Duration::from_secs(10),
            hash_cost: Cost::default(),
            hash_implementation: Implementation::default(),
            hash_permits: 1,
            hash_budget: Duration::from_secs(5),
            access_log: true,
            signing_algorithms: Algorithm::ALL.to_vec(),
            key_rotation: Duration::from_secs(90 * 86_400),
            jwks_max_age: Duration::from_secs(300),
        }
    }
}
