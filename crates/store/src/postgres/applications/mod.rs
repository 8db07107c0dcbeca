//! Applications on the PostgreSQL engine. What `postgres` says holds here: one method is one statement, and the
//! server's clock decides.

mod access;
mod asked;
mod clients;
mod codes;
mod connected;
mod deleted_clients;
mod device_codes;
mod exchange;
mod grants;
mod groups;
mod keys;
mod registrations;
pub(super) mod rows;

use std::time::Duration;

use async_trait::async_trait;
use tokenhouse_rules::id::{CodeId, GrantId, SecretId, UserId};
use tokenhouse_rules::time::Timestamp;

pub(super) use asked::Asked;

use super::Postgres;
use crate::{
    AccessFacts, Application, Applications, AuthorizeFacts, Client, CodeFacts, Done, Ended,
    GrantFacts, GrantKey, Group, Introspected, Introspection, NewCode, NewSecret, NewSigningKey,
    Redeem, Redeemed, Refresh, Refreshed, Result, SaveClient, Saved, SessionKey, SigningKey, Trail,
};

#[async_trait]
impl Applications for Postgres {
    async fn signing_keys(&self) -> Result<(Timestamp, Vec<SigningKey>)> {
        keys::list(&self.db).await
    }

    async fn add_signing_key(&self, key: NewSigningKey, trail: Option<Trail>) -> Result<bool> {
        keys::add(&self.db, &key, trail.as_ref()).await
    }

    async fn retire_signing_key(&self, id: &str, kept: Duration, trail: Trail) -> Result<bool> {
        keys::retire(&self.db, id, kept, &trail).await
    }

    async fn rewrap_signing_key(&self, id: &str, from: &[u8], to: &[u8]) -> Result<bool> {
        keys::rewrap(&self.db, id, from, to).await
    }

    async fn client(&self, id: &str) -> Result<Option<Client>> {
        clients::by_id(&self.db, id).await
    }

    async fn clients(&self, after: Option<&str>, limit: u32) -> Result<Vec<Client>> {
        clients::list(&self.db, after, limit).await
    }

    async fn save_client(&self, save: SaveClient) -> Result<Saved> {
        clients::save(&self.db, &save).await
    }

    async fn delete_client(&self, id: &str, trail: Trail) -> Result<bool> {
        deleted_clients::delete(&self.db, id, &trail).await
    }

    async fn clear_deleted_clients(&self) -> Result<u64> {
        deleted_clients::clear(&self.db).await
    }

    async fn add_client_secret(
        &self,
        id: &str,
        secret: NewSecret,
        overlap: Duration,
        trail: Trail,
    ) -> Result<bool> {
        clients::add_secret(&self.db, id, &secret, overlap, &trail).await
    }

    async fn delete_client_secret(&self, id: &str, secret: SecretId, trail: Trail) -> Result<bool> {
        clients::delete_secret(&self.db, id, secret, &trail).await
    }

    async fn authorize_facts(
        &self,
        client: &str,
        session: Option<&SessionKey>,
    ) -> Result<AuthorizeFacts> {
        access::authorize(&self.db, client, session).await
    }

    async fn issue_code(&self, code: NewCode) -> Result<bool> {
        codes::issue(&self.db, &code).await
    }

    async fn code_facts(&self, client: &str, code: CodeId) -> Result<CodeFacts> {
        codes::facts(&self.db, client, code).await
    }

    async fn redeem_code(&self, redeem: Redeem) -> Result<Redeemed> {
        codes::redeem(&self.db, &redeem).await
    }

    async fn refresh(&self, refresh: Refresh) -> Result<Refreshed> {
        grants::refresh(&self.db, &refresh).await
    }

    async fn grant(&self, key: &GrantKey) -> Result<Option<GrantFacts>> {
        Ok(self.asked.ask(asked::of_grant(*key)).await?.grant)
    }

    async fn introspect(&self, question: Introspection) -> Result<Introspected> {
        self.asked.ask(question).await
    }

    async fn revoke_grant(&self, client: &str, grant: GrantId, trail: Trail) -> Result<Done> {
        grants::revoke(&self.db, client, grant, &trail).await
    }

    async fn use_once(&self, key: &[u8; 32], until: Timestamp) -> Result<bool> {
        grants::use_once(&self.db, key, until).await
    }

    async fn applications(&self, session: &SessionKey) -> Result<Option<Vec<Application>>> {
        connected::list(&self.db, session).await
    }

    async fn disconnect(&self, session: &SessionKey, client: &str, trail: Trail) -> Result<Ended> {
        connected::disconnect(&self.db, session, client, &trail).await
    }

    async fn access_facts(&self, host: &str, session: Option<&SessionKey>) -> Result<AccessFacts> {
        access::of_host(&self.db, host, session).await
    }

    async fn groups(&self) -> Result<Vec<Group>> {
        groups::list(&self.db).await
    }

    async fn make_group(&self, group: Group, trail: Trail) -> Result<bool> {
        groups::make(&self.db, &group, &trail).await
    }

    async fn delete_group(&self, name: &str, trail: Trail) -> Result<bool> {
        groups::delete(&self.db, name, &trail).await
    }

    async fn set_membership(
        &self,
        group: &str,
        user: UserId,
        member: bool,
        trail: Trail,
    ) -> Result<Option<bool>> {
        groups::set_membership(&self.db, group, user, member, &trail).await
    }

    async fn groups_of(&self, user: UserId) -> Result<Vec<String>> {
        groups::of_user(&self.db, user).await
    }

    async fn claims_of(&self, user: UserId) -> Result<Option<String>> {
        groups::claims_of(&self.db, user).await
    }

    async fn members(
        &self,
        group: &str,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Option<Vec<UserId>>> {
        groups::members(&self.db, group, after, limit).await
    }

    async fn set_claims(&self, user: UserId, claims: &str, trail: Trail) -> Result<bool> {
        groups::set_claims(&self.db, user, claims, &trail).await
    }
}
