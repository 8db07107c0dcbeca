//! The person a case is about: made anew for each, so that no case knows of another.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use uuid::Uuid;

use super::endpoint::Who;
use crate::http::Client;

pub(super) const PASSWORD: &str = "correct horse battery staple";
pub(super) const NEW_PASSWORD: &str = "another fine long phrase";

#[derive(Debug)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) id: Option<Uuid>,
    /// The hash of the password in the beginning.
    pub(super) hash: Option<String>,
    /// Of the session that asks.
    pub(super) token: String,
    pub(super) own: Uuid,
    pub(super) other: Uuid,
    pub(super) other_token: String,
}

impl Person {
    /// Makes a person by way of a server that suffers no faults.
    pub(super) async fn make(
        who: Who,
        server: &Client,
        db: &tokio_postgres::Client,
    ) -> Result<Self> {
        let mut person = Self {
            name: format!("cut-{}", Uuid::new_v4().simple()),
            id: None,
            hash: None,
            token: String::new(),
            own: Uuid::nil(),
            other: Uuid::nil(),
            other_token: String::new(),
        };
        if who == Who::Stranger {
            return Ok(person);
        }
        person.token = person.sign_in(server, "/register").await?;
        let row = db
            .query_one(
                "SELECT u.id, p.hash, s.id FROM users u JOIN passwords p ON p.user_id = u.id
                 JOIN sessions s ON s.user_id = u.id WHERE u.username = $1",
                &[&person.name],
            )
            .await?;
        (person.id, person.hash, person.own) = (row.get(0), row.get(1), row.get(2));
        person.other_token = person.sign_in(server, "/login").await?;
        let sql = "SELECT id FROM sessions WHERE user_id = $1 AND id <> $2";
        person.other = db.query_one(sql, &[&person.id, &person.own]).await?.get(0);
        if who == Who::Idle {
            let sql = "UPDATE sessions SET live_until = live_until - interval '3 days'
                       WHERE id = $1";
            db.execute(sql, &[&person.own]).await?;
        }
        Ok(person)
    }

    pub(super) fn credentials(&self) -> Value {
        json!({ "username": self.name, "password": PASSWORD })
    }

    /// Whether this password opens the account: the status of a login.
    pub(super) async fn login(&self, server: &Client, password: &str) -> Result<u16> {
        let credentials = json!({ "username": self.name, "password": password });
        Ok(server.post_json("/login", &credentials).send().await?.status)
    }

    async fn sign_in(&self, server: &Client, path: &str) -> Result<String> {
        let answer = server.post_json(path, &self.credentials()).send().await?;
        ensure!(matches!(answer.status, 200 | 201), "{path}: {} {}", answer.status, answer.text());
        token(&answer.json()?).context("an answer without a token")
    }
}

/// The token in an answer, if it is one to a login.
pub(super) fn token(answer: &Value) -> Option<String> {
    answer.get("token")?.as_str().map(str::to_owned)
}
