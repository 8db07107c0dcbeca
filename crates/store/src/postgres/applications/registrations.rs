//! Applications that register themselves.

use async_trait::async_trait;
use tokenhouse_rules::time::Timestamp;

use super::deleted_clients::deletion;
use super::rows::{self, client_columns, secrets_of};
use crate::postgres::Postgres;
use crate::postgres::parts::{self, noted};
use crate::postgres::rows::{instant, value};
use crate::{
    AT_ONCE, ChangeRegistration, Client, ClientRegistrations, NOBODY, NewInvitation,
    RegisterClient, RegistrationKey, Result, Trail,
};

const INVITE: &str = concat!(
    "WITH made AS (
        INSERT INTO client_invitations (id, secret_hash, uses, created_at, expires_at)
        VALUES ($1::uuid, $2::bytea, $3::bigint, now(), now() + $4::float8 * interval '1 second')
        ON CONFLICT (id) DO NOTHING RETURNING id),",
    noted!("$5", "$6::uuid", "NULL::uuid", "made"),
    " SELECT 1"
);

/// Who comes while another uses the invitation waits, and finds one use less. Used up it is over, and
/// housekeeping's.
const REGISTER: &str = concat!(
    "WITH used AS (
        UPDATE client_invitations
        SET uses = uses - 1, expires_at = CASE WHEN uses > 1 THEN expires_at ELSE now() END
        WHERE id = $1::uuid AND secret_hash = $2::bytea AND uses > 0 AND expires_at > now()
        RETURNING id),
     made AS (
        INSERT INTO clients (id, settings, created_at, updated_at)
        SELECT $3::text, $4::text, now(), now() FROM used RETURNING id),
     registered AS (
        INSERT INTO client_registrations (client_id, secret_hash, invitation_id)
        SELECT m.id, $5::bytea, $1::uuid FROM made m),
     secured AS (
        INSERT INTO client_secrets (id, client_id, hash, created_at, sealed)
        SELECT $6::uuid, m.id, $7::bytea, now(), $10::bytea FROM made m
        WHERE $6::uuid IS NOT NULL),",
    noted!("$8", "$9::uuid", "NULL::uuid", "made"),
    " SELECT now() FROM used"
);

/// The client `c` of a registration `r` that may be looked after.
macro_rules! its_own {
    () => {
        "r.client_id = c.id AND c.id = $1::text AND r.secret_hash = $2::bytea
            AND c.disabled_at IS NULL"
    };
}

const READ: &str = concat!(
    "SELECT ",
    client_columns!(),
    " FROM client_registrations r JOIN clients c ON c.id = r.client_id",
    secrets_of!(),
    " WHERE ",
    its_own!()
);

const CHANGE: &str = concat!(
    "WITH changed AS (
        UPDATE clients c SET settings = $4::text, version = c.version + 1, updated_at = now()
        FROM client_registrations r WHERE ",
    its_own!(),
    " AND c.version = $3::bigint RETURNING c.id),",
    noted!("$5", "$6::uuid", "NULL::uuid", "changed"),
    " SELECT EXISTS (SELECT 1 FROM changed)"
);

const DELETE: &str = deletion!(
    "SELECT c.id FROM clients c JOIN client_registrations r ON r.client_id = c.id
     WHERE c.id = $1::text AND r.secret_hash = $2::bytea AND c.disabled_at IS NULL",
    "$5",
    "$3",
    "$4::uuid"
);

#[async_trait]
impl ClientRegistrations for Postgres {
    async fn invite_clients(&self, invitation: NewInvitation) -> Result<()> {
        let hash: &[u8] = &invitation.secret_hash;
        self.db
            .tell_again(
                INVITE,
                &[
                    &invitation.id.uuid(),
                    &hash,
                    &i64::from(invitation.uses),
                    &invitation.lifetime.as_secs_f64(),
                    &parts::trail(&invitation.trail),
                    &NOBODY.uuid(),
                ],
            )
            .await
            .map(drop)
    }

    async fn register_client(&self, new: RegisterClient) -> Result<Option<Timestamp>> {
        let (invitation, registration): (&[u8], &[u8]) = (&new.invitation_hash, &new.secret_hash);
        let secret = new.secret.as_ref();
        let hash: Option<&[u8]> = secret.map(|secret| &secret.hash[..]);
        let found = self
            .db
            .tell(
                REGISTER,
                &[
                    &new.invitation.uuid(),
                    &invitation,
                    &new.client,
                    &new.settings,
                    &registration,
                    &secret.map(|secret| secret.id.uuid()),
                    &hash,
                    &parts::trail(&new.trail),
                    &NOBODY.uuid(),
                    &secret.and_then(|secret| secret.sealed.as_deref()),
                ],
            )
            .await?;
        found.first().map(|row| instant(row, 0)).transpose()
    }

    async fn registered_client(&self, key: &RegistrationKey) -> Result<Option<Client>> {
        let hash: &[u8] = &key.secret_hash;
        let found = self.db.ask(READ, &[&key.client, &hash]).await?;
        found.first().map(|row| rows::client(row, 0)).transpose()
    }

    async fn change_registration(&self, change: ChangeRegistration) -> Result<bool> {
        let hash: &[u8] = &change.key.secret_hash;
        let row = self
            .db
            .tell_one(
                CHANGE,
                &[
                    &change.key.client,
                    &hash,
                    &change.version,
                    &change.settings,
                    &parts::trail(&change.trail),
                    &NOBODY.uuid(),
                ],
            )
            .await?;
        value(&row, 0)
    }

    async fn delete_registration(&self, key: &RegistrationKey, trail: Trail) -> Result<bool> {
        let hash: &[u8] = &key.secret_hash;
        let (trail, at_once) = (parts::trail(&trail), i64::from(AT_ONCE));
        let row = self
            .db
            .tell_one(DELETE, &[&key.client, &hash, &trail, &NOBODY.uuid(), &at_once])
            .await?;
        value(&row, 0)
    }
}
