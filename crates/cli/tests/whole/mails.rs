//! What the configuration says of mails, and what operators do with links and addresses.

use serde_json::{Value, json};
use tokenhouse_proof::http::Client;
use tokenhouse_proof::server::run;
use tokenhouse_suite::PASSWORD;

use crate::client::{Cli, on};

const SMTP: (&str, &str) = ("TOKENHOUSE_SMTP_URL", "smtp://ada:s3cret-word@mail.example.org:587");
const PUBLIC: (&str, &str) = ("PUBLIC_URL", "https://login.example.org");
const SECRET: (&str, &str) =
    ("TOKENHOUSE_SECRET", "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY");
const POSTGRES: (&str, &str) = ("DATABASE_URL", "postgres://127.0.0.1:1/nothing");
const CONFIRMED: (&str, &str) = ("TOKENHOUSE_EMAIL", "confirmed");
const EVERYWHERE: (&str, &str) = ("LISTEN_ADDR", "0.0.0.0:8080");
const OUTBOX: (&str, &str) = ("TOKENHOUSE_DEV_OUTBOX", "on");

#[tokio::test]
async fn settings_of_mails_that_do_not_fit_together_are_refused_in_clear_words() {
    let bad: &[(&[(&str, &str)], &str)] = &[
        (&[SMTP], "PUBLIC_URL is missing"),
        (&[SMTP, PUBLIC, OUTBOX], "TOKENHOUSE_DEV_OUTBOX"),
        (&[EVERYWHERE, OUTBOX], "TOKENHOUSE_DEV_OUTBOX"),
        (&[POSTGRES, SECRET, CONFIRMED], "TOKENHOUSE_SMTP_URL"),
        (&[PUBLIC, CONFIRMED], "TOKENHOUSE_SMTP_URL"),
        (&[("TOKENHOUSE_DEV_OUTBOX", "off"), CONFIRMED], "TOKENHOUSE_SMTP_URL"),
        (&[("TOKENHOUSE_SMTP_URL", "ftp://ada:s3cret-word@x"), PUBLIC], "TOKENHOUSE_SMTP_URL"),
        (&[SMTP, PUBLIC, ("TOKENHOUSE_SMTP_CA", "/nowhere")], "TOKENHOUSE_SMTP_CA"),
        (&[SMTP, PUBLIC, ("TOKENHOUSE_MAIL_FROM", "nobody")], "TOKENHOUSE_MAIL_FROM"),
        (&[("TOKENHOUSE_EMAIL", "maybe")], "TOKENHOUSE_EMAIL"),
        (&[("TOKENHOUSE_REGISTRATION", "maybe")], "TOKENHOUSE_REGISTRATION"),
        (&[("TOKENHOUSE_RECOVERY_LIFETIME", "0s")], "TOKENHOUSE_RECOVERY_LIFETIME"),
    ];
    for (envs, said) in bad {
        let output = run(&["config", "check"], envs, "").await.expect("it runs");
        assert_eq!(output.status.code(), Some(78), "{envs:?}: {}", output.stderr);
        assert!(output.stderr.contains(said), "{envs:?}: {}", output.stderr);
        assert!(!output.stderr.contains("s3cret-word"), "{}", output.stderr);
    }
    let good: &[&[(&str, &str)]] = &[
        &[SMTP, PUBLIC, CONFIRMED],
        &[CONFIRMED],
        &[POSTGRES, SECRET, OUTBOX, CONFIRMED],
        &[POSTGRES, SECRET, ("TOKENHOUSE_REGISTRATION", "invitation")],
        &[SMTP, PUBLIC, ("TOKENHOUSE_MAIL_FROM", "Front desk <desk@example.org>")],
    ];
    for envs in good {
        let output = run(&["config", "check"], envs, "").await.expect("it runs");
        assert!(output.status.success(), "{envs:?}: {}", output.stderr);
    }
    let shown = run(&["config", "show"], &[SMTP, PUBLIC], "").await.expect("it runs");
    assert!(!shown.stdout.contains("s3cret-word"), "a secret is never shown");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_printed_and_makes_one_account() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = on(folder.path()).env("TOKENHOUSE_REGISTRATION", "invitation").start().await;
    let server = server.expect("a server");
    let client = Client::fresh(server.addr());
    let cli = Cli(format!("sqlite:{}", folder.path().join("test.db").display()));
    let made = ["invitation", "create", "--email", "eve@example.org", "--json"];
    let made: Value = serde_json::from_str(&cli.good(&made, "").await).expect("JSON");
    let link = made["link"].as_str().expect("a link");
    assert!(link.starts_with("http://127.0.0.1:8080/invitation/thl_"), "{link}");
    let (_, token) = link.rsplit_once('/').expect("a token");
    let ask = async |name: &str, email: &str, invitation: Option<&str>| {
        let body = json!({ "username": name, "password": PASSWORD, "email": email,
                           "invitation": invitation });
        let mut body = body.as_object().expect("an object").clone();
        body.retain(|_, value| !value.is_null());
        client.post_json("/register", &body.into()).send().await.expect("an answer").status
    };
    assert_eq!(ask("eve", "eve@example.org", None).await, 403);
    assert_eq!(ask("eve", "eve@example.org", Some(token)).await, 201);
    assert_eq!(ask("eva", "eve@example.org", Some(token)).await, 410, "it was used");
    let shut = [("TOKENHOUSE_REGISTRATION", "closed"), ("DATABASE_URL", cli.0.as_str())];
    let shut = run(&["invitation", "create"], &shut, "").await.expect("it runs");
    assert_eq!(shut.status.code(), Some(5), "{}", shut.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_an_operator_gives_is_confirmed_unless_she_says_otherwise() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = on(folder.path()).env("TOKENHOUSE_EMAIL", "confirmed").start().await;
    let server = server.expect("a server");
    let client = Client::fresh(server.addr());
    let cli = Cli(format!("sqlite:{}", folder.path().join("test.db").display()));
    cli.good(&["user", "create", "ada", "--email", "ada@example.org"], PASSWORD).await;
    let doubted = ["user", "create", "bob", "--email", "bob@example.org", "--unconfirmed"];
    cli.good(&doubted, PASSWORD).await;
    for (name, expected) in [("ada", 200), ("bob", 403)] {
        let body = json!({ "username": name, "password": PASSWORD });
        let answer = client.post_json("/login", &body).send().await.expect("an answer");
        assert_eq!(answer.status, expected, "{name}: {}", answer.text());
    }
    let mails = cli.good(&["mail", "list", "--json"], "").await;
    assert_eq!(mails.lines().filter(|line| line.contains("bob@example.org")).count(), 1);
}
