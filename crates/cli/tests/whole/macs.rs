//! Secrets that applications make MACs with (`client_secret_jwt`): a copy is kept where it is wanted, and sealed anew
//! before the root secret changes.

use std::path::Path;

use serde_json::{Value, json};
use tokenhouse_proof::http::Client;
use tokenhouse_proof::server::{Output, run};
use tokenhouse_suite::macs::mac;
use tokenhouse_suite::signer::now;
use uuid::Uuid;

use crate::client::on;

const OLD: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
const NEW: &str = "k2:YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU";
const BROUGHT: &str = "another-secret-of-more-than-32-characters";
const MACS: [&str; 2] = ["--set", "authentication=client_secret_jwt"];

/// Runs a command over the database of a folder.
async fn command(folder: &Path, secret: &str, args: &[&str], input: &str) -> Output {
    let url = format!("sqlite:{}", folder.join("test.db").display());
    let envs = [
        ("DATABASE_URL", url.as_str()),
        ("TOKENHOUSE_SECRET", secret),
        ("TOKENHOUSE_SIGNING_ALGORITHMS", "ES256"),
        ("BROUGHT", BROUGHT),
    ];
    run(args, &envs, input).await.expect("the binary runs")
}

/// What a command prints that succeeds.
async fn good(folder: &Path, args: &[&str], input: &str) -> Output {
    let output = command(folder, OLD, args, input).await;
    assert!(output.status.success(), "{args:?}: {}", output.stderr);
    output
}

fn secret_in(output: &Output) -> String {
    let made: Value = serde_json::from_str(&output.stdout).expect("JSON");
    made["client_secret"].as_str().expect("a secret").to_owned()
}

/// Which of these secrets the application gets a token by, at a server with that root secret.
async fn good_ones(folder: &Path, root: &str, secrets: &[&str]) -> Vec<bool> {
    let server = on(folder).secret(root).env("TOKENHOUSE_SIGNING_ALGORITHMS", "ES256").start();
    let server = server.await.expect("a server");
    let client = Client::fresh(server.addr());
    let said = client.get("/.well-known/openid-configuration").send().await.expect("an answer");
    let issuer = said.json().expect("JSON")["issuer"].clone();
    let mut found = Vec::new();
    for secret in secrets {
        let claims = json!({ "iss": "robot", "sub": "robot", "aud": issuer, "exp": now() + 60,
                             "jti": Uuid::new_v4().to_string() });
        let assertion = mac(secret, &json!({ "alg": "HS256" }), &claims);
        let form = format!(
            "grant_type=client_credentials&client_assertion={assertion}&client_assertion_type=\
             urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
        );
        let answer = client.post("/oauth2/token").form(&form).send().await.expect("an answer");
        assert!(matches!(answer.status, 200 | 401), "{}", answer.text());
        found.push(answer.status == 200);
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_sealed_anew_before_the_old_root_secret_goes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let create = ["client", "create", "robot", "--preset", "machine", "--json"];
    let first = secret_in(&good(folder, &[&create[..], &MACS].concat(), "").await);
    let rotated = good(folder, &["client", "rotate-secret", "robot", "--json"], "").await;
    let second = secret_in(&rotated);
    let both = [first.as_str(), second.as_str()];
    assert_eq!(good_ones(folder, OLD, &[both[0], both[1], BROUGHT]).await, [true, true, false]);
    let lost = command(folder, NEW, &["key", "rewrap"], "").await;
    assert_eq!(lost.status.code(), Some(1), "{}", lost.stderr);
    assert!(lost.stderr.contains("a secret of client robot"), "{}", lost.stderr);
    let listed = format!("{NEW},{OLD}");
    let done = command(folder, &listed, &["key", "rewrap", "--json"], "").await;
    assert!(done.status.success(), "{}", done.stderr);
    assert_eq!(done.stdout.matches("\"client_id\":\"robot\"").count(), 2, "{}", done.stdout);
    let again = command(folder, &listed, &["key", "rewrap"], "").await;
    assert!(again.status.success() && again.stdout.is_empty(), "{}", again.stderr);
    assert_eq!(good_ones(folder, NEW, &both).await, [true, true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_was_shown_until_now_makes_no_macs() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let file = |authentication: &str, secret: &str| {
        format!(
            "[clients.robot]\npreset = \"machine\"\nauthentication = \"{authentication}\"\n{secret}\n"
        )
    };
    let brought = "secret_env = \"BROUGHT\"";
    let apply = ["apply", "-"];
    good(folder, &apply, &file("basic", brought)).await;
    let update = ["client", "update", "robot"];
    let said = good(folder, &[&update[..], &MACS].concat(), "").await;
    assert!(said.stderr.contains("rotate-secret robot"), "{}", said.stderr);
    let refused = command(folder, OLD, &apply, &file("client_secret_jwt", "")).await;
    assert_eq!(refused.status.code(), Some(2), "{}", refused.stderr);
    assert_eq!(good_ones(folder, OLD, &[BROUGHT]).await, [false]);
    let macs = file("client_secret_jwt", brought);
    good(folder, &apply, &macs).await;
    let nothing = good(folder, &apply, &macs).await;
    assert_eq!((nothing.stdout.as_str(), nothing.stderr.as_str()), ("", "no changes\n"));
    assert_eq!(good_ones(folder, OLD, &[BROUGHT]).await, [true]);
    // Shown again, it is a digest and no more: nothing to be sealed anew.
    good(folder, &apply, &file("basic", brought)).await;
    let none = command(folder, NEW, &["key", "rewrap"], "").await;
    assert!(!none.stderr.contains("robot"), "{}", none.stderr);
}
