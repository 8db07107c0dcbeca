//! Applications of the bench, and what everybody let one of them do: clients through the store, grants as rows,
//! access tokens sealed here as the server seals them.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::{EventId, SecretId};
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_rules::oauth::access_token::{self, Claims};
use tokenhouse_rules::oauth::client::Settings;
use tokenhouse_rules::oauth::client_secret;
use tokenhouse_rules::oauth::jwk::Algorithm;
use tokenhouse_rules::oauth::refresh_token::{self, Sealer, Turn};
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{Location, NewSecret, PostgresOptions, SaveClient, Saved, Trail};
use uuid::Uuid;

use super::{Content, SECRET, person};
use crate::chance::Chance;

/// Where people reach every server that is asked for tokens; what the tokens of [`Granted`] name.
pub(crate) const ISSUER: &str = "http://localhost";
/// One of the house, which signs people in without a question.
pub(crate) const HOUSE: &str = "bench-house";
/// One that acts for itself, with opaque tokens.
pub(crate) const MACHINE: &str = "bench-machine";
/// The same with signed ones, and by what.
pub(crate) const SIGNED: [(&str, Algorithm); 3] = [
    ("bench-es256", Algorithm::ES256),
    ("bench-eddsa", Algorithm::EdDSA),
    ("bench-rs256", Algorithm::RS256),
];
/// A service that asks what tokens are worth.
pub(crate) const SERVICE: &str = "bench-service";
/// The secret of each.
pub(crate) const CLIENT_SECRET: &str = "thk_bench-secret-of-more-than-32-characters";
/// Where the house gets its answers.
pub(crate) const REDIRECT: &str = "https://house.example/cb";

const SCOPE: &str = "email openid profile";
const DAY: Duration = Duration::from_secs(86_400);

fn clients() -> Vec<(&'static str, Value)> {
    let house = json!({ "kind": "server", "consent": "skip", "redirect_uris": [REDIRECT],
        "scopes": SCOPE });
    let machine = |form: &str| {
        json!({ "kind": "machine", "grants": ["client_credentials"], "scopes": "read write",
                "access_token": form })
    };
    let signed = SIGNED.map(|(id, algorithm)| {
        let mut settings = machine("jwt");
        settings["id_token_algorithm"] = Value::from(algorithm.name());
        (id, settings)
    });
    let opaque = [(HOUSE, house), (MACHINE, machine("opaque")), (SERVICE, machine("opaque"))];
    let named = |(id, mut settings): (&'static str, Value)| {
        settings["name"] = Value::from(id);
        (id, settings)
    };
    opaque.into_iter().chain(signed).map(named).collect()
}

/// Registers the applications.
pub(crate) async fn register(url: &str) -> Result<()> {
    let store = Location::parse(url)?.open(PostgresOptions::default())?;
    for (number, (id, settings)) in (1..).zip(clients()) {
        let text = settings.to_string();
        let settings = Settings::stored(&text)?;
        ensure!(settings.check().is_ok(), "the settings of {id}");
        let saved = store.save_client(SaveClient {
            id: id.to_owned(),
            settings: text,
            hosts: Vec::new(),
            disabled: false,
            version: None,
            secret: Some(NewSecret {
                id: SecretId::from_uuid(Uuid::from_u128(number)),
                hash: client_secret::hash(CLIENT_SECRET),
                sealed: None,
            }),
            trail: Trail {
                id: EventId::from_uuid(Uuid::from_u128(number)),
                event: Event::ClientCreated,
                actor: Actor::Operator,
                address: None,
                request_id: None,
            },
        });
        ensure!(saved.await? == Saved::Done(1), "{id} was there before");
    }
    Ok(())
}

/// The grant of one person as a row holds it.
pub(super) struct GrantRow {
    pub(super) id: Uuid,
    pub(super) authorized: &'static str,
    pub(super) now: Timestamp,
    pub(super) live_until: Timestamp,
    pub(super) expires_at: Timestamp,
}

impl GrantRow {
    pub(super) fn of(number: u32, content: &Content) -> Self {
        Self {
            id: person::grant_id(number).uuid(),
            authorized: AUTHORIZED,
            now: content.now,
            live_until: content.now.plus(DAY * 30),
            expires_at: content.now.plus(DAY * 90),
        }
    }
}

/// As `rules::oauth::authorize::Authorized` is written; nothing of it needs an escape in `COPY`.
const AUTHORIZED: &str = r#"{"redirect_uri":"https://house.example/cb","scope":"email openid profile","nonce":null,"code_challenge":null,"resource":[],"auth_time":1767225600,"acr":"1","amr":["pwd"]}"#;

/// The access tokens of all people in a database.
pub(crate) struct Granted(Vec<String>);

impl Granted {
    /// Seals them. Nothing is stored by it.
    pub(crate) fn new(count: u32, content: &Content) -> Result<Self> {
        let root = RootSecret::parse(SECRET)?;
        let token = |number| {
            let nonce = Chance::seeded(u64::from(number)).bytes();
            Ok(access_token::seal(&claims(number, content)?, &root, nonce)?.to_string())
        };
        Ok(Self((0..count).map(token).collect::<Result<_>>()?))
    }

    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// The access token of the person with that number.
    pub(crate) fn access(&self, number: u32) -> &str {
        &self.0[number as usize]
    }
}

/// The refresh token of a grant that was never turned.
pub(crate) fn first_refresh_token(number: u32, root: &RootSecret) -> String {
    let turn = Turn { generation: 0, sealer: Sealer::first(root) };
    refresh_token::seal(person::grant_id(number), turn, None, root).to_string()
}

/// Read as the server reads them, so that a claim that is new and may be absent is absent.
fn claims(number: u32, content: &Content) -> Result<Claims> {
    let iat = content.now.seconds();
    let jti = Uuid::from_bytes(Chance::seeded(u64::from(number) << 1 | 1).bytes());
    let claims = json!({
        "iss": ISSUER, "aud": ISSUER, "sub": person::user_id(number).to_string(), "client_id": HOUSE,
        "iat": iat, "exp": iat + DAY.as_secs(), "jti": jti, "scope": SCOPE, "auth_time": iat,
        "acr": "1", "amr": ["pwd"], "gid": person::grant_id(number),
    });
    Ok(serde_json::from_value(claims)?)
}

#[cfg(test)]
mod tests {
    use tokenhouse_rules::oauth::authorize::Authorized;

    use super::*;

    #[test]
    fn what_was_authorized_reads_as_the_server_reads_it() {
        let authorized: Authorized = serde_json::from_str(AUTHORIZED).expect("as it is stored");
        assert_eq!(authorized.scope.to_string(), SCOPE);
        assert_eq!(authorized.redirect_uri, REDIRECT);
        assert!(!AUTHORIZED.contains(['\\', '\t', '\n']));
    }

    #[test]
    fn every_client_is_one_that_an_operator_could_have_made() {
        for (id, settings) in clients() {
            let settings = Settings::stored(&settings.to_string()).expect("settings");
            assert_eq!(settings.check(), Ok(()), "{id}");
        }
    }
}
