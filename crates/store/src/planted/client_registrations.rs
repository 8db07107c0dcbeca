//! Nothing of registrations is broken: all of it is passed on.

use async_trait::async_trait;
use tokenhouse_rules::time::Timestamp;

use super::broken::Broken;
use crate::{
    ChangeRegistration, Client, ClientRegistrations, NewInvitation, RegisterClient,
    RegistrationKey, Result, Trail,
};

#[async_trait]
impl ClientRegistrations for Broken {
    async fn invite_clients(&self, invitation: NewInvitation) -> Result<()> {
        self.sound.invite_clients(invitation).await
    }

    async fn register_client(&self, registration: RegisterClient) -> Result<Option<Timestamp>> {
        self.sound.register_client(registration).await
    }

    async fn registered_client(&self, key: &RegistrationKey) -> Result<Option<Client>> {
        self.sound.registered_client(key).await
    }

    async fn change_registration(&self, change: ChangeRegistration) -> Result<bool> {
        self.sound.change_registration(change).await
    }

    async fn delete_registration(&self, key: &RegistrationKey, trail: Trail) -> Result<bool> {
        self.sound.delete_registration(key, trail).await
    }
}
