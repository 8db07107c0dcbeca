//! Administration while servers run, and configurations that are wrong.

use std::fs::OpenOptions;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tokenhouse_proof::http::Client;
use tokenhouse_proof::server::run;
use tokenhouse_suite::PASSWORD;

use crate::client::{Cli, on, read, register};

async fn login(client: &Client, password: &str) -> u16 {
    let body = json!({ "username": "ada", "password": password });
    client.post_json("/login", &body).send().await.expect("an answer").status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_user_is_out_at_once_and_in_again_when_unlocked() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = on(folder.path()).start().await.expect("a server");
    let client = Client::fresh(server.addr());
    let cli = Cli(format!("sqlite:{}", folder.path().join("test.db").display()));
    let token = register(&client, "ada").await;
    assert!(cli.good(&["user", "sessions", "ada", "--json"], "").await.contains("127.0.0.1"));
    cli.good(&["user", "lock", "ada"], "").await;
    assert_eq!(read(&client, &token).await, 401);
    assert_eq!(login(&client, PASSWORD).await, 403, "said after the right password only");
    assert_eq!(login(&client, "wrong wrong wrong").await, 401);
    cli.good(&["user", "unlock", "ada"], "").await;
    assert_eq!(login(&client, PASSWORD).await, 200);
    let audit = cli.good(&["audit", "--user", "ada", "--json"], "").await;
    for event in ["user.registered", "user.locked", "user.unlocked", "session.opened"] {
        let count = audit.lines().filter(|line| line.contains(&format!("\"{event}\""))).count();
        assert_eq!(count, 1, "{event}: {audit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_made_listed_given_passwords_signed_out_and_deleted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = on(folder.path()).start().await.expect("a server");
    let client = Client::fresh(server.addr());
    let cli = Cli(format!("sqlite:{}", folder.path().join("test.db").display()));
    let made = cli
        .good(&["user", "create", "ada", "--email", "ada@example.org", "--json"], PASSWORD)
        .await;
    let made: Value = serde_json::from_str(&made).expect("JSON");
    assert_eq!(made["username"], "ada");
    assert_eq!(login(&client, PASSWORD).await, 200);
    let again = cli.run(&["user", "create", "ADA"], PASSWORD).await;
    assert_eq!(again.status.code(), Some(5), "{}", again.stderr);
    let weak = cli.run(&["user", "set-password", "ada"], "password").await;
    assert_eq!(weak.status.code(), Some(2), "{}", weak.stderr);
    cli.good(&["user", "set-password", "ada@example.org"], "another fine long phrase\n").await;
    assert_eq!(login(&client, PASSWORD).await, 401);
    assert_eq!(login(&client, "another fine long phrase").await, 200);
    cli.good(&["user", "sign-out", "ada"], "").await;
    assert_eq!(cli.good(&["user", "sessions", "ada"], "").await, "");
    assert_eq!(cli.run(&["user", "delete", "ada"], "").await.status.code(), Some(2), "asks first");
    cli.good(&["user", "delete", "ada", "--yes"], "").await;
    assert_eq!(cli.good(&["user", "list"], "").await, "");
    assert_eq!(cli.run(&["user", "get", "ada"], "").await.status.code(), Some(1));
}

#[tokio::test]
async fn a_configuration_that_is_wrong_is_refused_with_a_suggestion() {
    let url = "postgres://127.0.0.1:1/nothing";
    let missing = run(&["serve"], &[("DATABASE_URL", url)], "").await.expect("it runs");
    assert_eq!(missing.status.code(), Some(78));
    assert!(missing.stderr.contains("openssl rand -base64 32"), "{}", missing.stderr);
    let misspelt = [("TOKENHOUSE_SESION_IDLE", "1d")];
    let misspelt = run(&["config", "check"], &misspelt, "").await.expect("it runs");
    assert_eq!(misspelt.status.code(), Some(78));
    assert!(misspelt.stderr.contains("TOKENHOUSE_SESSION_IDLE"), "{}", misspelt.stderr);
    for (name, value) in [
        ("TOKENHOUSE_LOGIN_LIMIT_ACCOUNT", "10"),
        ("TOKENHOUSE_SECRET", "k1:dG9vIHNob3J0"),
        ("TRUSTED_PROXIES", "10.0.0.0/99"),
        ("TOKENHOUSE_SESSION_IDLE", "soon"),
    ] {
        let bad = run(&["config", "check"], &[(name, value)], "").await.expect("it runs");
        assert_eq!(bad.status.code(), Some(78), "{name}: {}", bad.stderr);
        assert!(bad.stderr.contains(name), "{}", bad.stderr);
    }
    assert_eq!(
        run(&["serve", "--nothing"], &[], "").await.expect("it runs").status.code(),
        Some(2)
    );
}

#[tokio::test]
async fn the_commands_that_need_no_server_work() {
    let example = run(&["config", "example"], &[], "").await.expect("it runs");
    assert!(example.stdout.contains("#listen = \"127.0.0.1:8080\""), "{}", example.stdout);
    let secret = [("TOKENHOUSE_SECRET", "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY")];
    let shown = run(&["config", "show", "--json"], &secret, "").await.expect("it runs");
    assert!(!shown.stdout.contains("MDEyMzQ1"), "a secret is never shown");
    for args in [&["version"][..], &["man"], &["completion", "bash"], &["serve", "--help"]] {
        let output = run(args, &[], "").await.expect("it runs");
        assert!(output.status.success() && !output.stdout.is_empty(), "{args:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_and_healthcheck_tell_good_from_bad() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = on(folder.path()).start().await.expect("a server");
    let listen = server.addr().to_string();
    let healthy = run(&["healthcheck"], &[("LISTEN_ADDR", &listen)], "").await.expect("it runs");
    assert!(healthy.status.success(), "{}", healthy.stderr);
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let good = run(&["doctor"], &[("DATABASE_URL", &url)], "").await.expect("it runs");
    assert!(good.status.success(), "{}{}", good.stdout, good.stderr);
    drop(server);
    let dead = run(&["healthcheck"], &[("LISTEN_ADDR", &listen)], "").await.expect("it runs");
    assert_eq!(dead.status.code(), Some(1));
}

/// Runs a command with its output, or what it says besides, directed elsewhere.
fn run_into(args: &[&str], envs: &[(&str, &str)], stdout: Stdio, stderr: Stdio) -> ExitedWith {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tokenhouse"));
    command.args(args).env_clear().envs(envs.iter().copied());
    let output = command.stdin(Stdio::null()).stdout(stdout).stderr(stderr).output();
    let output = output.expect("the binary runs");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

type ExitedWith = (Option<i32>, String);

/// A pipe whose other end is closed, as `head` leaves it.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    writer.into()
}

#[tokio::test]
async fn a_reader_who_has_had_enough_ends_no_command_in_an_error() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let envs = [("DATABASE_URL", url.as_str())];
    Cli(url.clone()).good(&["user", "create", "ada"], PASSWORD).await;
    let quiet: &[&[&str]] = &[
        &["config", "show"],
        &["config", "show", "--json"],
        &["config", "example"],
        &["user", "list"],
        &["user", "get", "ada", "--json"],
        &["user", "sessions", "ada"],
        &["audit"],
        &["db", "status"],
        &["db", "migrate"],
        &["doctor"],
        &["completion", "bash"],
        &["man"],
        &["version"],
        &["serve", "--help"],
    ];
    for args in quiet {
        let (code, said) = run_into(args, &envs, closed_pipe(), Stdio::piped());
        assert_eq!(code, Some(0), "{args:?}: {said}");
        assert!(said.is_empty() || said == "nothing to do\n", "{args:?}: {said}");
    }
    let (code, said) = run_into(&["user", "get", "bob"], &envs, closed_pipe(), Stdio::piped());
    assert_eq!((code, said.as_str()), (Some(1), "tokenhouse: there is no user `bob`\n"));
    let locked = run_into(&["user", "lock", "ada", "--json"], &envs, closed_pipe(), closed_pipe());
    assert_eq!(locked.0, Some(0), "nobody listens, and it is done all the same");
    let shown = Cli(url.clone()).good(&["user", "get", "ada"], "").await;
    assert!(shown.contains("locked"), "{shown}");
    let bad =
        run_into(&["config", "check"], &[("LOG_LEVEL", "loud")], Stdio::piped(), closed_pipe());
    assert_eq!(bad.0, Some(78));
}

#[test]
fn what_cannot_be_written_is_an_error_and_no_panic() {
    for args in [&["config", "show"][..], &["doctor"], &["man"], &["completion", "zsh"]] {
        let full = OpenOptions::new().write(true).open("/dev/full").expect("the full device");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = folder.path().display().to_string();
        let envs = [("TOKENHOUSE_DATA_DIR", data.as_str())];
        let (code, said) = run_into(args, &envs, full.into(), Stdio::piped());
        assert_eq!(code, Some(1), "{args:?}: {said}");
        assert!(said.starts_with("tokenhouse: ") && said.contains("No space"), "{args:?}: {said}");
    }
}
