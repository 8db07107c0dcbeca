//! The provider's endpoints: what an application and the person's browser hold when a case begins, made by way of the
//! witness with a client that has the person's name.

mod ask;
mod believe;
mod endpoint;
mod facts;
mod signed;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use uuid::Uuid;

pub(super) use believe::{bear, believe};
pub(super) use endpoint::ALL;
pub(super) use facts::Given;

use super::person::Person;
use super::stage::Stage;
use crate::application::{REDIRECT, said};
use crate::http::{Answer, Client, Request};

/// What there is when a case begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Has {
    /// An application of the house, which people are not asked for.
    Application,
    /// An application that she is to be asked for.
    Stranger,
    /// A code that nobody has redeemed.
    Code,
    /// Tokens.
    Grant,
    /// A device that shows a code.
    Device,
    /// The same, and she has allowed it.
    Allowed,
    /// A request that was sent ahead.
    Pushed,
    /// An application that registered itself.
    Registered,
    /// An application that has signed who it is.
    Assertion,
    /// The proof of a key.
    Proof,
}

/// What is held; empty where a case has none of it.
#[derive(Debug, Default)]
pub(super) struct Application {
    /// The secret of every form that her session is shown.
    csrf: String,
    code: String,
    access: String,
    refresh: String,
    /// The row of the device, what it shows, and what it asks with.
    device: String,
    user_code: String,
    device_code: String,
    request_uri: String,
    /// What applications may register themselves by.
    invitation: String,
    /// The client that did, and what it looks after itself by.
    registered: String,
    registration: String,
    /// An assertion or a proof.
    signed: String,
    /// What is noted of that, or of the access token that is revoked: SHA-256.
    noted: Vec<u8>,
}

const SECRET: &str = "the secret of the application";

/// Makes what her case begins with.
pub(super) async fn provide(person: &mut Person, has: Has, stage: &Stage) -> Result<()> {
    let server = &stage.witness();
    stage.invitation().clone_into(&mut person.application.invitation);
    insert_client(person, has, stage).await?;
    match has {
        Has::Application => {}
        Has::Stranger => person.application.csrf = csrf(server, person).await?,
        Has::Code => take_code(server, person).await?,
        Has::Grant => {
            person.application.csrf = csrf(server, person).await?;
            take_code(server, person).await?;
            take_tokens(&good(ask::redeem(server, person), 200).await?, person)?;
        }
        Has::Device => take_device(stage, person).await?,
        Has::Allowed => {
            take_device(stage, person).await?;
            good(ask::decide(server, person), 303).await?;
        }
        Has::Pushed => {
            let answer = good(ask::push(server, person), 201).await?;
            person.application.request_uri = text(&answer, "request_uri")?;
        }
        Has::Registered => {
            let answer = good(ask::register(server, person), 201).await?;
            person.application.registered = text(&answer, "client_id")?;
            person.application.registration = text(&answer, "registration_access_token")?;
        }
        Has::Assertion => {
            signed::assertion(&person.name, now(stage).await?)?.hand(&mut person.application);
        }
        Has::Proof => {
            signed::proof("", now(stage).await?)?.hand(&mut person.application);
            let answer = good(ask::prove(server, person), 400).await?;
            let nonce = answer.header("dpop-nonce").context("no nonce")?.to_owned();
            signed::proof(&nonce, now(stage).await?)?.hand(&mut person.application);
        }
    }
    Ok(())
}

/// The client: a row, as an operator's command makes it.
async fn insert_client(person: &Person, has: Has, stage: &Stage) -> Result<()> {
    let mut settings = json!({
        "name": person.name, "kind": "server", "redirect_uris": [REDIRECT],
        "post_logout_redirect_uris": [ask::AFTERWARDS], "scopes": "openid profile",
        "backchannel_logout_uri": "https://app.example/logout", "access_token": "jwt",
        "grants": ["authorization_code", "refresh_token", "client_credentials", "device_code"],
        "authentication": "basic", "consent": "skip",
    });
    if has == Has::Stranger {
        settings["consent"] = json!("ask");
    }
    if has == Has::Assertion {
        settings["authentication"] = json!("private_key_jwt");
        settings["jwks"] = json!({ "keys": [signed::public_key()] });
    }
    let sql = "WITH client AS (
            INSERT INTO clients (id, settings, created_at, updated_at)
            VALUES ($1, $2, now(), now()) RETURNING id)
        INSERT INTO client_secrets (id, client_id, hash, created_at)
        SELECT $3, id, sha256($4), now() FROM client";
    let secret: &[u8] = SECRET.as_bytes();
    let settings = settings.to_string();
    stage.db.execute(sql, &[&person.name, &settings, &Uuid::new_v4(), &secret]).await?;
    Ok(())
}

async fn take_code(server: &Client, person: &mut Person) -> Result<()> {
    let answer = good(ask::authorize(server, person), 303).await?;
    person.application.code = said::code(&answer).context("no code")?.to_owned();
    Ok(())
}

/// The tokens, and what is noted when the access token is revoked.
fn take_tokens(answer: &Answer, person: &mut Person) -> Result<()> {
    let (refresh, access) = said::tokens(answer).context("no tokens")?;
    person.application.noted = signed::noted_of_access(&access)?;
    (person.application.refresh, person.application.access) = (refresh, access);
    Ok(())
}

async fn take_device(stage: &Stage, person: &mut Person) -> Result<()> {
    let server = &stage.witness();
    person.application.csrf = csrf(server, person).await?;
    let answer = good(ask::device(server, person), 200).await?;
    person.application.device_code = text(&answer, "device_code")?;
    person.application.user_code = text(&answer, "user_code")?;
    let sql = "SELECT id FROM device_codes WHERE client_id = $1";
    let id: Uuid = stage.db.query_one(sql, &[&person.name]).await?.get(0);
    person.application.device = id.to_string();
    Ok(())
}

/// Any page of her session that has a form shows it.
async fn csrf(server: &Client, person: &Person) -> Result<String> {
    let page = good(ask::page(server.get("/device"), person), 200).await?.text();
    let (_, rest) = page.split_once("name=\"csrf\" value=\"").context("no form")?;
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}

async fn now(stage: &Stage) -> Result<i64> {
    let sql = "SELECT extract(epoch FROM now())::bigint";
    Ok(stage.db.query_one(sql, &[]).await?.get(0))
}

async fn good(request: Request<'_>, status: u16) -> Result<Answer> {
    let answer = request.send().await?;
    ensure!(answer.status == status, "to begin with: {} {}", answer.status, answer.text());
    Ok(answer)
}

fn text(answer: &Answer, name: &str) -> Result<String> {
    let said: Value = answer.json()?;
    Ok(said[name].as_str().with_context(|| format!("no {name}"))?.to_owned())
}
