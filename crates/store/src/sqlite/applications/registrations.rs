//! Applications that register themselves.

use async_trait::async_trait;
use rusqlite::{Connection, OptionalExtension, params};
use tokenhouse_rules::time::Timestamp;

use super::rows::{self, CLIENT};
use super::{clients, deleted_clients};
use crate::sqlite::rows::{blob, note};
use crate::sqlite::{Sqlite, clock};
use crate::{
    ChangeRegistration, Client, ClientRegistrations, NOBODY, NewInvitation, RegisterClient,
    RegistrationKey, Result, Trail,
};

#[async_trait]
impl ClientRegistrations for Sqlite {
    async fn invite_clients(&self, invitation: NewInvitation) -> Result<()> {
        self.write(move |c| invite(c, &invitation)).await
    }

    async fn register_client(&self, registration: RegisterClient) -> Result<Option<Timestamp>> {
        self.write(move |c| register(c, &registration)).await
    }

    async fn registered_client(&self, key: &RegistrationKey) -> Result<Option<Client>> {
        self.ask(|c| find(c, key))
    }

    async fn change_registration(&self, change: ChangeRegistration) -> Result<bool> {
        self.write(move |c| alter(c, &change)).await
    }

    async fn delete_registration(&self, key: &RegistrationKey, trail: Trail) -> Result<bool> {
        let key = key.clone();
        self.write(move |c| match find(c, &key)? {
            Some(client) => deleted_clients::delete(c, &client.id, &trail),
            None => Ok(false),
        })
        .await
    }
}

fn invite(c: &Connection, new: &NewInvitation) -> rusqlite::Result<()> {
    let now = clock();
    c.prepare_cached(
        "INSERT INTO client_invitations (id, secret_hash, uses, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        blob(new.id.uuid()),
        new.secret_hash,
        new.uses,
        now.micros(),
        now.plus(new.lifetime).micros(),
    ])?;
    note(c, NOBODY, None, &new.trail).map(drop)
}

/// Used up, an invitation is over, and housekeeping's.
fn register(c: &Connection, new: &RegisterClient) -> rusqlite::Result<Option<Timestamp>> {
    let now = clock();
    let used = c
        .prepare_cached(
            "UPDATE client_invitations
             SET uses = uses - 1, expires_at = iif(uses > 1, expires_at, ?3)
             WHERE id = ?1 AND secret_hash = ?2 AND uses > 0 AND expires_at > ?3",
        )?
        .execute(params![blob(new.invitation.uuid()), new.invitation_hash, now.micros()])?;
    if used == 0 {
        return Ok(None);
    }
    c.prepare_cached(
        "INSERT INTO clients (id, settings, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)",
    )?
    .execute(params![new.client, new.settings, now.micros()])?;
    c.prepare_cached(
        "INSERT INTO client_registrations (client_id, secret_hash, invitation_id)
         VALUES (?1, ?2, ?3)",
    )?
    .execute(params![new.client, new.secret_hash, blob(new.invitation.uuid())])?;
    if let Some(secret) = &new.secret {
        clients::insert_secret(c, &new.client, secret)?;
    }
    note(c, NOBODY, None, &new.trail)?;
    Ok(Some(now))
}

fn find(c: &Connection, key: &RegistrationKey) -> rusqlite::Result<Option<Client>> {
    c.prepare_cached(&format!(
        "SELECT {CLIENT} FROM client_registrations r JOIN clients c ON c.id = r.client_id
         WHERE r.client_id = ?1 AND r.secret_hash = ?2 AND c.disabled_at IS NULL"
    ))?
    .query_row(params![key.client, key.secret_hash], |row| rows::client(c, row, 0))
    .optional()
}

fn alter(c: &Connection, change: &ChangeRegistration) -> rusqlite::Result<bool> {
    let found = find(c, &change.key)?.filter(|client| client.version == change.version);
    let Some(client) = found else { return Ok(false) };
    c.prepare_cached(
        "UPDATE clients SET settings = ?2, version = version + 1, updated_at = ?3 WHERE id = ?1",
    )?
    .execute(params![client.id, change.settings, clock().micros()])?;
    note(c, NOBODY, None, &change.trail)?;
    Ok(true)
}
