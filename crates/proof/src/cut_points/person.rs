//! The person a case is about: made anew for each, so that no case knows of another.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use uuid::Uuid;

use super::endpoint::Who;
use super::provider::{self, Application};
use super::stage::Stage;
use crate::application::HOST;
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
    /// The link that she was sent last.
    pub(super) link: String,
    /// What an application of hers holds.
    pub(super) application: Application,
}

/// The address of somebody of that name.
pub(super) fn address(name: &str) -> String {
    format!("{name}@example.org")
}

impl Person {
    /// Makes a person by way of a server that suffers no faults.
    pub(super) async fn make(who: Who, stage: &Stage) -> Result<Self> {
        let (server, db) = (&stage.witness(), &stage.db);
        let mut person = Self {
            name: format!("cut-{}", Uuid::new_v4().simple()),
            id: None,
            hash: None,
            token: String::new(),
            own: Uuid::nil(),
            other: Uuid::nil(),
            other_token: String::new(),
            link: String::new(),
            application: Application::default(),
        };
        if who == Who::Stranger {
            return Ok(person);
        }
        let mut new = person.credentials();
        if matches!(who, Who::Unconfirmed | Who::Confirmed | Who::Forgetful) {
            new["email"] = person.address().into();
        }
        person.token = sign_in(server, "/register", &new).await?;
        let row = db
            .query_one(
                "SELECT u.id, p.hash, s.id FROM users u JOIN passwords p ON p.user_id = u.id
                 JOIN sessions s ON s.user_id = u.id WHERE u.username = $1",
                &[&person.name],
            )
            .await?;
        (person.id, person.hash, person.own) = (row.get(0), row.get(1), row.get(2));
        person.other_token = sign_in(server, "/login", &person.credentials()).await?;
        let sql = "SELECT id FROM sessions WHERE user_id = $1 AND id <> $2";
        person.other = db.query_one(sql, &[&person.id, &person.own]).await?.get(0);
        person.mailed(who, server, db).await?;
        if who == Who::Idle {
            let sql = "UPDATE sessions SET live_until = live_until - interval '3 days'
                       WHERE id = $1";
            db.execute(sql, &[&person.own]).await?;
        }
        if let Who::Using(has) = who {
            provider::provide(&mut person, has, stage).await?;
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

    /// Her address, if she has one.
    pub(super) fn address(&self) -> String {
        address(&self.name)
    }

    /// Has her read her mail, as far as her case wants it.
    async fn mailed(
        &mut self,
        who: Who,
        server: &Client,
        db: &tokio_postgres::Client,
    ) -> Result<()> {
        if !matches!(who, Who::Unconfirmed | Who::Confirmed | Who::Forgetful) {
            return Ok(());
        }
        self.link = self.newest_link(server, db).await?;
        if who == Who::Unconfirmed {
            return Ok(());
        }
        done(server, "/confirm", &json!({ "token": self.link }), 200).await?;
        if who == Who::Forgetful {
            done(server, "/recover", &json!({ "login": self.name }), 202).await?;
            self.link = self.newest_link(server, db).await?;
        }
        Ok(())
    }

    /// The link in her newest mail, as the page of the outbox shows it.
    async fn newest_link(&self, server: &Client, db: &tokio_postgres::Client) -> Result<String> {
        let sql =
            "SELECT id FROM mails WHERE user_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1";
        let mail: Uuid = db.query_one(sql, &[&self.id]).await?.get(0);
        let page = server.get(&format!("/dev/outbox/{mail}")).header("accept", "text/html");
        let page = page.header("host", HOST).send().await?.text();
        let at = page.find("thl_").context("no link in the mail")?;
        let link = page.get(at..at + LINK).context("half a link in the mail")?;
        Ok(link.to_owned())
    }
}

/// The characters of a link's token.
const LINK: usize = 55;

async fn sign_in(server: &Client, path: &str, body: &Value) -> Result<String> {
    let answer = server.post_json(path, body).send().await?;
    ensure!(matches!(answer.status, 200 | 201), "{path}: {} {}", answer.status, answer.text());
    token(&answer.json()?).context("an answer without a token")
}

async fn done(server: &Client, path: &str, body: &Value, status: u16) -> Result<()> {
    let answer = server.post_json(path, body).send().await?;
    ensure!(answer.status == status, "{path}: {} {}", answer.status, answer.text());
    Ok(())
}

/// The token in an answer, if it is one to a login.
pub(super) fn token(answer: &Value) -> Option<String> {
    answer.get("token")?.as_str().map(str::to_owned)
}
