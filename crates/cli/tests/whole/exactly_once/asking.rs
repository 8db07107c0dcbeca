//! A request that many send, and what its answers say.

use serde_json::Value;
use tokenhouse_proof::http::{Answer, Client, Request};
use tokenhouse_suite::authorize::SECRET;
use tokenhouse_suite::browser::query;

/// A request that can be sent by many.
pub(super) struct Asking {
    path: String,
    headers: Vec<(&'static str, String)>,
    /// Posted, if there is one.
    form: Option<String>,
}

impl Asking {
    /// For tokens, by what a client says beside its secret.
    pub(super) fn tokens(client: &str, fields: &[(&str, &str)]) -> Self {
        let own = [("client_id", client), ("client_secret", SECRET)];
        Self::form(&[&own, fields].concat())
    }

    /// The same, by all that it says.
    pub(super) fn form(fields: &[(&str, &str)]) -> Self {
        let form = Some(query(fields));
        Self { path: "/oauth2/token".to_owned(), headers: Vec::new(), form }
    }

    /// For a page, by a browser in which somebody is signed in.
    pub(super) fn page(path: String, session: &str) -> Self {
        let headers = vec![
            ("host", "localhost".to_owned()),
            ("accept", "text/html".to_owned()),
            ("cookie", format!("tokenhouse-session={session}")),
        ];
        Self { path, headers, form: None }
    }

    /// With a header more.
    pub(super) fn header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The answer; none where the process ended. Who is sent on within this server goes there.
    pub(super) async fn send(&self, client: &Client) -> Option<Answer> {
        let first = match &self.form {
            Some(form) => client.post(&self.path).form(form),
            None => client.get(&self.path),
        };
        let answer = self.with_headers(first).send().await.ok()?;
        match answer.header("location").filter(|to| to.starts_with('/')) {
            Some(onward) => self.with_headers(client.get(onward)).send().await.ok(),
            None => Some(answer),
        }
    }

    fn with_headers<'a>(&self, mut request: Request<'a>) -> Request<'a> {
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request
    }
}

/// Shows a refresh token.
pub(super) fn turn(client: &str, refresh: &str) -> Asking {
    Asking::tokens(client, &[("grant_type", "refresh_token"), ("refresh_token", refresh)])
}

pub(super) fn member(answer: &Answer, name: &str) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let said: Value = answer.json().expect("JSON");
    said[name].as_str().unwrap_or_else(|| panic!("no {name}: {said}")).to_owned()
}

/// A clean refusal.
pub(super) fn assert_refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.json().expect("JSON")["error"], error);
}
