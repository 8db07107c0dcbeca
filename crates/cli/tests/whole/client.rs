//! What the tests ask for again and again.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use http::Request;
use serde_json::{Value, json};
use tokenhouse_proof::http::Client;
use tokenhouse_proof::server::{Builder, Output, Tokenhouse, run};
use tokenhouse_suite::{Answer, Api, PASSWORD};

/// A root secret for servers that share a database.
pub(crate) const ROOT: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

/// A server over the SQLite file of a folder.
pub(crate) fn on(folder: &Path) -> Builder {
    let url = format!("sqlite:{}", folder.join("test.db").display());
    Tokenhouse::builder()
        .database(&url)
        .env("TOKENHOUSE_DRAIN_DELAY", "300ms")
        // The harness keeps the last lines only; access lines would push the events out.
        .env("TOKENHOUSE_ACCESS_LOG", "off")
}

/// The API suite's way to a real address, a new connection for each request.
pub(crate) fn api(addr: SocketAddr) -> Api {
    over(Client::fresh(addr))
}

/// The same by a client that knows its way.
pub(crate) fn over(client: Client) -> Api {
    let client = Arc::new(client);
    Api::new(move |request: Request<Bytes>| {
        let client = Arc::clone(&client);
        async move {
            let (parts, body) = request.into_parts();
            let path = parts.uri.path_and_query().expect("a path").as_str().to_owned();
            let mut asking = client.request(parts.method, &path).body(body);
            for (name, value) in &parts.headers {
                asking = asking.header(name.as_str(), value.to_str().expect("text"));
            }
            let answer = asking.send().await.expect("an answer");
            Answer { status: answer.status, headers: answer.headers, body: answer.body }
        }
        .boxed()
    })
}

/// Registers somebody; her token.
pub(crate) async fn register(client: &Client, name: &str) -> String {
    let body = json!({ "username": name, "password": PASSWORD });
    let answer = client.post_json("/register", &body).send().await.expect("an answer");
    assert_eq!(answer.status, 201, "{}", answer.text());
    token(&answer.json().expect("JSON"))
}

/// The token of an answer to a login.
pub(crate) fn token(answer: &Value) -> String {
    answer["token"].as_str().expect("a token").to_owned()
}

/// The status of reading with a token.
pub(crate) async fn read(client: &Client, token: &str) -> u16 {
    client.get("/data").bearer(token).send().await.expect("an answer").status
}

/// The counter in the document of a token's user.
pub(crate) async fn counter(client: &Client, token: &str) -> Option<u64> {
    let answer = client.get("/data").bearer(token).send().await.expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json().expect("JSON")["data"]["n"].as_u64()
}

/// The command line over a database.
pub(crate) struct Cli(pub(crate) String);

impl Cli {
    /// Runs a command.
    pub(crate) async fn run(&self, args: &[&str], input: &str) -> Output {
        let envs = [
            ("DATABASE_URL", self.0.as_str()),
            ("TOKENHOUSE_ARGON2_MEMORY", "64"),
            ("TOKENHOUSE_ARGON2_ITERATIONS", "1"),
        ];
        run(args, &envs, input).await.expect("the binary runs")
    }

    /// Runs a command that succeeds; what it prints.
    pub(crate) async fn good(&self, args: &[&str], input: &str) -> String {
        let output = self.run(args, input).await;
        assert!(output.status.success(), "{args:?}: {}", output.stderr);
        output.stdout
    }
}
