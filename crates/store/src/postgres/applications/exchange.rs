//! What is alive of tokens that are exchanged. One statement, whatever they are.

use async_trait::async_trait;
use tokenhouse_rules::session::Expiry;
use tokio_postgres::Row;
use uuid::Uuid;

use super::grants::is_good;
use super::rows::{
    self, AFTER_CLIENT, CLIENT, NOW, alive, client_columns, grants, owner_columns, secrets_of,
};
use crate::postgres::Postgres;
use crate::postgres::rows::{instant, optional_instant, value};
use crate::{Alive, Basis, Exchange, ExchangeFacts, ExchangeQuestion, Party, Result};

/// A token as the part `$name`, which has a row while it is alive: its session, with or without the secret, its
/// grant, or neither, and its clients.
macro_rules! party {
    ($name:literal, $session:literal, $secret:literal, $user:literal, $grant:literal,
     $revocation:literal, $clients:literal) => {
        concat!(
            $name,
            " AS MATERIALIZED (
                SELECT true AS lives, w.* FROM (
                    SELECT s.user_id, s.created_at AS since, s.expires_at, s.live_until
                    FROM sessions s JOIN users u ON u.id = s.user_id AND u.epoch = s.epoch
                    WHERE s.id = ",
            $session,
            "::uuid AND s.user_id = ",
            $user,
            "::uuid AND (",
            $secret,
            "::bytea IS NULL OR s.secret_hash = ",
            $secret,
            "::bytea) AND s.live_until > now() AND u.locked_at IS NULL
                    UNION ALL
                    SELECT g.user_id, NULL::timestamptz, g.expires_at, g.live_until
                    FROM ",
            grants!(),
            " WHERE g.id = ",
            $grant,
            "::uuid AND ",
            alive!(),
            "
                    UNION ALL
                    SELECT NULL::uuid, NULL::timestamptz, NULL::timestamptz, NULL::timestamptz
                    WHERE ",
            $session,
            "::uuid IS NULL AND ",
            $grant,
            "::uuid IS NULL AND cardinality(",
            $clients,
            "::text[]) > 0) w
                WHERE ",
            is_good!($revocation),
            " AND NOT EXISTS (
                SELECT 1 FROM unnest(",
            $clients,
            "::text[]) AS needed (id) WHERE NOT EXISTS (
                    SELECT 1 FROM clients k WHERE k.id = needed.id AND k.disabled_at IS NULL)))"
        )
    };
}

const FACTS: &str = concat!(
    "WITH ",
    party!("subject", "$2", "$3", "$4", "$5", "$6", "$7"),
    ", ",
    party!("actor", "$8", "$9", "$10", "$11", "$12", "$13"),
    " SELECT ",
    owner_columns!(),
    ", now(), ",
    client_columns!(),
    ", t.lives, t.since, t.expires_at, t.live_until, EXISTS (SELECT 1 FROM actor)
     FROM (SELECT 1) one LEFT JOIN clients c ON c.id = $1::text",
    secrets_of!(),
    " LEFT JOIN subject t ON true LEFT JOIN users u ON u.id = t.user_id"
);

/// A token as parameters of [`party`].
#[derive(Default)]
struct About<'a> {
    session: Option<Uuid>,
    secret: Option<&'a [u8]>,
    user: Option<Uuid>,
    grant: Option<Uuid>,
    revocation: Option<&'a [u8]>,
    clients: Vec<&'a str>,
}

impl<'a> From<Option<&'a Party>> for About<'a> {
    fn from(party: Option<&'a Party>) -> Self {
        let Some(party) = party else { return Self::default() };
        let known = Self {
            revocation: party.revocation.as_ref().map(|hash| &hash[..]),
            clients: party.clients.iter().map(String::as_str).collect(),
            ..Self::default()
        };
        match &party.basis {
            Basis::Session { id, user, secret_hash } => Self {
                session: Some(id.uuid()),
                user: Some(user.uuid()),
                secret: secret_hash.as_ref().map(|hash| &hash[..]),
                ..known
            },
            Basis::Grant(id) => Self { grant: Some(id.uuid()), ..known },
            Basis::Clients => known,
        }
    }
}

#[async_trait]
impl Exchange for Postgres {
    async fn exchange_facts(&self, question: ExchangeQuestion) -> Result<ExchangeFacts> {
        let [subject, actor] =
            [&question.subject, &question.actor].map(|party| About::from(party.as_ref()));
        let row = self
            .db
            .ask_one(
                FACTS,
                &[
                    &question.client,
                    &subject.session,
                    &subject.secret,
                    &subject.user,
                    &subject.grant,
                    &subject.revocation,
                    &subject.clients,
                    &actor.session,
                    &actor.secret,
                    &actor.user,
                    &actor.grant,
                    &actor.revocation,
                    &actor.clients,
                ],
            )
            .await?;
        let lives = value::<Option<bool>>(&row, AFTER_CLIENT)?.is_some();
        Ok(ExchangeFacts {
            now: instant(&row, NOW)?,
            client: rows::optional_client(&row, CLIENT)?,
            subject: if lives { Some(found(&row)?) } else { None },
            actor_lives: value(&row, AFTER_CLIENT + 4)?,
        })
    }
}

fn found(row: &Row) -> Result<Alive> {
    let is_person = value::<Option<Uuid>>(row, 0)?.is_some();
    let ends = optional_instant(row, AFTER_CLIENT + 2)?;
    let expiry = match (ends, optional_instant(row, AFTER_CLIENT + 3)?) {
        (Some(expires_at), Some(live_until)) => Some(Expiry { expires_at, live_until }),
        _ => None,
    };
    Ok(Alive {
        owner: if is_person { Some(rows::owner(row)?) } else { None },
        since: optional_instant(row, AFTER_CLIENT + 1)?,
        expiry,
    })
}
