//! What was acknowledged is asked for: tokens mean what the rows say, and what leads to tokens does.

use anyhow::{Context, Result, ensure};

use super::super::facts::Facts;
use super::super::person::Person;
use super::super::stage::Stage;
use super::{ask, text};
use crate::application::said;
use crate::http::Answer;

/// Tokens that a person's application was given are good, to the process and to the witness, if and only if their
/// grant lives.
pub(in crate::cut_points) async fn believe(
    stage: &Stage,
    person: &Person,
    answer: &Answer,
    facts: &Facts,
) -> Result<()> {
    let Some((refresh, access)) = said::tokens(answer) else { return Ok(()) };
    let right = facts.given.lives();
    for token in [refresh, access] {
        let here = stage.ask(|client| ask::introspect(client, person, &token)).await?;
        let there = ask::introspect(&stage.witness(), person, &token).send().await?;
        for answer in [here, there] {
            let active = answer.json()?["active"] == true;
            ensure!(active == right, "a token is {} instead of active: {right}", answer.text());
        }
    }
    Ok(())
}

/// At last what an acknowledged answer promises is taken, at the witness: a code is redeemed, a request that was sent
/// ahead is answered, an allowed device gets its tokens, a registration is read.
pub(in crate::cut_points) async fn bear(
    stage: &Stage,
    person: &Person,
    answer: &Answer,
) -> Result<()> {
    let server = &stage.witness();
    if let Some(code) = said::code(answer) {
        let redeemed = ask::redeem_code(server, person, code).send().await?;
        ensure!(redeemed.status == 200, "the code: {}", redeemed.text());
    }
    if answer.header("location").is_some_and(|to| to.ends_with("said=device-allowed")) {
        let polled = ask::poll(server, person).send().await?;
        ensure!(polled.status == 200, "the device: {}", polled.text());
    }
    if let Ok(uri) = text(answer, "request_uri") {
        let followed = ask::by_reference(server, person, &uri).send().await?;
        said::code(&followed).with_context(|| format!("no code, but {}", followed.text()))?;
    }
    if let Ok(device) = text(answer, "device_code") {
        let polled = ask::poll_for(server, person, &device).send().await?;
        let waits = polled.json()?["error"] == "authorization_pending";
        ensure!(waits, "the device: {}", polled.text());
    }
    if answer.status == 201 && answer.json().is_ok_and(|said| said["client_id"].is_string()) {
        let path = format!("/oauth2/register/{}", text(answer, "client_id")?);
        let own = text(answer, "registration_access_token")?;
        let read = server.get(&path).bearer(&own).send().await?;
        ensure!(read.status == 200, "the registration: {}", read.text());
    }
    Ok(())
}
