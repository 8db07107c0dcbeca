//! Applications are told that sessions ended by real processes, also when the one that tells is killed in the middle.

use std::path::Path;
use std::time::Duration;

use http::Method;
use serde_json::Value;
use tokenhouse_suite::Api;
use tokenhouse_suite::authorize::{Flow, SPA};
use tokenhouse_suite::browser::Browser;
use tokenhouse_suite::oauth_client::read;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::client::{Cli, api, on};

pub(crate) const LONG: Duration = Duration::from_secs(60);

/// Waits for a request of ours; the claims of what it tells.
async fn told(server: &TcpListener) -> (TcpStream, Value) {
    let hearing = async {
        let (mut stream, _) = server.accept().await.expect("a connection");
        let claims = heard(&mut stream).await;
        (stream, claims)
    };
    tokio::time::timeout(LONG, hearing).await.expect("it is told")
}

/// Reads a request of ours; the claims of what it tells.
pub(crate) async fn heard(stream: &mut (impl AsyncRead + Unpin)) -> Value {
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    loop {
        if let Some(body) = whole(&text) {
            return read(body.strip_prefix("logout_token=").expect("a token")).1;
        }
        let count = stream.read(&mut buffer).await.expect("a request");
        assert!(count > 0, "half a request: {text}");
        text.push_str(std::str::from_utf8(&buffer[..count]).expect("text"));
    }
}

/// The body of a request, once all of it is there.
fn whole(text: &str) -> Option<&str> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.expect("a length").parse().expect("a number");
    (body.len() == length).then_some(body)
}

/// Somebody signs in to the application, and signs out here; which session that was.
pub(crate) async fn come_and_go(api: &Api) -> Value {
    let mut ada = Browser::new(api);
    ada.newcomer().await;
    let token = ada.cookies["tokenhouse-session"].clone();
    let code = Flow::of(SPA, "https://spa.example/cb").code(&mut ada).await;
    let session = read(&code.id_token(api).await).1["sid"].clone();
    assert_eq!(api.ask((Method::POST, "/logout"), Some(&token), None).await.status, 204);
    session
}

/// Has the application be told at that address.
pub(crate) async fn make_client(folder: &Path, address: &str) {
    let address = format!("backchannel_logout_uri={address}");
    let made = ["client", "create", SPA, "--preset", "spa", "--name", "Suite Spa"];
    let told_at = ["--redirect-uri", "https://spa.example/cb", "--set", &address];
    let cli = Cli(format!("sqlite:{}", folder.join("test.db").display()));
    cli.good(&[&made[..], &told_at].concat(), "").await;
}

/// Where a listener is told.
fn address(heard: &TcpListener) -> String {
    format!("http://{}/out", heard.local_addr().expect("an address"))
}

pub(crate) async fn say_yes(stream: &mut (impl AsyncWrite + Unpin)) {
    stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.expect("it is heard");
    stream.flush().await.expect("it is heard");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_while_it_tells_an_application_leaves_that_to_another() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let heard = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let server = || {
        // The lease of what is told is twice that.
        let builder = on(folder.path()).env("TOKENHOUSE_TASK_LEASE", "2s");
        builder.env("TOKENHOUSE_SIGNING_ALGORITHMS", "ES256")
    };
    let mut first = server().start().await.expect("a server");
    make_client(folder.path(), &address(&heard)).await;
    let session = come_and_go(&api(first.addr())).await;
    let (_unanswered, claims) = told(&heard).await;
    assert_eq!(claims["sid"], session);
    first.kill9().await.expect("killed");
    let second = server().start().await.expect("a server");
    let (mut stream, claims) = told(&heard).await;
    assert_eq!(claims["sid"], session);
    say_yes(&mut stream).await;
    let note = second.wait_for_event("tokenhouse.logout.told", LONG).await.expect("a note");
    assert_eq!(note["tokenhouse.client.id"], SPA);
    assert_eq!(note["tokenhouse.logout.retaken"], true);
    let log = second.lines().join("\n");
    assert!(!log.contains("logout_token") && !log.contains("eyJ"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_tells_what_servers_that_leave_it_to_him_have_written() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let heard = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let server = on(folder.path())
        .arg("--no-worker")
        .env("PUBLIC_URL", "http://localhost")
        .env("TOKENHOUSE_SIGNING_ALGORITHMS", "ES256");
    let server = server.start().await.expect("a server");
    make_client(folder.path(), &address(&heard)).await;
    let session = come_and_go(&api(server.addr())).await;
    let mut worker = std::process::Command::new(env!("CARGO_BIN_EXE_tokenhouse"))
        .arg("worker")
        .env_clear()
        .env("DATABASE_URL", format!("sqlite:{}", folder.path().join("test.db").display()))
        .env("PUBLIC_URL", "http://localhost")
        .stdout(std::process::Stdio::null())
        .spawn()
        .expect("a worker");
    let (mut stream, claims) = told(&heard).await;
    say_yes(&mut stream).await;
    worker.kill().expect("killed");
    worker.wait().expect("it ended");
    assert_eq!((&claims["sid"], &claims["iss"]), (&session, &Value::from("http://localhost")));
}
