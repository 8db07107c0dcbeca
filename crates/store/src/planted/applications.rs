//! Bugs of applications: keys that sign too soon or are one too many, and codes and refresh tokens whose state is
//! believed to be what it was. What is not bugged is passed on.

use std::time::Duration;

use async_trait::async_trait;
use tokenhouse_rules::id::{CodeId, GrantId, SecretId, UserId};
use tokenhouse_rules::time::Timestamp;

use super::broken::Broken;
use super::{argument, is};
use crate::{
    AccessFacts, Application, Applications, AuthorizeFacts, Client, CodeFacts, Done, Ended,
    GrantFacts, GrantKey, Group, Introspected, Introspection, NewCode, NewSecret, NewSigningKey,
    Redeem, Redeemed, Refresh, Refreshed, Result, SaveClient, Saved, SessionKey, SigningKey, Trail,
};

/// How late a key comes that should not.
const LATE: Duration = Duration::from_millis(150);

#[async_trait]
impl Applications for Broken {
    async fn signing_keys(&self) -> Result<(Timestamp, Vec<SigningKey>)> {
        self.sound.signing_keys().await
    }

    async fn add_signing_key(&self, mut key: NewSigningKey, trail: Option<Trail>) -> Result<bool> {
        if is("key_unannounced") {
            key.activate = Duration::ZERO;
        }
        let added = self.sound.add_signing_key(key.clone(), trail.clone()).await?;
        if added || !is("select_then_insert") {
            return Ok(added);
        }
        // As if nothing but the question before stood against a second one, which nobody sees who has asked by now.
        tokio::time::sleep(LATE).await;
        key.number += 1;
        self.sound.add_signing_key(key, trail).await
    }

    async fn retire_signing_key(&self, id: &str, kept: Duration, trail: Trail) -> Result<bool> {
        self.sound.retire_signing_key(id, kept, trail).await
    }

    async fn rewrap_signing_key(&self, id: &str, from: &[u8], to: &[u8]) -> Result<bool> {
        self.sound.rewrap_signing_key(id, from, to).await
    }

    async fn client(&self, id: &str) -> Result<Option<Client>> {
        self.sound.client(id).await
    }

    async fn clients(&self, after: Option<&str>, limit: u32) -> Result<Vec<Client>> {
        self.sound.clients(after, limit).await
    }

    async fn save_client(&self, save: SaveClient) -> Result<Saved> {
        self.sound.save_client(save).await
    }

    async fn delete_client(&self, id: &str, trail: Trail) -> Result<bool> {
        self.sound.delete_client(id, trail).await
    }

    async fn clear_deleted_clients(&self) -> Result<u64> {
        self.sound.clear_deleted_clients().await
    }

    async fn add_client_secret(
        &self,
        id: &str,
        secret: NewSecret,
        overlap: Duration,
        trail: Trail,
    ) -> Result<bool> {
        self.sound.add_client_secret(id, secret, overlap, trail).await
    }

    async fn delete_client_secret(&self, id: &str, secret: SecretId, trail: Trail) -> Result<bool> {
        self.sound.delete_client_secret(id, secret, trail).await
    }

    async fn authorize_facts(
        &self,
        client: &str,
        session: Option<&SessionKey>,
    ) -> Result<AuthorizeFacts> {
        self.sound.authorize_facts(client, session).await
    }

    async fn issue_code(&self, code: NewCode) -> Result<bool> {
        self.sound.issue_code(code).await
    }

    async fn code_facts(&self, client: &str, code: CodeId) -> Result<CodeFacts> {
        self.sound.code_facts(client, code).await
    }

    async fn redeem_code(&self, redeem: Redeem) -> Result<Redeemed> {
        Ok(match self.sound.redeem_code(redeem).await? {
            Redeemed::Replayed if is("code_read_then_used") => Redeemed::Done,
            redeemed => redeemed,
        })
    }

    async fn refresh(&self, refresh: Refresh) -> Result<Refreshed> {
        let mut refreshed = self.sound.refresh(refresh).await?;
        if let Refreshed::Done { generation, .. } = &mut refreshed {
            *generation +=
                argument("turned_in_memory").and_then(|own| own.parse().ok()).unwrap_or(0);
        }
        Ok(refreshed)
    }

    async fn grant(&self, key: &GrantKey) -> Result<Option<GrantFacts>> {
        self.sound.grant(key).await
    }

    async fn introspect(&self, question: Introspection) -> Result<Introspected> {
        self.sound.introspect(question).await
    }

    async fn revoke_grant(&self, client: &str, grant: GrantId, trail: Trail) -> Result<Done> {
        self.sound.revoke_grant(client, grant, trail).await
    }

    async fn use_once(&self, key: &[u8; 32], until: Timestamp) -> Result<bool> {
        self.sound.use_once(key, until).await
    }

    async fn applications(&self, session: &SessionKey) -> Result<Option<Vec<Application>>> {
        self.sound.applications(session).await
    }

    async fn disconnect(&self, session: &SessionKey, client: &str, trail: Trail) -> Result<Ended> {
        self.sound.disconnect(session, client, trail).await
    }

    async fn access_facts(&self, host: &str, session: Option<&SessionKey>) -> Result<AccessFacts> {
        self.sound.access_facts(host, session).await
    }

    async fn groups(&self) -> Result<Vec<Group>> {
        self.sound.groups().await
    }

    async fn make_group(&self, group: Group, trail: Trail) -> Result<bool> {
        self.sound.make_group(group, trail).await
    }

    async fn delete_group(&self, name: &str, trail: Trail) -> Result<bool> {
        self.sound.delete_group(name, trail).await
    }

    async fn set_membership(
        &self,
        group: &str,
        user: UserId,
        member: bool,
        trail: Trail,
    ) -> Result<Option<bool>> {
        self.sound.set_membership(group, user, member, trail).await
    }

    async fn groups_of(&self, user: UserId) -> Result<Vec<String>> {
        self.sound.groups_of(user).await
    }

    async fn claims_of(&self, user: UserId) -> Result<Option<String>> {
        self.sound.claims_of(user).await
    }

    async fn members(
        &self,
        group: &str,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Option<Vec<UserId>>> {
        self.sound.members(group, after, limit).await
    }

    async fn set_claims(&self, user: UserId, claims: &str, trail: Trail) -> Result<bool> {
        self.sound.set_claims(user, claims, trail).await
    }
}
