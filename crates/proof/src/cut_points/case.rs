//! One case: a request, cut at one message in one way, and what is demanded of the outcome.

use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use super::Selection;
use super::endpoint::{Endpoint, Who};
use super::facts::Facts;
use super::person::{NEW_PASSWORD, PASSWORD, Person, token};
use super::stage::{ANSWERED_WITHIN, Stage};
use serde_json::Value;

use crate::fault_proxy::{Direction, Fate, Passed, Reach, Trap, What};
use crate::http::{Answer, Failure};

/// What is done at the cut point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection is reset.
    Reset,
    /// The connection swallows everything; new ones work.
    BlackHole,
    /// All connections swallow everything, new ones too.
    Outage,
    /// The process is killed with SIGKILL.
    Kill,
}

impl Fault {
    const ALL: [Self; 4] = [Self::Reset, Self::BlackHole, Self::Outage, Self::Kill];
}

/// A case, by what it does.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// The endpoint.
    pub endpoint: &'static str,
    /// Messages of this direction are counted.
    pub direction: Direction,
    /// After so many of them.
    pub after: u64,
    /// The last one that passes; none for 0.
    pub message: Option<&'static str>,
    /// What happens then.
    pub fault: Fault,
}

impl fmt::Display for Case {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { endpoint, direction, after, message, fault } = self;
        let message = message.unwrap_or("nothing");
        write!(out, "{endpoint}, {fault:?} after {direction} message {after} ({message})")
    }
}

/// The messages of one request that nothing disturbs.
#[derive(Debug)]
pub(super) struct Points {
    pub(super) frontend: Vec<&'static str>,
    pub(super) backend: Vec<&'static str>,
}

impl Points {
    /// Records them, twice: were they not always the same, cases would not be where they say.
    pub(super) async fn of(stage: &Stage, endpoint: &Endpoint) -> Result<Self> {
        stage.make_ready(endpoint).await?;
        let (first, second) = (record(stage, endpoint).await?, record(stage, endpoint).await?);
        ensure!(first == second, "{}: {first:?}, then {second:?}", endpoint.name);
        let of = |direction| {
            let of = first.iter().filter(move |(way, _)| *way == direction);
            of.map(|(_, name)| *name).collect()
        };
        Ok(Self { frontend: of(Direction::Frontend), backend: of(Direction::Backend) })
    }

    /// The cases of an endpoint; `place` makes few of them differ between endpoints.
    pub(super) fn cases(
        &self,
        endpoint: &Endpoint,
        selection: Selection,
        place: usize,
    ) -> Vec<Case> {
        let frontend = (0..=self.frontend.len()).map(|after| (Direction::Frontend, after));
        let backend = (1..=self.backend.len()).map(|after| (Direction::Backend, after));
        let all: Vec<_> = frontend.chain(backend).collect();
        let mut cases = Vec::new();
        for (turn, fault) in Fault::ALL.into_iter().enumerate() {
            let other = (place * 5 + turn * 7) % all.len();
            for (index, (direction, after)) in all.iter().copied().enumerate() {
                let message = self.message(direction, after);
                let few = after == 0 || message == Some("Sync") || index == other;
                if selection == Selection::Every || few {
                    let (endpoint, after) = (endpoint.name, after as u64);
                    cases.push(Case { endpoint, direction, after, message, fault });
                }
            }
        }
        cases
    }

    fn message(&self, direction: Direction, after: usize) -> Option<&'static str> {
        let names = match direction {
            Direction::Frontend => &self.frontend,
            Direction::Backend => &self.backend,
        };
        names.get(after.checked_sub(1)?).copied()
    }
}

async fn record(stage: &Stage, endpoint: &Endpoint) -> Result<Vec<(Direction, &'static str)>> {
    let person = Person::make(endpoint.who, &stage.witness(), &stage.db).await?;
    let before = Facts::of(&person, &stage.db).await?;
    stage.control.record();
    let answer = (endpoint.ask)(&stage.subject(), &person).send().await;
    let mut passed: Vec<Passed> = stage.control.recorded();
    let answer = answer?;
    ensure!(answer.status == endpoint.done, "{}: {}", endpoint.name, answer.text());
    let after = Facts::of(&person, &stage.db).await?;
    let expected = before.after(endpoint.effect);
    ensure!(after == expected, "{}: {after:?} instead of {expected:?}", endpoint.name);
    // Which of two ways was first is chance; the order within each is not.
    passed.sort_by_key(|passed| passed.direction == Direction::Backend);
    Ok(passed.into_iter().map(|passed| (passed.direction, passed.kind.name())).collect())
}

/// Runs one case; how long the client waited.
pub(super) async fn run(stage: &mut Stage, endpoint: &Endpoint, case: Case) -> Result<Duration> {
    let person = Person::make(endpoint.who, &stage.witness(), &stage.db).await?;
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
    if let (true, Ok(answer)) = (acknowledged, &seen) {
        believe(stage, answer, &after).await.context("what was acknowledged")?;
    }
    tokens(stage, &person, &after).await?;
    repeat(stage, endpoint, &person, (after != before, after)).await.context("repeated")?;
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
        Ok(answer) if answer.status == endpoint.done => Ok(true),
        Ok(answer) if answer.status == 503 && answer.header("retry-after").is_some() => Ok(false),
        Ok(answer) => anyhow::bail!("answered {} {}", answer.status, answer.text()),
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
    Ok((stage.read(token).await?, witness.status))
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
    (mut happened, mut before): (bool, Facts),
) -> Result<()> {
    let mut rounds = 0..10;
    let after = loop {
        ensure!(rounds.next().is_some(), "it is refused again and again");
        let answer = (endpoint.ask)(&stage.subject(), person).send().await?;
        stage.quiet().await?;
        let after = Facts::of(person, &stage.db).await?;
        let done = before.after(endpoint.effect);
        if answer.status == 503 {
            // Refused once more, by timeouts that are short for this machine: as before, either is right.
            ensure!(after == before || after == done, "neither before nor after: {after:?}");
            stage.refused();
            (happened, before) = (happened || after != before, after);
            continue;
        }
        let right = if happened { endpoint.again } else { endpoint.done };
        ensure!(answer.status == right, "answered {} {}", answer.status, answer.text());
        let expected = if right == endpoint.done { done } else { before };
        ensure!(after == expected, "it is {after:?} instead of {expected:?}");
        break after;
    };
    let opens = |new| if after.users == 1 && after.new_password == new { 200 } else { 401 };
    for (password, right) in [(PASSWORD, opens(false)), (NEW_PASSWORD, opens(true))] {
        let status = person.login(&stage.witness(), password).await?;
        ensure!(status == right, "a login is answered {status} instead of {right}");
    }
    ensure!(endpoint.who != Who::Stranger || after.users == 1, "there is no account");
    Ok(())
}
