//! The clients of the demo: each logs in, reads, writes and logs out, one request at a time.
//!
//! Decides what is asked next and how often; `wire` sends, `verdict` and `ledger` judge, `board` counts.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::Method;
use serde_json::json;
use tokio::{sync::mpsc, time};

use super::{
    account::{Account, JSON},
    chance::Dice,
    ledger::Ledger,
    notes::{Act, Note, Observation},
    verdict::{self, Outcome},
    wire,
};

/// The clients at work. With several, hardly ever more than one unsafe request is on its way.
pub(super) const CLIENTS: usize = 8;
/// The average pause of one client between two requests: 8 clients make about 60 requests a second.
const PAUSE: Duration = Duration::from_millis(130);
/// The logins a client keeps open at most.
const HELD_MAX: usize = 4;
const MERGE_PATCH: &str = "application/merge-patch+json";

/// One client and what it was promised.
pub(super) struct Client {
    number: usize,
    api: SocketAddr,
    account: Account,
    ledger: Ledger,
    dice: Dice,
    notes: mpsc::Sender<Note>,
}

/// What became of a request, who answered it, and how often it was repeated.
struct Reply {
    process: Option<String>,
    retries: u32,
    outcome: Outcome,
}

impl Client {
    /// A client that holds the one `token` its registration gave it.
    pub(super) fn new(
        number: usize,
        api: SocketAddr,
        (account, token): (Account, String),
        notes: mpsc::Sender<Note>,
    ) -> Self {
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
        let token = self.token_for(act);
        let bearer = Some(token.as_str());
        let (reply, findings) = match act {
            Act::Login => {
                let reply =
                    self.ask(Method::POST, "/login", None, Some((JSON, self.account.body()))).await;
                let findings = verdict::login(&mut self.ledger, &reply.outcome);
                (reply, findings)
            }
            Act::Read => {
                let reply = self.ask(Method::GET, "/data", bearer, None).await;
                let findings = verdict::read(&mut self.ledger, &token, &reply.outcome);
                (reply, findings)
            }
            Act::Write => {
                let value = self.ledger.next_value();
                let (method, media_type) = match self.dice.below(2) {
                    0 => (Method::PUT, JSON),
                    _ => (Method::PATCH, MERGE_PATCH),
                };
                let body = Bytes::from(json!({ "count": value }).to_string());
                let reply = self.ask(method, "/data", bearer, Some((media_type, body))).await;
                let findings = verdict::write(&mut self.ledger, &token, value, &reply.outcome);
                (reply, findings)
            }
            Act::Logout => {
                let reply = self.ask(Method::POST, "/logout", bearer, None).await;
                let findings = verdict::logout(&mut self.ledger, &token, &reply.outcome);
                (reply, findings)
            }
            Act::Check => {
                let reply = self.ask(Method::GET, "/data", bearer, None).await;
                let findings = verdict::check(&reply.outcome);
                (reply, findings)
            }
        };
        let Reply { process, retries, .. } = reply;
        Observation {
            client: self.number,
            act,
            process,
            retries,
            held: self.ledger.held(),
            findings,
        }
    }

    /// Any token held, so that each is tried again and again; or the one that was given back last.
    fn token_for(&mut self, act: Act) -> String {
        let token = match act {
            Act::Login => None,
            Act::Check => self.ledger.take_given_back(),
            Act::Read | Act::Write | Act::Logout => {
                let roll = self.dice.next();
                self.ledger.any_held(roll).map(str::to_owned)
            }
        };
        token.unwrap_or_default()
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
            Err(error) => wire::Sent { outcome: Err(wire::Cut::Unsendable(error)), retries: 0 },
        };
        let (process, outcome) = match sent.outcome {
            Ok(answer) => (answer.process, Ok((answer.status, answer.body))),
            Err(cut) => (None, Err(cut)),
        };
        Reply { process, retries: sent.retries, outcome }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a client writes its notes somewhere")]
    fn the_mix_is_mostly_reads_and_stays_within_the_tokens_held() {
        let (notes, _keep) = mpsc::channel(1);
        let account = Account { username: "u".into(), password: "p".into() };
        let mut client = Client::new(0, ([127, 0, 0, 1], 1).into(), (account, "t".into()), notes);
        let mut acts = [0_u32; 5];
        for turn in 0..20_000_u64 {
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
}
