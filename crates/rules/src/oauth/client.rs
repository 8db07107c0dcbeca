//! What an application is: its name, where answers may go, what it may ask for and how it shows who it is.
//!
//! The settings are one JSON object in the client's row. A kind is a preset, and a promise about what the
//! application can keep secret (RFC 6749 §2.1); what contradicts it is a fault, found before anything is stored.

mod check;
mod id;
mod kinds;
mod logout;
mod profile;
mod signing;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use self::id::{BadClientId, ClientId, MAX_ID};
pub use self::kinds::{Authentication, Consent, GrantType, Kind, Pkce, TokenForm};
pub use self::profile::SecurityProfile;
pub use self::signing::{BadKeySet, MAX_SET};
pub use super::Fault;
use super::access::{self, AccessRule};
use super::claims::mapping::Mapped;
use super::forwarding::Forwarding;
use super::jwk::Algorithm;
use super::scope::{self, Scopes};

/// The longest life of an access token, in seconds.
pub const MAX_ACCESS_TOKEN_LIFETIME: u64 = 86_400;
/// How long a code may wait to be redeemed, in seconds (OWASP ASVS 10.4.3 allows ten minutes).
pub const CODE_LIFETIME: u64 = 60;

const DAY: u64 = 86_400;

/// All that is set of an application. Lifetimes are in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What people call it.
    pub name: String,
    /// Where it says what it does with what it learns of people.
    pub policy_uri: Option<String>,
    /// Where it says on which terms it may be used.
    pub tos_uri: Option<String>,
    /// What sort it is.
    pub kind: Kind,
    /// Where the answers to its requests may go.
    pub redirect_uris: Vec<String>,
    /// Where people may be sent after they signed out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Where its server is told that a session ended (OpenID Connect Back-Channel Logout 1.0).
    pub backchannel_logout_uri: Option<String>,
    /// Whether it has to be told which session; it is in any case.
    pub backchannel_logout_session_required: bool,
    /// What a frame shows when a session ends in its browser (OpenID Connect Front-Channel Logout 1.0).
    pub frontchannel_logout_uri: Option<String>,
    /// Whether that address has to be told which session.
    pub frontchannel_logout_session_required: bool,
    /// From which origins its scripts may ask (CORS).
    pub origins: Vec<String>,
    /// What it may ask for.
    pub scopes: Scopes,
    /// The profile that it keeps, if it keeps one.
    pub security_profile: Option<SecurityProfile>,
    /// How it shows who it is.
    pub authentication: Authentication,
    /// The public keys by which it signs, a JSON Web Key Set.
    pub jwks: Option<Value>,
    /// Where such a set is, in the place of it (OpenID Connect Dynamic Client Registration 1.0 §2).
    pub jwks_uri: Option<String>,
    /// Whether it has to send its requests for authorization ahead (RFC 9126).
    pub require_pushed_authorization_requests: bool,
    /// Whether it has to sign them (RFC 9101).
    pub require_signed_request_object: bool,
    /// In which ways it may ask.
    pub grants: BTreeSet<GrantType>,
    /// What its access tokens are made of.
    pub access_token: TokenForm,
    /// How long one of them is good.
    pub access_token_lifetime: u64,
    /// Whether all of them are bound to a key that it proves (RFC 9449 §5.2); others are if it likes.
    pub dpop_bound_access_tokens: bool,
    /// How long a grant lasts without use.
    pub refresh_idle: u64,
    /// How long it lasts in any case.
    pub refresh_absolute: u64,
    /// By what its ID tokens are signed.
    pub id_token_algorithm: Algorithm,
    /// By what the userinfo endpoint signs its answers; it does not where there is nothing.
    pub userinfo_signed_response_alg: Option<Algorithm>,
    /// Claims that are mapped for it, by name.
    pub claims: BTreeMap<String, Mapped>,
    /// Its roles, and the groups that each of them stands for.
    pub roles: BTreeMap<String, BTreeSet<String>>,
    /// Whether it has to use PKCE.
    pub pkce: Pkce,
    /// Whether people are asked.
    pub consent: Consent,
    /// For whom its access tokens are where no resource is named; the issuer where this is none either.
    pub audience: Option<String>,
    /// For whom it may ask them to be (RFC 8707).
    pub resources: Vec<String>,
    /// For whom it may exchange tokens that it is shown (RFC 8693).
    pub token_exchange: Vec<String>,
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
            Kind::Device => {
                let scopes = sign_in.union(&Scopes::of(&[scope::OFFLINE_ACCESS]));
                let grants = BTreeSet::from([GrantType::DeviceCode, GrantType::RefreshToken]);
                (Authentication::None, grants, scopes)
            }
            Kind::Machine => {
                let grants = BTreeSet::from([GrantType::ClientCredentials]);
                (Authentication::Basic, grants, Scopes::default())
            }
            Kind::Proxy => (Authentication::None, BTreeSet::new(), Scopes::default()),
        };
        Self {
            name: String::new(),
            policy_uri: None,
            tos_uri: None,
            kind,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            backchannel_logout_uri: None,
            backchannel_logout_session_required: false,
            frontchannel_logout_uri: None,
            frontchannel_logout_session_required: false,
            origins: Vec::new(),
            scopes,
            security_profile: None,
            authentication,
            jwks: None,
            jwks_uri: None,
            require_pushed_authorization_requests: false,
            require_signed_request_object: false,
            grants,
            access_token: TokenForm::Opaque,
            access_token_lifetime: 300,
            dpop_bound_access_tokens: false,
            refresh_idle: 30 * DAY,
            refresh_absolute: 90 * DAY,
            id_token_algorithm: Algorithm::ES256,
            userinfo_signed_response_alg: None,
            claims: BTreeMap::new(),
            roles: BTreeMap::new(),
            pkce: Pkce::Required,
            consent: Consent::Ask,
            audience: None,
            resources: Vec::new(),
            token_exchange: Vec::new(),
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

    /// Whether it has a secret.
    pub fn has_secret(&self) -> bool {
        let by = self.authentication;
        matches!(by, Authentication::Basic | Authentication::Post) || self.makes_macs()
    }

    /// Whether it makes MACs with its secret, so that a copy of that is kept (`client_secret`).
    pub fn makes_macs(&self) -> bool {
        self.authentication == Authentication::ClientSecretJwt
    }

    /// Whether it shows who it is, by a secret or a key (RFC 6749 §2.1).
    pub fn is_confidential(&self) -> bool {
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
