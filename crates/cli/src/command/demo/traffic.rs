//! The clients of the demo: each logs in, reads, writes and logs out, one request at a time.
//!
//! Decides what is asked next and what an answer means; `wire` sends, `ledger` judges, `board` counts. An answer that
//! is not the one the request had a right to is a failure, whatever its reason.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json;
use tokio::{sync::mpsc, time};

use super::{
    board::{Act, Finding, Note, Observation},
    chance::Dice,
    ledger::{Ledger, Read},
    wire,
};

/// The clients at work. With several, hardly ever more than one unsafe request is on its way.
pub(super) const CLIENTS: usize = 8;
/// The average pause of one client between two requests: 8 clients make about 60 requests a second.
const PAUSE: Duration = Duration::from_millis(130);
/// The logins a client keeps open at most.
const HELD_MAX: usize = 4;
const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";

/// A user of the service under demonstration.
#[derive(Clone)]
pub(super) struct Account {
    pub(super) username: String,
    pub(super) password: String,
}

impl Account {
    fn body(&self) -> Bytes {
        Bytes::from(json!({ "username": self.username, "password": self.password }).to_string())
    }
}

/// An account could not be made.
#[derive(Debug)]
pub(super) struct NotRegistered(String);

impl std::fmt::Display for NotRegistered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotRegistered {}

/// Registers `account` over the same interface that everybody uses; answers the token it was given.
pub(super) async fn register(api: SocketAddr, account: &Account) -> Result<String, NotRegistered> {
    let refused =
        |why: String| NotRegistered(format!("{} could not be registered: {why}", account.username));
    let request = wire::request(Method::POST, "/register", None, Some((JSON, account.body())));
    let request = request.map_err(|error| refused(error.to_string()))?;
    let answer = wire::send(api, request).await.outcome.map_err(|cut| refused(cut.to_string()))?;
    match answer.status {
        StatusCode::CREATED => {
            token_of(&answer.body).ok_or_else(|| refused("the answer holds no token".into()))
        }
        status => Err(refused(format!("{status} {}", String::from_utf8_lossy(&answer.body)))),
    }
}

/// One client and what it was promised.
pub(super) struct Client {
    number: usize,
    api: SocketAddr,
    account: Account,
    ledger: Ledger,
    dice: Dice,
    notes: mpsc::Sender<Note>,
}

/// What is known of a request after it came back or did not.
struct Reply {
    process: Option<String>,
    retries: u32,
    outcome: Result<(StatusCode, Bytes), wire::Cut>,
}

impl Client {
    /// A client that holds the one `token` its registration gave it.
    pub(super) fn new(
        number: usize,
        api: SocketAddr,
        registered: (Account, String),
        notes: mpsc::Sender<Note>,
    ) -> Self {
        let (account, token) = registered;
        let mut ledger = Ledger::default();
        ledger.signed_in(token);
        Self { number, api, account, ledger, dice: Dice::fair(), notes }
    }

    /// Works until nobody wants to know the results any more.
    pub(super) async fn work(mut self) {
        loop {
            time::sleep(self.dice.around(PAUSE)).await;
            let act = self.choose();
            let observation = self.perform(act).await;
            if self.notes.send(Note::Seen(observation)).await.is_err() {
                return;
            }
        }
    }

    /// About 60 % reads (checks of a logout among them), 25 % writes, 8 % logins and as many logouts.
    fn choose(&mut self) -> Act {
        if self.ledger.owes_check() {
            return Act::Check;
        }
        let held = self.ledger.held();
        match self.dice.below(100) {
            _ if held == 0 => Act::Login,
            0..56 => Act::Read,
            56..83 => Act::Write,
            83..92 if held < HELD_MAX => Act::Login,
            92.. if held == 1 => Act::Login,
            _ => Act::Logout,
        }
    }

    async fn perform(&mut self, act: Act) -> Observation {
        let token = match act {
            Act::Login => None,
            Act::Check => self.ledger.take_given_back(),
            Act::Read | Act::Write | Act::Logout => {
                let roll = self.dice.next();
                self.ledger.any_held(roll).map(str::to_owned)
            }
        };
        let token = token.as_deref().unwrap_or_default();
        let (process, retries, findings) = match act {
            Act::Login => self.login().await,
            Act::Read => self.read(token).await,
            Act::Write => self.write(token).await,
            Act::Logout => self.logout(token).await,
            Act::Check => self.check(token).await,
        };
        Observation {
            client: self.number,
            act,
            process,
            retries,
            held: self.ledger.held(),
            findings,
        }
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<(&str, Bytes)>,
    ) -> Reply {
        let sent = match wire::request(method, path, token, body) {
            Ok(request) => wire::send(self.api, request).await,
            Err(_) => wire::Sent { outcome: Err(wire::Cut::Unanswered), retries: 0 },
        };
        match sent.outcome {
            Ok(answer) => Reply {
                process: answer.process,
                retries: sent.retries,
                outcome: Ok((answer.status, answer.body)),
            },
            Err(cut) => Reply { process: None, retries: sent.retries, outcome: Err(cut) },
        }
    }

    async fn login(&mut self) -> (Option<String>, u32, Vec<Finding>) {
        let reply = self.ask(Method::POST, "/login", None, Some((JSON, self.account.body()))).await;
        let findings = match &reply.outcome {
            Ok((StatusCode::OK, body)) => match token_of(body) {
                Some(token) => {
                    self.ledger.signed_in(token);
                    Vec::new()
                }
                None => vec![Finding::Failed("the answer holds no token".into())],
            },
            other => vec![failed(other)],
        };
        (reply.process, reply.retries, findings)
    }

    async fn read(&mut self, token: &str) -> (Option<String>, u32, Vec<Finding>) {
        let reply = self.ask(Method::GET, "/data", Some(token), None).await;
        let findings = match &reply.outcome {
            Ok((StatusCode::OK, body)) => match count_of(body) {
                Some(found) => match self.ledger.judge(found) {
                    Read::Kept => Vec::new(),
                    Read::Lost { promised, found } => vec![Finding::WriteLost { promised, found }],
                },
                None => vec![Finding::Failed("the answer holds no data".into())],
            },
            other => self.fell_short(token, other),
        };
        (reply.process, reply.retries, findings)
    }

    async fn write(&mut self, token: &str) -> (Option<String>, u32, Vec<Finding>) {
        let value = self.ledger.next_value();
        let body = Bytes::from(json!({ "count": value }).to_string());
        let reply = match self.dice.below(2) {
            0 => self.ask(Method::PUT, "/data", Some(token), Some((JSON, body))).await,
            _ => self.ask(Method::PATCH, "/data", Some(token), Some((MERGE_PATCH, body))).await,
        };
        let findings = match &reply.outcome {
            Ok((StatusCode::OK, _)) => {
                self.ledger.acknowledged(value);
                Vec::new()
            }
            other => {
                if !matches!(other, Ok((status, _)) if status.is_client_error()) {
                    self.ledger.left_open(value);
                }
                self.fell_short(token, other)
            }
        };
        (reply.process, reply.retries, findings)
    }

    async fn logout(&mut self, token: &str) -> (Option<String>, u32, Vec<Finding>) {
        let reply = self.ask(Method::POST, "/logout", Some(token), None).await;
        let findings = match &reply.outcome {
            Ok((StatusCode::NO_CONTENT, _)) => {
                self.ledger.signed_out(token);
                Vec::new()
            }
            other => {
                let findings = self.fell_short(token, other);
                self.ledger.forget(token);
                findings
            }
        };
        (reply.process, reply.retries, findings)
    }

    async fn check(&mut self, token: &str) -> (Option<String>, u32, Vec<Finding>) {
        let reply = self.ask(Method::GET, "/data", Some(token), None).await;
        let findings = match &reply.outcome {
            Ok((StatusCode::UNAUTHORIZED, _)) => Vec::new(),
            Ok((StatusCode::OK, _)) => vec![Finding::RevocationMissed],
            other => vec![failed(other)],
        };
        (reply.process, reply.retries, findings)
    }

    /// A request with a token that ought to be good did not succeed. Refused, the token is lost and not used again.
    fn fell_short(
        &mut self,
        token: &str,
        outcome: &Result<(StatusCode, Bytes), wire::Cut>,
    ) -> Vec<Finding> {
        let mut findings = vec![failed(outcome)];
        if matches!(outcome, Ok((StatusCode::UNAUTHORIZED, _))) {
            self.ledger.forget(token);
            findings.push(Finding::LoginLost);
        }
        findings
    }
}

fn failed(outcome: &Result<(StatusCode, Bytes), wire::Cut>) -> Finding {
    Finding::Failed(match outcome {
        Ok((status, _)) => format!("answered {status}"),
        Err(cut) => cut.to_string(),
    })
}

fn token_of(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct SignedIn {
        token: String,
    }
    serde_json::from_slice::<SignedIn>(body).ok().map(|answer| answer.token)
}

/// The client's counter in its document; 0 in one that was never written.
fn count_of(body: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Document {
        data: Data,
    }
    #[derive(Deserialize)]
    struct Data {
        #[serde(default)]
        count: u64,
    }
    serde_json::from_slice::<Document>(body).ok().map(|answer| answer.data.count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_and_a_count_are_read_from_the_answers() {
        assert_eq!(token_of(br#"{"token":"t","token_type":"Bearer"}"#).as_deref(), Some("t"));
        assert_eq!(token_of(b"{}"), None);
        assert_eq!(count_of(br#"{"user":{},"data":{"count":7,"more":1}}"#), Some(7));
        assert_eq!(count_of(br#"{"user":{},"data":{}}"#), Some(0));
        assert_eq!(count_of(b"<html>"), None);
    }

    #[test]
    fn the_mix_is_mostly_reads_and_stays_within_the_tokens_held() {
        let (notes, _keep) = mpsc::channel(1);
        let account = Account { username: "u".into(), password: "p".into() };
        let mut client = Client::new(0, ([127, 0, 0, 1], 1).into(), (account, "t".into()), notes);
        let mut acts = [0_u32; 5];
        for turn in 0..20_000 {
            let act = client.choose();
            match act {
                Act::Login => client.ledger.signed_in(turn.to_string()),
                Act::Logout => {
                    let token =
                        client.ledger.any_held(turn).expect("a token to give back").to_owned();
                    client.ledger.signed_out(&token);
                }
                Act::Check => drop(client.ledger.take_given_back()),
                Act::Read | Act::Write => {}
            }
            acts[act as usize] += 1;
            assert!((1..=HELD_MAX).contains(&client.ledger.held()));
        }
        let [logins, reads, writes, logouts, checks] = acts.map(|count| count / 200);
        assert!((55..=65).contains(&(reads + checks)), "{acts:?}");
        assert!((22..=28).contains(&writes), "{acts:?}");
        assert!((6..=10).contains(&logins) && (6..=10).contains(&logouts), "{acts:?}");
    }

    #[tokio::test]
    async fn a_refused_token_that_was_not_given_back_is_a_lost_login_and_is_used_no_more() {
        let (notes, _keep) = mpsc::channel(1);
        let account = Account { username: "u".into(), password: "p".into() };
        let mut client = Client::new(0, ([127, 0, 0, 1], 1).into(), (account, "t".into()), notes);
        let findings = client.fell_short("t", &Ok((StatusCode::UNAUTHORIZED, Bytes::new())));
        assert!(findings.contains(&Finding::LoginLost));
        assert_eq!(client.ledger.held(), 0);
    }
}
