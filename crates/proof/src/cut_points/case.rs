//! One case: a request, cut at one message in one way, and what is demanded of the outcome.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::endpoint::{Endpoint, Who};
use super::facts::Facts;
use super::person::{NEW_PASSWORD, PASSWORD, Person, token};
use super::points::{Case, Fault};
use super::provider;
use super::stage::{ANSWERED_WITHIN, Stage};
use crate::fault_proxy::{Fate, Reach, Trap, What};
use crate::http::{Answer, Failure};

/// Runs one case; how long the client waited.
pub(super) async fn run(stage: &mut Stage, endpoint: &Endpoint, case: Case) -> Result<Duration> {
    let person = Person::make(endpoint.who, stage).await?;
    let before = Facts::of(&person, &stage.db).await?;
    let marks = stage.control.marks();
    let from = marks.len();
    stage.control.arm(trap(stage, case)?);

    let asked = Instant::now();
    let seen = (endpoint.ask)(&stage.subject(), &person).send().await;
    let waited = asked.elapsed();
    let sprung = marks
        .wait_from(from, Duration::from_secs(5), |mark| matches!(mark.what, What::Sprung(..)))
        .await;
    stage.recover(case.fault == Fault::Kill && sprung.is_ok()).await?;
    sprung.map_err(|_| anyhow::anyhow!("the message did not come; the client saw {seen:?}"))?;

    let after = Facts::of(&person, &stage.db).await?;
    let acknowledged = acknowledged(endpoint, case.fault, &seen)?;
    ensure!(case.fault == Fault::Kill || waited <= ANSWERED_WITHIN, "answered after {waited:?}");
    let expected = before.after(endpoint.effect);
    if acknowledged {
        ensure!(after == expected, "acknowledged, but it is {after:?} instead of {expected:?}");
    } else {
        let whole = after == before || after == expected;
        ensure!(whole, "neither before nor after: {after:?}, from {before:?}");
    }
    stage.make_ready(endpoint).await.context("afterwards")?;
    let answer = seen.ok().filter(|_| acknowledged);
    if let Some(answer) = &answer {
        believe(stage, answer, &after).await.context("what was acknowledged")?;
        provider::believe(stage, &person, answer, &after).await.context("what was acknowledged")?;
    }
    tokens(stage, &person, &after).await?;
    let told = (answer.as_ref(), after != before);
    repeat(stage, endpoint, &person, told, after).await.context("repeated")?;
    if let Some(answer) = &answer {
        provider::bear(stage, &person, answer).await.context("what was promised")?;
    }
    Ok(waited)
}

fn trap(stage: &Stage, case: Case) -> Result<Trap> {
    let trap = Trap::after(case.direction, case.after);
    Ok(match case.fault {
        Fault::Reset => trap.fate(Fate::Reset, Reach::This),
        Fault::BlackHole => trap.fate(Fate::BlackHole, Reach::This),
        Fault::Outage => trap.fate(Fate::BlackHole, Reach::All),
        Fault::Kill => trap.hook(stage.killer()?).fate(Fate::Mute, Reach::This),
    })
}

/// Whether the client was told that it happened. Anything but that, 503 with `Retry-After`, or the
/// silence of a killed process is wrong.
fn acknowledged(endpoint: &Endpoint, fault: Fault, seen: &Result<Answer, Failure>) -> Result<bool> {
    match seen {
        Ok(answer) if endpoint.is_done(answer) => Ok(true),
        Ok(answer) if answer.status == 503 && answer.header("retry-after").is_some() => Ok(false),
        Ok(answer) => anyhow::bail!("answered {answer:?}"),
        Err(_) if fault == Fault::Kill => Ok(false),
        Err(failure) => Err(failure.clone()).context("a living process did not answer"),
    }
}

/// A token that was given works, and a document that was shown is the one that is stored.
async fn believe(stage: &Stage, answer: &Answer, facts: &Facts) -> Result<()> {
    let Ok(shown) = answer.json() else { return Ok(()) };
    if let Some(token) = token(&shown) {
        let seen = everywhere(stage, &token).await?;
        ensure!(seen == (200, 200), "the new token is answered {seen:?}");
    }
    if let (Some(data), Some((_, body))) = (shown.get("data"), &facts.document) {
        let stored: Value = serde_json::from_str(body)?;
        ensure!(*data == stored, "{data} was shown, {body} is stored");
    }
    Ok(())
}

/// What a token is answered by the process and by the witness.
async fn everywhere(stage: &Stage, token: &str) -> Result<(u16, u16)> {
    let witness = stage.witness().get("/data").bearer(token).send().await?;
    let here = stage.ask(|client| client.get("/data").bearer(token)).await?;
    Ok((here.status, witness.status))
}

/// Each token is accepted if and only if its session lives.
async fn tokens(stage: &Stage, person: &Person, facts: &Facts) -> Result<()> {
    if person.token.is_empty() {
        return Ok(());
    }
    let all = [("own", &person.token, facts.own), ("other", &person.other_token, facts.other)];
    for (name, token, lives) in all {
        let seen = everywhere(stage, token).await?;
        let right = if lives { 200 } else { 401 };
        ensure!(seen == (right, right), "the {name} token is answered {seen:?} instead of {right}");
    }
    Ok(())
}

/// The client tries again, and then the password that the rows tell of opens the account, and only it.
async fn repeat(
    stage: &Stage,
    endpoint: &Endpoint,
    person: &Person,
    (acknowledged, mut happened): (Option<&Answer>, bool),
    mut before: Facts,
) -> Result<()> {
    let mut rounds = 0..10;
    let (answer, after) = loop {
        ensure!(rounds.next().is_some(), "it is refused again and again");
        let answer = (endpoint.ask)(&stage.subject(), person).send().await?;
        stage.quiet().await?;
        let after = Facts::of(person, &stage.db).await?;
        let done = before.after(endpoint.changes(happened));
        if answer.status == 503 {
            // Refused once more, by timeouts that are short for this machine: as before, either is right.
            ensure!(after == before || after == done, "neither before nor after: {after:?}");
            stage.refused();
            (happened, before) = (happened || after != before, after);
            continue;
        }
        let right = if happened { endpoint.again } else { endpoint.done };
        let is_right =
            answer.status == right && (right != endpoint.done || endpoint.is_done(&answer));
        ensure!(is_right, "answered {answer:?}");
        ensure!(after == done, "it is {after:?} instead of {done:?}");
        break (answer, after);
    };
    let answers: Vec<_> = acknowledged.into_iter().chain([&answer]).collect();
    for answer in &answers {
        provider::believe(stage, person, answer, &after).await?;
    }
    same(stage, endpoint, person, &answers).await?;
    let opens = |new| if after.users == 1 && after.new_password == new { 200 } else { 401 };
    for (password, right) in [(PASSWORD, opens(false)), (NEW_PASSWORD, opens(true))] {
        let status = person.login(&stage.witness(), password).await?;
        ensure!(status == right, "a login is answered {status} instead of {right}");
    }
    ensure!(endpoint.who != Who::Stranger || after.users == 1, "there is no account");
    Ok(())
}

/// What has to be the same in every answer to one request is, whoever is asked.
async fn same(
    stage: &Stage,
    endpoint: &Endpoint,
    person: &Person,
    answers: &[&Answer],
) -> Result<()> {
    let Some(member) = endpoint.same else { return Ok(()) };
    let expected = (endpoint.ask)(&stage.witness(), person).send().await?.json()?;
    for answer in answers {
        let told = answer.json()?;
        ensure!(told[member] == expected[member], "{told}, then {expected}");
    }
    Ok(())
}
