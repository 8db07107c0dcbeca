//! What an application is: its name, where answers may go, what it may ask for and how it shows who it is.
//!
//! The settings are one JSON object in the client's row. A kind is a preset, and a promise about what the
//! application can keep secret (RFC 6749 §2.1); what contradicts it is a fault, found before anything is stored.

mod check;
mod id;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use self::id::{BadClientId, ClientId, MAX_ID};
pub use super::Fault;
use super::access::{self, AccessRule};
use super::forwarding::Forwarding;
use super::jwk::Algorithm;
use super::scope::{self, Scopes};

/// The longest life of an access token, in seconds.
pub const MAX_ACCESS_TOKEN_LIFETIME: u64 = 86_400;
/// How long a code may wait to be redeemed, in seconds (OWASP ASVS 10.4.3 allows ten minutes).
pub const CODE_LIFETIME: u64 = 60;

const DAY: u64 = 86_400;

/// What sort of application it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Runs in a browser; keeps no secret.
    Spa,
    /// Runs on a server of its own; keeps a secret.
    Server,
    /// Runs on a person's machine; keeps no secret.
    Native,
    /// Acts for itself, without a person.
    Machine,
    /// Knows nothing of sign-in; a proxy in front of it asks.
    Proxy,
}

impl Kind {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Spa, Self::Server, Self::Native, Self::Machine, Self::Proxy];

    /// The stable name, as it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spa => "spa",
            Self::Server => "server",
            Self::Native => "native",
            Self::Machine => "machine",
            Self::Proxy => "proxy",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// How an application shows who it is (RFC 6749 §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authentication {
    /// Not at all: it can keep no secret.
    None,
    /// By a secret, in the `Authorization` header or in the form.
    Basic,
    /// By a secret in the form.
    Post,
}

/// A way of asking for tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// RFC 6749 §4.1.
    AuthorizationCode,
    /// RFC 6749 §6.
    RefreshToken,
    /// RFC 6749 §4.4.
    ClientCredentials,
}

impl GrantType {
    /// All of them.
    pub const ALL: &[Self] =
        &[Self::AuthorizationCode, Self::RefreshToken, Self::ClientCredentials];

    /// As `grant_type` says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }

    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|grant| grant.name() == name)
    }
}

/// What an access token is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenForm {
    /// Sealed; only this server reads it, and it can be revoked at once.
    Opaque,
    /// Signed (RFC 9068); services read it without asking, and it lives until it expires.
    Jwt,
}

/// Whether a request has to prove that who redeems its code is who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pkce {
    /// Always (OWASP ASVS 10.4.6).
    Required,
    /// If it likes: for tests of conformance, and only with a secret.
    Optional,
}

/// Whether a person is asked before an application learns of her.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// She is.
    Ask,
    /// The operator has answered for her: it is an application of the house.
    Skip,
}

/// All that is set of an application. Lifetimes are in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What people call it.
    pub name: String,
    /// What sort it is.
    pub kind: Kind,
    /// Where the answers to its requests may go.
    pub redirect_uris: Vec<String>,
    /// Where people may be sent after they signed out.
    pub post_logout_redirect_uris: Vec<String>,
    /// From which origins its scripts may ask (CORS).
    pub origins: Vec<String>,
    /// What it may ask for.
    pub scopes: Scopes,
    /// How it shows who it is.
    pub authentication: Authentication,
    /// In which ways it may ask.
    pub grants: BTreeSet<GrantType>,
    /// What its access tokens are made of.
    pub access_token: TokenForm,
    /// How long one of them is good.
    pub access_token_lifetime: u64,
    /// How long a grant lasts without use.
    pub refresh_idle: u64,
    /// How long it lasts in any case.
    pub refresh_absolute: u64,
    /// By what its ID tokens are signed.
    pub id_token_algorithm: Algorithm,
    /// Whether it has to use PKCE.
    pub pkce: Pkce,
    /// Whether people are asked.
    pub consent: Consent,
    /// For whom its access tokens are where no resource is named; the issuer where this is none either.
    pub audience: Option<String>,
    /// For whom it may ask them to be (RFC 8707).
    pub resources: Vec<String>,
    /// Who may come to the hosts that a proxy asks about.
    pub access: Vec<AccessRule>,
    /// What the services behind that proxy are told.
    pub forward: Forwarding,
}

/// Settings that this release cannot read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadSettings(String);

impl Default for Settings {
    fn default() -> Self {
        Self::preset(Kind::Server)
    }
}

impl Settings {
    /// What an application of that kind is like of which nothing more is said.
    pub fn preset(kind: Kind) -> Self {
        let sign_in = Scopes::of(&[scope::OPENID, scope::PROFILE, scope::EMAIL]);
        let people = [GrantType::AuthorizationCode, GrantType::RefreshToken];
        let (authentication, grants, scopes) = match kind {
            Kind::Spa => (Authentication::None, BTreeSet::from(people), sign_in),
            Kind::Server => (Authentication::Basic, BTreeSet::from(people), sign_in),
            Kind::Native => {
                let scopes = sign_in.union(&Scopes::of(&[scope::OFFLINE_ACCESS]));
                (Authentication::None, BTreeSet::from(people), scopes)
            }
            Kind::Machine => {
                let grants = BTreeSet::from([GrantType::ClientCredentials]);
                (Authentication::Basic, grants, Scopes::default())
            }
            Kind::Proxy => (Authentication::None, BTreeSet::new(), Scopes::default()),
        };
        Self {
            name: String::new(),
            kind,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            origins: Vec::new(),
            scopes,
            authentication,
            grants,
            access_token: TokenForm::Opaque,
            access_token_lifetime: 300,
            refresh_idle: 30 * DAY,
            refresh_absolute: 90 * DAY,
            id_token_algorithm: Algorithm::ES256,
            pkce: Pkce::Required,
            consent: Consent::Ask,
            audience: None,
            resources: Vec::new(),
            access: Vec::new(),
            forward: Forwarding::default(),
        }
    }

    /// Reads what was stored, by this release or by the next one: a member that only a newer release knows is
    /// left out, so that one can go back to this one.
    ///
    /// # Errors
    /// [`BadSettings`], also for a value of a known member that this release does not know.
    pub fn stored(text: &str) -> Result<Self, BadSettings> {
        // Serde would read a list as well, member by member.
        if !text.trim_start().starts_with('{') {
            return Err(BadSettings("settings must be a JSON object".to_owned()));
        }
        let strict = serde_json::from_str(text);
        strict
            .or_else(|_| Self::known_members(text))
            .map_err(|error| BadSettings(error.to_string()))
    }

    fn known_members(text: &str) -> Result<Self, serde_json::Error> {
        let mut members: Map<String, Value> = serde_json::from_str(text)?;
        let known = serde_json::to_value(Self::default())?;
        members.retain(|name, _| known.get(name).is_some());
        serde_json::from_value(Value::Object(members))
    }

    /// Whether it has a secret to show.
    pub fn has_secret(&self) -> bool {
        self.authentication != Authentication::None
    }

    /// Whether it may ask in that way.
    pub fn allows(&self, grant: GrantType) -> bool {
        self.grants.contains(&grant)
    }

    /// The hosts that a proxy asks about, each once: `app.example.org`, `*.example.org`.
    pub fn hosts(&self) -> Vec<String> {
        access::hosts(&self.access)
    }
}

#[cfg(test)]
mod tests;
