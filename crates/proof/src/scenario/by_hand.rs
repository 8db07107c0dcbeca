//! A few requests by hand, taken down as the generator does, for scenarios that need exactly these.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::checker::{Circumstances, check};
use crate::history::{
    Kind, Nanos, Outcome, PasswordNo, Recorder, Refusal, Run, Seen, SessionNo, Trouble, UserNo,
};
use crate::http::{Answer, Client, Failure};

use super::book::Book;
use super::drive::{Ran, Resolved};

/// Who writes down.
pub(super) struct Hand {
    recorder: Recorder,
    users: u32,
}

/// A user with a session.
#[derive(Clone, Debug)]
pub(super) struct Somebody {
    pub(super) user: UserNo,
    pub(super) session: SessionNo,
    pub(super) token: String,
    pub(super) name: String,
}

impl Hand {
    pub(super) fn new(seed: u64) -> Self {
        let random = uuid::Uuid::new_v4().simple().to_string();
        let run = Run { name: format!("proof-{}", &random[..12]), seed };
        Self { recorder: Recorder::new(run), users: 0 }
    }

    pub(super) async fn register(&mut self, at: &Client) -> Result<Somebody> {
        let user = UserNo(self.users);
        self.users += 1;
        let name = format!("{}-{}", self.recorder.run().name, user.0);
        let kind = Kind::Register { name: name.clone(), password: PasswordNo(1) };
        let started = self.recorder.start(kind, user, None, Nanos::now());
        let id = self.recorder.run().request_id(started.id());
        let body = json!({ "username": name, "password": "the right password" });
        let answer = at.post_json("/register", &body).header("x-request-id", &id).send().await;
        let ret = Nanos::now();
        let said: Value = answer.as_ref().map(Answer::json).ok().transpose()?.unwrap_or_default();
        let outcome = outcome(answer.as_ref(), Refusal::Token, said["user"]["id"].as_str());
        let done = self.recorder.end(started, ret, process(answer.as_ref()), outcome);
        let token = said["token"].as_str().context("a registration was refused")?.to_owned();
        Ok(Somebody { user, session: SessionNo(done.id), token, name })
    }

    /// Whether the token was accepted; none if nobody knows.
    pub(super) async fn read(&self, at: &Client, by: &Somebody) -> Option<bool> {
        let kind = Kind::Read { together: None };
        let started = self.recorder.start(kind, by.user, Some(by.session), Nanos::now());
        let answer = at.get("/data").bearer(&by.token).send().await;
        let ret = Nanos::now();
        let outcome = outcome(answer.as_ref(), Refusal::Token, None);
        let done = self.recorder.end(started, ret, process(answer.as_ref()), outcome);
        (!done.is_unknown()).then(|| done.is_ok())
    }

    /// Whether it was acknowledged.
    pub(super) async fn log_out(&self, at: &Client, by: &Somebody) -> bool {
        let started = self.recorder.start(Kind::Logout, by.user, Some(by.session), Nanos::now());
        let id = self.recorder.run().request_id(started.id());
        let request = at.post("/logout").bearer(&by.token).header("x-request-id", &id);
        let answer = request.send().await;
        let ret = Nanos::now();
        let outcome = outcome(answer.as_ref(), Refusal::Token, None);
        self.recorder.end(started, ret, process(answer.as_ref()), outcome).is_ok()
    }

    /// A login with a password that was never set.
    pub(super) async fn guess(&self, at: &Client, whom: &Somebody) -> Outcome {
        let kind = Kind::Login { password: PasswordNo(2) };
        let started = self.recorder.start(kind, whom.user, None, Nanos::now());
        let body = json!({ "username": whom.name, "password": "a wrong password" });
        let answer = at.post_json("/login", &body).send().await;
        let ret = Nanos::now();
        let outcome = outcome(answer.as_ref(), Refusal::Password, None);
        self.recorder.end(started, ret, process(answer.as_ref()), outcome).outcome
    }

    /// What the checker says of all that.
    pub(super) fn judged(&self, book: &Book, circumstances: &Circumstances) -> Ran {
        let history = self.recorder.history();
        let report = check(&history, circumstances);
        let (notes, users) = (book.read(), self.users);
        let warm = Nanos::default();
        Ran {
            history,
            report,
            notes,
            resolved: Resolved::default(),
            users,
            warm,
            must_lose: false,
            bounded: false,
        }
    }
}

fn process(answer: Result<&Answer, &Failure>) -> Option<String> {
    answer.ok().and_then(Answer::process).map(str::to_owned)
}

fn outcome(
    answer: Result<&Answer, &Failure>,
    unauthorised: Refusal,
    user: Option<&str>,
) -> Outcome {
    match answer {
        Ok(answer) => match answer.status {
            200..300 => Outcome::Ok(Seen { user: user.map(str::to_owned), ..Seen::default() }),
            401 => Outcome::Fail(unauthorised),
            429 => Outcome::Fail(Refusal::Limited),
            status @ 500.. => {
                let retry_after = answer.header("retry-after").is_some();
                Outcome::Unknown(Trouble::Status { status, retry_after })
            }
            status => Outcome::Fail(Refusal::Other { status, code: answer.text() }),
        },
        Err(Failure::Timeout(_)) => Outcome::Unknown(Trouble::Timeout),
        Err(other) => Outcome::Unknown(Trouble::Connection(other.to_string())),
    }
}
