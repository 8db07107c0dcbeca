//! Applications that register themselves, on the word of an operator (RFC 7591, RFC 7592).

use async_trait::async_trait;
use tokenhouse_rules::time::Timestamp;

use crate::{
    ChangeRegistration, Client, NewInvitation, RegisterClient, RegistrationKey, Result, Trail,
};

/// Registrations, and what they are made by.
#[async_trait]
pub trait ClientRegistrations: Send + Sync + 'static {
    /// Makes what applications may register by.
    async fn invite_clients(&self, invitation: NewInvitation) -> Result<()>;

    /// Registers a client, and uses an invitation up by one: of those who try at once as many succeed as it is for.
    /// The database's time; `None`, and nothing is written, when it is worth nothing (any more).
    async fn register_client(&self, registration: RegisterClient) -> Result<Option<Timestamp>>;

    /// The client of a registration; `None` as well where an operator disabled it.
    async fn registered_client(&self, key: &RegistrationKey) -> Result<Option<Client>>;

    /// Changes the settings of a client on the word of its registration; `false` when somebody else was quicker,
    /// or it is not the client's own.
    async fn change_registration(&self, change: ChangeRegistration) -> Result<bool>;

    /// Deletes a client, with all that it was given, on the word of its registration.
    async fn delete_registration(&self, key: &RegistrationKey, trail: Trail) -> Result<bool>;
}
