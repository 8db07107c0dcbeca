//! The words of which settings are made.

use serde::{Deserialize, Serialize};

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
    /// Runs where there is no browser, or nothing to type with; keeps no secret.
    Device,
    /// Acts for itself, without a person.
    Machine,
    /// Knows nothing of sign-in; a proxy in front of it asks.
    Proxy,
}

impl Kind {
    /// All of them.
    pub const ALL: &[Self] =
        &[Self::Spa, Self::Server, Self::Native, Self::Device, Self::Machine, Self::Proxy];

    /// The stable name, as it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spa => "spa",
            Self::Server => "server",
            Self::Native => "native",
            Self::Device => "device",
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
    /// By what one of its keys signed (OpenID Connect Core §9).
    PrivateKeyJwt,
    /// By what it made with its secret, which is not shown itself (OpenID Connect Core §9).
    ClientSecretJwt,
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
    /// RFC 8693.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange", alias = "token_exchange")]
    TokenExchange,
    /// RFC 8628.
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code", alias = "device_code")]
    DeviceCode,
}

impl GrantType {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
        Self::TokenExchange,
        Self::DeviceCode,
    ];

    /// As `grant_type` says it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
            Self::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
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
