//! Applications that register themselves.

use std::time::Duration;

use tokenhouse_rules::id::InvitationId;

use super::{NewSecret, Trail};

/// What applications may register by.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// Identifier.
    pub id: InvitationId,
    /// SHA-256 of its random secret.
    pub secret_hash: [u8; 32],
    /// How many may.
    pub uses: u32,
    /// For how long, from the database's time on.
    pub lifetime: Duration,
    /// The audit row; its user is the nil identifier.
    pub trail: Trail,
}

/// A client to be registered, judged before.
#[derive(Clone, Debug)]
pub struct RegisterClient {
    /// The invitation it comes by.
    pub invitation: InvitationId,
    /// SHA-256 of the invitation's secret; must be the row's.
    pub invitation_hash: [u8; 32],
    /// `client_id`.
    pub client: String,
    /// A JSON object.
    pub settings: String,
    /// Its secret, if it has one.
    pub secret: Option<NewSecret>,
    /// SHA-256 of the secret in its registration access token.
    pub secret_hash: [u8; 32],
    /// The audit row; its user is the nil identifier.
    pub trail: Trail,
}

/// What a genuine registration access token proves.
#[derive(Clone, Debug)]
pub struct RegistrationKey {
    /// The client.
    pub client: String,
    /// SHA-256 of the token's random secret; must be the row's.
    pub secret_hash: [u8; 32],
}

/// A change of a registration, judged before.
#[derive(Clone, Debug)]
pub struct ChangeRegistration {
    /// Whose.
    pub key: RegistrationKey,
    /// The version of the client that is changed.
    pub version: i64,
    /// A JSON object.
    pub settings: String,
    /// The audit row; its user is the nil identifier.
    pub trail: Trail,
}
