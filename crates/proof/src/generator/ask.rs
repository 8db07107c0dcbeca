//! Sends one operation and says what became of it.
//!
//! The document that is written is made of the run and of one number, and is long enough that half of it
//! would show; whoever reads it can tell whether it is whole.

use serde_json::Value;

use super::Shared;
use crate::history::{
    Document, Kind, Nanos, Operation, Outcome, Recorder, Refusal, Run, Seen, SessionNo, Trouble,
    UserNo,
};
use crate::http::{Answer, Client, Failure, Request};

/// Who asks for what, and when it was to be asked.
pub(super) struct Question {
    pub(super) kind: Kind,
    pub(super) user: UserNo,
    pub(super) session: Option<SessionNo>,
    pub(super) intended: Nanos,
}

/// The document that a write of `value` sends.
pub(super) fn document(run: &Run, value: u64) -> Value {
    let echo = format!("{value:016x}").repeat(32);
    serde_json::json!({ "run": run.name, "value": value, "echo": echo })
}

impl Shared {
    /// Sends it, once, records it, and gives the answer along if there was a whole one.
    pub(super) async fn ask<'a>(
        &'a self,
        question: Question,
        client: &'a Client,
        request: impl FnOnce(&'a Client) -> Request<'a>,
    ) -> (Operation, Option<Answer>) {
        self.ask_beside(&self.recorder, question, client, request).await
    }

    /// The same, taken down by another recorder.
    pub(super) async fn ask_beside<'a>(
        &self,
        recorder: &Recorder,
        question: Question,
        client: &'a Client,
        request: impl FnOnce(&'a Client) -> Request<'a>,
    ) -> (Operation, Option<Answer>) {
        let Question { kind, user, session, intended } = question;
        let request = request(client).deadline(self.plan.deadline);
        let request = match &self.plan.host {
            Some(host) => request.header("host", host),
            None => request,
        };
        let started = recorder.start(kind.clone(), user, session, intended);
        let id = recorder.run().request_id(started.id());
        let answer = request.header("x-request-id", &id).send().await;
        let ret = Nanos::now();
        let process = answer.as_ref().ok().and_then(Answer::process).map(str::to_owned);
        let outcome = match &answer {
            Ok(answer) => judge(recorder.run(), &kind, answer),
            Err(Failure::Timeout(_)) => Outcome::Unknown(Trouble::Timeout),
            Err(other) => Outcome::Unknown(Trouble::Connection(other.to_string())),
        };
        (recorder.end(started, ret, process, outcome), answer.ok())
    }
}

fn judge(run: &Run, kind: &Kind, answer: &Answer) -> Outcome {
    match answer.status {
        200..300 => match seen(run, kind, answer) {
            Ok(seen) => Outcome::Ok(seen),
            Err(lacks) => Outcome::Unknown(Trouble::Nonsense(lacks)),
        },
        status @ 500.. => {
            let retry_after = answer.header("retry-after").is_some();
            Outcome::Unknown(Trouble::Status { status, retry_after })
        }
        status => Outcome::Fail(refusal(status, answer)),
    }
}

fn refusal(status: u16, answer: &Answer) -> Refusal {
    let body = answer.json().unwrap_or_default();
    let code = body["code"].as_str().unwrap_or_default();
    match (status, code) {
        (401, "invalid_token") => Refusal::Token,
        (401, "invalid_credentials") | (403, "wrong_password") => Refusal::Password,
        (403, "account_locked") => Refusal::Locked,
        (412, _) => Refusal::Stale,
        (404, "session_not_found") => Refusal::NoSuchSession,
        (429, _) => Refusal::Limited,
        (status, code) => Refusal::Other { status, code: code.to_owned() },
    }
}

/// What a good answer holds, or what it lacks.
fn seen(run: &Run, kind: &Kind, answer: &Answer) -> Result<Seen, String> {
    let body = || answer.json().map_err(|error| format!("{error:#}"));
    match kind {
        Kind::Register { .. } | Kind::Login { .. } => {
            let body = body()?;
            body["token"].as_str().ok_or("no token")?;
            Ok(Seen { user: Some(user(&body)?), ..Seen::default() })
        }
        Kind::Read { .. } | Kind::Write { .. } | Kind::Forged(_) => {
            let body = body()?;
            Ok(Seen {
                user: Some(user(&body)?),
                version: Some(version(answer).ok_or("no version in the entity tag")?),
                document: Some(recognised(run, &body["data"])),
                ..Seen::default()
            })
        }
        _ => Ok(Seen::default()),
    }
}

fn user(body: &Value) -> Result<String, String> {
    body["user"]["id"].as_str().map(str::to_owned).ok_or_else(|| "no user".to_owned())
}

/// The first number of an entity tag such as `"3.1"` counts the writes of the document.
pub(super) fn version(answer: &Answer) -> Option<u64> {
    let tag = answer.header("etag")?.strip_prefix('"')?.strip_suffix('"')?;
    tag.split_once('.')?.0.parse().ok()
}

fn recognised(run: &Run, data: &Value) -> Document {
    if data.as_object().is_some_and(serde_json::Map::is_empty) {
        return Document::Empty;
    }
    match data["value"].as_u64() {
        Some(value) if *data == document(run, value) => Document::Whole(value),
        _ => Document::Torn(data.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn run() -> Run {
        Run { name: "r".to_owned(), seed: 0 }
    }

    #[test]
    fn a_document_is_recognised_only_when_it_is_whole() {
        let whole = document(&run(), 7);
        assert_eq!(recognised(&run(), &whole), Document::Whole(7));
        assert_eq!(recognised(&run(), &json!({})), Document::Empty);
        let mut torn = whole;
        torn["echo"] = json!("0000000000000008".repeat(32));
        assert!(matches!(recognised(&run(), &torn), Document::Torn(_)));
        assert!(matches!(recognised(&run(), &Value::Null), Document::Torn(_)));
        let other = Run { name: "s".to_owned(), seed: 0 };
        assert!(matches!(recognised(&run(), &document(&other, 7)), Document::Torn(_)));
    }

    fn answer(status: u16, body: &Value) -> Answer {
        Answer { status, headers: http::HeaderMap::new(), body: body.to_string().into() }
    }

    #[test]
    fn only_success_with_all_that_belongs_to_it_is_ok() {
        let login = Kind::Login { password: crate::history::PasswordNo(1) };
        let good = answer(200, &json!({ "token": "t", "user": { "id": "u" } }));
        assert!(matches!(judge(&run(), &login, &good), Outcome::Ok(_)));
        let bare = answer(200, &json!({ "user": { "id": "u" } }));
        assert!(matches!(judge(&run(), &login, &bare), Outcome::Unknown(Trouble::Nonsense(_))));
        let error = Outcome::Unknown(Trouble::Status { status: 503, retry_after: false });
        assert_eq!(judge(&run(), &login, &answer(503, &json!({}))), error);
        let wrong = answer(401, &json!({ "code": "invalid_credentials" }));
        assert_eq!(judge(&run(), &login, &wrong), Outcome::Fail(Refusal::Password));
        let token = answer(401, &json!({ "code": "invalid_token" }));
        assert_eq!(judge(&run(), &login, &token), Outcome::Fail(Refusal::Token));
    }
}
