//! A new user's first minute, and several processes that start at once.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use tokenhouse_proof::http::Client;
use tokenhouse_proof::server::Tokenhouse;

use crate::client::{on, read, register};

fn mode(path: &Path) -> u32 {
    path.metadata().expect("a file").permissions().mode() & 0o777
}

#[tokio::test]
async fn without_any_setting_it_makes_its_own_database_and_secret() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server =
        Tokenhouse::builder().clean_env().folder(folder.path()).start().await.expect("a server");
    let client = Client::fresh(server.addr());
    let token = register(&client, "ada").await;
    assert_eq!(read(&client, &token).await, 200);
    let data = folder.path().join("data");
    assert_eq!(mode(&data), 0o700);
    for entry in data.read_dir().expect("a folder") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_limit_of_no_requests_is_refused_by_name() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tokenhouse"))
        .arg("serve")
        .env_clear()
        .env("TOKENHOUSE_MAX_REQUESTS", "0")
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(78));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("TOKENHOUSE_MAX_REQUESTS"), "{said}");
}

#[test]
fn the_banner_says_where_it_listens_and_what_to_paste() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_tokenhouse"))
        .args(["serve", "--processes", "2"])
        .env_clear()
        .env("LISTEN_ADDR", "127.0.0.1:0")
        .env("MANAGEMENT_LISTEN", "off")
        .current_dir(folder.path())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
    let mut said = String::new();
    for line in stderr.lines() {
        let line = line.expect("text");
        said.push_str(&line);
        said.push('\n');
        if line.contains("Ctrl-C") {
            break;
        }
    }
    // The lines are for curl, which only `make test` makes sure of.
    #[cfg(feature = "real-servers")]
    paste(&said);
    child.kill().expect("killed");
    child.wait().expect("it ended");
    for part in ["http://127.0.0.1:", "sqlite:./data", "/register", "/login", "/data"] {
        assert!(said.contains(part), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_start_at_once_on_an_empty_folder_agree() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let started = join_all((0..4).map(|_| on(folder.path()).start())).await;
    let servers: Vec<Tokenhouse> = started.into_iter().map(|one| one.expect("a server")).collect();
    let token = register(&Client::fresh(servers[0].addr()), "ada").await;
    for server in &servers {
        assert_eq!(
            read(&Client::fresh(server.addr()), &token).await,
            200,
            "one secret, one schema"
        );
    }
}

#[tokio::test]
async fn sigterm_drains_and_ends_with_success() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut server = on(folder.path()).start().await.expect("a server");
    server.terminate().expect("a signal");
    let status = server.wait(Duration::from_secs(10)).await.expect("it ends");
    assert!(status.success(), "{status}");
}

#[tokio::test]
async fn documents_are_held_to_the_operators_schema() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let schema = folder.path().join("schema.json");
    let rule = json!({ "type": "object", "properties": { "age": { "type": "integer" } } });
    std::fs::write(&schema, rule.to_string()).expect("a file");
    let path = schema.to_str().expect("text");
    let server = on(folder.path()).env("TOKENHOUSE_DATA_SCHEMA", path).start().await;
    let client = Client::fresh(server.as_ref().expect("a server").addr());
    let token = register(&client, "ada").await;
    let good = client.put_json("/data", &json!({ "age": 36 })).bearer(&token);
    assert_eq!(good.send().await.expect("an answer").status, 200);
    for asking in [
        client.put_json("/data", &json!({ "age": "36" })),
        client.patch_json("/data", &json!({ "age": 3.5 })),
    ] {
        let answer = asking.bearer(&token).send().await.expect("an answer");
        assert_eq!(answer.status, 422, "{}", answer.text());
        assert_eq!(answer.json().expect("JSON")["errors"][0]["pointer"], "/age");
    }
    let kept = client.get("/data").bearer(&token).send().await.expect("an answer");
    assert_eq!(kept.json().expect("JSON")["data"], json!({ "age": 36 }));
}

/// Does what a person does: takes what is between the two sentences and runs it.
#[cfg(feature = "real-servers")]
fn paste(said: &str) {
    let (_, rest) = said.split_once("Try it:").expect("an invitation");
    let (lines, _) = rest.split_once("Ctrl-C").expect("an end");
    let shell = std::process::Command::new("sh").args(["-ec", lines]).output().expect("a shell");
    let output = String::from_utf8(shell.stdout).expect("text");
    assert!(shell.status.success(), "{output}");
    assert!(output.trim_end().ends_with(r#""data":{}}"#), "{output}");
}
