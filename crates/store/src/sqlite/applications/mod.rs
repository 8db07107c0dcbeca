//! Applications in the embedded engine: what they are, and what they were given.
//!
//! Reads of several statements see one state of the file; writes are alone with it ([`super::writer`]).

mod access;
mod clients;
mod codes;
mod deleted_clients;
mod device_codes;
mod exchange;
mod grants;
pub(super) mod groups;
mod keys;
mod registrations;
pub(super) mod rows;

use std::time::Duration;

use async_trait::async_trait;
use rusqlite::Connection;
use tokenhouse_rules::id::{CodeId, GrantId, SecretId, UserId};
use tokenhouse_rules::time::Timestamp;

use super::Sqlite;
use crate::{
    AccessFacts, Application, Applications, AuthorizeFacts, Client, CodeFacts, Done, Ended,
    GrantFacts, GrantKey, Group, Introspected, Introspection, NewCode, NewSecret, NewSigningKey,
    Redeem, Redeemed, Refresh, Refreshed, Result, SaveClient, Saved, SessionKey, SigningKey, Trail,
};

impl Sqlite {
    /// Asks what takes several statements, all of them of one state of the file.
    fn ask<T>(&self, question: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        self.read(|c| {
            let transaction = c.unchecked_transaction()?;
            question(&transaction)
        })
    }
}

#[async_trait]
impl Applications for Sqlite {
    async fn signing_keys(&self) -> Result<(Timestamp, Vec<SigningKey>)> {
        self.read(keys::all)
    }

    async fn add_signing_key(&self, key: NewSigningKey, trail: Option<Trail>) -> Result<bool> {
        self.write(move |c| keys::add(c, &key, trail.as_ref())).await
    }

    async fn retire_signing_key(&self, id: &str, kept: Duration, trail: Trail) -> Result<bool> {
        let id = id.to_owned();
        self.write(move |c| keys::retire(c, &id, kept, &trail)).await
    }

    async fn rewrap_signing_key(&self, id: &str, from: &[u8], to: &[u8]) -> Result<bool> {
        let (id, from, to) = (id.to_owned(), from.to_vec(), to.to_vec());
        self.write(move |c| keys::rewrap(c, &id, &from, &to)).await
    }

    async fn client(&self, id: &str) -> Result<Option<Client>> {
        self.ask(|c| clients::find(c, id))
    }

    async fn clients(&self, after: Option<&str>, limit: u32) -> Result<Vec<Client>> {
        self.ask(|c| clients::list(c, after, limit))
    }

    async fn save_client(&self, save: SaveClient) -> Result<Saved> {
        self.write(move |c| clients::save(c, &save)).await
    }

    async fn delete_client(&self, id: &str, trail: Trail) -> Result<bool> {
        let id = id.to_owned();
        self.write(move |c| deleted_clients::delete(c, &id, &trail)).await
    }

    async fn clear_deleted_clients(&self) -> Result<u64> {
        self.write(deleted_clients::clear).await
    }

    async fn add_client_secret(
        &self,
        id: &str,
        secret: NewSecret,
        overlap: Duration,
        trail: Trail,
    ) -> Result<bool> {
        let id = id.to_owned();
        self.write(move |c| clients::add_secret(c, &id, &secret, overlap, &trail)).await
    }

    async fn delete_client_secret(&self, id: &str, secret: SecretId, trail: Trail) -> Result<bool> {
        let id = id.to_owned();
        self.write(move |c| clients::delete_secret(c, &id, secret, &trail)).await
    }

    async fn authorize_facts(
        &self,
        client: &str,
        session: Option<&SessionKey>,
    ) -> Result<AuthorizeFacts> {
        self.ask(|c| access::authorize(c, client, session))
    }

    async fn issue_code(&self, code: NewCode) -> Result<bool> {
        self.write(move |c| codes::issue(c, &code)).await
    }

    async fn code_facts(&self, client: &str, code: CodeId) -> Result<CodeFacts> {
        self.ask(|c| codes::facts(c, client, code))
    }

    async fn redeem_code(&self, redeem: Redeem) -> Result<Redeemed> {
        self.write(move |c| codes::redeem(c, &redeem)).await
    }

    async fn refresh(&self, refresh: Refresh) -> Result<Refreshed> {
        self.write(move |c| grants::refresh(c, &refresh)).await
    }

    async fn grant(&self, key: &GrantKey) -> Result<Option<GrantFacts>> {
        self.ask(|c| grants::by_token(c, key))
    }

    async fn introspect(&self, question: Introspection) -> Result<Introspected> {
        self.ask(|c| grants::introspect(c, &question))
    }

    async fn revoke_grant(&self, client: &str, grant: GrantId, trail: Trail) -> Result<Done> {
        let client = client.to_owned();
        self.write(move |c| grants::revoke(c, &client, grant, &trail)).await
    }

    async fn use_once(&self, key: &[u8; 32], until: Timestamp) -> Result<bool> {
        let key = *key;
        self.write(move |c| grants::use_once(c, &key, until)).await
    }

    async fn applications(&self, session: &SessionKey) -> Result<Option<Vec<Application>>> {
        self.ask(|c| access::applications(c, session))
    }

    async fn disconnect(&self, session: &SessionKey, client: &str, trail: Trail) -> Result<Ended> {
        let (session, client) = (*session, client.to_owned());
        self.write(move |c| access::disconnect(c, &session, &client, &trail)).await
    }

    async fn access_facts(&self, host: &str, session: Option<&SessionKey>) -> Result<AccessFacts> {
        self.ask(|c| access::access(c, host, session))
    }

    async fn groups(&self) -> Result<Vec<Group>> {
        self.read(groups::all)
    }

    async fn make_group(&self, group: Group, trail: Trail) -> Result<bool> {
        self.write(move |c| groups::make(c, &group, &trail)).await
    }

    async fn delete_group(&self, name: &str, trail: Trail) -> Result<bool> {
        let name = name.to_owned();
        self.write(move |c| groups::delete(c, &name, &trail)).await
    }

    async fn set_membership(
        &self,
        group: &str,
        user: UserId,
        member: bool,
        trail: Trail,
    ) -> Result<Option<bool>> {
        let group = group.to_owned();
        self.write(move |c| groups::set_membership(c, &group, user, member, &trail)).await
    }

    async fn groups_of(&self, user: UserId) -> Result<Vec<String>> {
        self.ask(|c| groups::of_user(c, user))
    }

    async fn claims_of(&self, user: UserId) -> Result<Option<String>> {
        self.read(|c| groups::claims_of(c, user))
    }

    async fn members(
        &self,
        group: &str,
        after: Option<UserId>,
        limit: u32,
    ) -> Result<Option<Vec<UserId>>> {
        self.ask(|c| groups::members(c, group, after, limit))
    }

    async fn set_claims(&self, user: UserId, claims: &str, trail: Trail) -> Result<bool> {
        let claims = claims.to_owned();
        self.write(move |c| groups::set_claims(c, user, &claims, &trail)).await
    }
}
