//! Asks, one request after the other, each on a connection of its own, and writes down what was answered.
//! Which process is asked is decided by the route; nothing of what is asked depends on it.

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use http::Method;
use serde_json::{Value, json};

use super::shown::Shown;
use crate::generator::Random;
use crate::http::{Answer, Client};
use crate::server::Tokenhouse;

pub(super) const PASSWORD: &str = "correct horse battery staple";
pub(super) const NEW_PASSWORD: &str = "another fine long phrase";
/// The characters of a link's token after its prefix.
const LINK: usize = 51;

/// To whom requests go.
pub(super) enum Route {
    /// Always the same address.
    One(SocketAddr),
    /// Any of them, by chance.
    Any(Vec<SocketAddr>, Random),
    /// The first until it has answered so many; then it is killed, and the other is asked.
    Handover(Box<Tokenhouse>, usize, SocketAddr),
}

/// What is asked besides method and path.
#[derive(Default)]
pub(super) struct With<'a> {
    pub(super) token: Option<&'a str>,
    pub(super) header: Option<(&'a str, &'a str)>,
    pub(super) body: Option<Value>,
}

pub(super) struct Player {
    route: Route,
    /// Part of every name, so that plays on one database and scenes of one play do not meet.
    tag: String,
    shown: Shown,
    lines: Vec<String>,
}

fn tag() -> String {
    format!("t{}", &uuid::Uuid::new_v4().simple().to_string()[..12])
}

impl Player {
    pub(super) fn new(route: Route) -> Self {
        Self { route, tag: tag(), shown: Shown::default(), lines: Vec::new() }
    }

    /// From here on the same names are of other people.
    pub(super) fn next_scene(&mut self) {
        self.tag = tag();
    }

    /// The name by which somebody is known in this play.
    pub(super) fn name(&self, who: &str) -> String {
        format!("{who}-{}", self.tag)
    }

    /// What was said, one line for each request.
    pub(super) fn lines(self) -> Vec<String> {
        self.lines
    }

    /// How many requests were answered.
    pub(super) fn steps(&self) -> usize {
        self.lines.len()
    }

    /// Asks; `said` is the path as it is written down, without what differs by nature.
    pub(super) async fn ask_as(
        &mut self,
        (method, path, said): (Method, &str, &str),
        with: With<'_>,
    ) -> Result<Answer> {
        let client = Client::fresh(self.next().await?);
        let mut request = client.request(method.clone(), path);
        if let Some(token) = with.token {
            request = request.bearer(token);
        }
        if let Some(body) = &with.body {
            request = request.json(body);
        }
        // After the body, whose type it may replace.
        if let Some((name, value)) = with.header {
            request = request.header(name, value);
        }
        let answer = request.send().await?;
        let line = format!("{method} {said}: {}", self.shown.answer(&answer));
        self.lines.push(line.replace(&self.tag, "<tag>"));
        Ok(answer)
    }

    pub(super) async fn ask(
        &mut self,
        method: Method,
        path: &str,
        with: With<'_>,
    ) -> Result<Answer> {
        self.ask_as((method, path, path), with).await
    }

    pub(super) async fn get(&mut self, path: &str, token: &str) -> Result<Answer> {
        self.ask(Method::GET, path, With { token: Some(token), ..With::default() }).await
    }

    pub(super) async fn post(&mut self, path: &str, token: &str) -> Result<Answer> {
        self.ask(Method::POST, path, With { token: Some(token), ..With::default() }).await
    }

    pub(super) async fn send(
        &mut self,
        method: Method,
        path: &str,
        token: &str,
        body: Value,
    ) -> Result<Answer> {
        let with = With { token: Some(token), body: Some(body), ..With::default() };
        self.ask(method, path, with).await
    }

    /// Registers somebody; the token, which is empty if none was given.
    pub(super) async fn register(&mut self, who: &str) -> Result<String> {
        let body = json!({ "username": self.name(who), "password": PASSWORD });
        self.token("/register", body).await
    }

    /// Signs in; the token, which is empty if none was given.
    pub(super) async fn login(&mut self, who: &str, password: &str) -> Result<String> {
        let body = json!({ "username": self.name(who), "password": password });
        self.token("/login", body).await
    }

    /// Registers somebody with an address; the token.
    pub(super) async fn register_with_address(&mut self, who: &str) -> Result<String> {
        let body =
            json!({ "username": self.name(who), "email": self.address(who), "password": PASSWORD });
        self.token("/register", body).await
    }

    /// The address of somebody in this play.
    pub(super) fn address(&self, who: &str) -> String {
        format!("{}@example.org", self.name(who))
    }

    /// Uses a link that came by mail: at `/confirm` or, with a password, at `/reset`.
    pub(super) async fn follow(
        &mut self,
        path: &str,
        link: &str,
        password: Option<&str>,
    ) -> Result<Answer> {
        let mut body = json!({ "token": link });
        if let Some(password) = password {
            body["password"] = password.into();
        }
        self.ask(Method::POST, path, With { body: Some(body), ..With::default() }).await
    }

    /// The link in the newest mail, as whoever runs a server for development reads it. Not written down:
    /// what is looked at is the harness's business.
    pub(super) async fn mailed_link(&mut self) -> Result<String> {
        let list = self.look("/dev/outbox").await?;
        let newest = first_of(&list, "/dev/outbox/", 36).context("no mail in the outbox")?;
        let mail = self.look(&newest).await?;
        first_of(&mail, "thl_", LINK).context("no link in the newest mail")
    }

    async fn look(&mut self, path: &str) -> Result<String> {
        let client = Client::fresh(self.next().await?);
        let answer = client.get(path).header("accept", "text/html").send().await?;
        ensure!(answer.status == 200, "{path}: {}", answer.status);
        Ok(answer.text())
    }

    async fn token(&mut self, path: &str, body: Value) -> Result<String> {
        let with = With { body: Some(body), ..With::default() };
        let answer = self.ask(Method::POST, path, with).await?;
        let body = answer.json().unwrap_or_default();
        Ok(body["token"].as_str().unwrap_or_default().to_owned())
    }

    async fn next(&mut self) -> Result<SocketAddr> {
        let done = self.lines.len();
        Ok(match &mut self.route {
            Route::One(address) => *address,
            Route::Any(addresses, random) => *random.pick(addresses).unwrap_or(&addresses[0]),
            Route::Handover(first, after, _) if done < *after => first.addr(),
            Route::Handover(first, after, then) => {
                if done == *after && first.is_running() {
                    first.kill9().await?;
                }
                *then
            }
        })
    }
}

/// The first text that begins so, with as many characters after that.
fn first_of(text: &str, begins: &str, more: usize) -> Option<String> {
    let at = text.find(begins)?;
    text.get(at..at + begins.len() + more).map(str::to_owned)
}
