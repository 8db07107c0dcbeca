//! The keys that sign, looked after by commands.

use std::collections::BTreeSet;
use std::path::Path;

use futures_util::future::join_all;
use serde_json::Value;
use tokenhouse_proof::application::{Application, PUBLIC_URL};
use tokenhouse_proof::http::Client;
use tokenhouse_proof::server::{Output, run};

use crate::client::on;

const ALGORITHMS: (&str, &str) = ("TOKENHOUSE_SIGNING_ALGORITHMS", "ES256");
const OLD: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
const NEW: &str = "k2:YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU";

/// Runs a command over the database of a folder.
async fn command(folder: &Path, secret: &str, args: &[&str]) -> Output {
    let url = format!("sqlite:{}", folder.join("test.db").display());
    let envs = [("DATABASE_URL", url.as_str()), ("TOKENHOUSE_SECRET", secret), ALGORITHMS];
    run(args, &envs, "").await.expect("the binary runs")
}

/// What a command prints that succeeds.
async fn good(folder: &Path, args: &[&str]) -> String {
    let output = command(folder, OLD, args).await;
    assert!(output.status.success(), "{args:?}: {}", output.stderr);
    output.stdout
}

async fn code(folder: &Path, args: &[&str]) -> Option<i32> {
    command(folder, OLD, args).await.status.code()
}

/// The keys in their order, and what each does.
async fn listed(folder: &Path) -> Vec<(String, String, bool)> {
    let list = good(folder, &["key", "list", "--json"]).await;
    let read = |line: &str| {
        let key: Value = serde_json::from_str(line).expect("JSON");
        let text = |name: &str| key[name].as_str().expect("a text").to_owned();
        (text("kid"), text("stage"), key["signs"] == true)
    };
    list.lines().map(read).collect()
}

/// Makes a key; its `kid`.
async fn rotated(folder: &Path, more: &[&str]) -> String {
    good(folder, &[&["key", "rotate"], more].concat()).await.trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_and_servers_know_the_same_keys() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = on(folder.path()).secret(OLD).env(ALGORITHMS.0, ALGORITHMS.1).start().await;
    let server = server.expect("a server");
    let client = Client::fresh(server.addr());
    let answer = client.get("/oauth2/jwks").send().await.expect("an answer");
    let served = answer.json().expect("JSON");
    assert_eq!(served["keys"].as_array().map(Vec::len), Some(1), "{served}");
    let printed = good(folder.path(), &["key", "jwks", "--json"]).await;
    assert_eq!(serde_json::from_str::<Value>(&printed).expect("JSON"), served);
    assert!(!printed.contains("\"d\""), "the private half is no one's business");
    let kid = served["keys"][0]["kid"].as_str().expect("a kid").to_owned();
    assert_eq!(listed(folder.path()).await, [(kid, "active".to_owned(), true)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_is_published_before_it_signs_unless_there_is_hurry() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let first = rotated(folder, &[]).await;
    let second = rotated(folder, &[]).await;
    let key = |kid: &String, stage: &str, signs: bool| (kid.clone(), stage.to_owned(), signs);
    let before = [key(&first, "active", true), key(&second, "published", false)];
    assert_eq!(listed(folder).await, before);
    let ended = async |kid: &str, more: &[&str]| {
        code(folder, &[&["key", "retire", kid], more].concat()).await
    };
    assert_eq!(ended(&first, &["--yes"]).await, Some(5), "nothing would sign");
    let third = rotated(folder, &["--now"]).await;
    assert_eq!(ended(&first, &[]).await, Some(2), "it asks first");
    assert_eq!(ended(&first, &["--yes"]).await, Some(0));
    assert_eq!(ended(&first, &["--yes"]).await, Some(5), "it signs no more already");
    assert_eq!(ended("nothing", &["--yes"]).await, Some(1));
    let after = [
        key(&first, "retired", false),
        key(&second, "published", false),
        key(&third, "active", true),
    ];
    assert_eq!(listed(folder).await, after);
    let fourth = rotated(folder, &["--now", "--algorithm", "ES256"]).await;
    assert_eq!(ended(&third, &["--keep", "0", "--yes"]).await, Some(0));
    let kids: Vec<String> = listed(folder).await.into_iter().map(|(kid, ..)| kid).collect();
    assert_eq!(kids, [first, second, fourth], "what was stolen is good for nothing at once");
    let audit = good(folder, &["audit", "--json"]).await;
    assert_eq!(audit.matches("\"key.created\"").count(), 4, "{audit}");
    assert_eq!(audit.matches("\"key.retired\"").count(), 2, "{audit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_that_rotate_at_once_no_two_make_the_same_number() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    good(folder.path(), &["db", "migrate"]).await;
    let codes = join_all((0..6).map(|_| code(folder.path(), &["key", "rotate"]))).await;
    let made = codes.iter().filter(|code| **code == Some(0)).count();
    assert!(made > 0 && codes.iter().all(|code| matches!(code, Some(0 | 5))), "{codes:?}");
    assert_eq!(listed(folder.path()).await.len(), made);
}

#[tokio::test(flavor = "multi_thread")]
async fn private_keys_are_sealed_anew_before_the_old_root_secret_goes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let kid = rotated(folder, &[]).await;
    let rewrap = async |secret: &str| command(folder, secret, &["key", "rewrap"]).await;
    let lost = rewrap(NEW).await;
    assert_eq!(lost.status.code(), Some(1), "{}", lost.stderr);
    assert!(lost.stderr.contains(&kid), "{}", lost.stderr);
    let both = format!("{NEW},{OLD}");
    assert_eq!(rewrap(&both).await.stdout.trim(), kid);
    let again = rewrap(&both).await;
    assert!(again.status.success() && again.stdout.is_empty(), "{}", again.stderr);

    let machine = ["client", "create", "robot", "--preset", "machine", "--json"];
    let made = good(folder, &[&machine[..], &["--set", "access_token=jwt"]].concat()).await;
    let made: Value = serde_json::from_str(&made).expect("JSON");
    let secret = made["client_secret"].as_str().expect("a secret");
    let server = on(folder).secret(NEW).env(ALGORITHMS.0, ALGORITHMS.1).start().await;
    let server = server.expect("a server");
    let form = format!("grant_type=client_credentials&client_id=robot&client_secret={secret}");
    let client = Client::fresh(server.addr());
    let answer = client.post("/oauth2/token").form(&form).send().await.expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(listed(folder).await.len(), 1, "the same key signs on");
}

/// In the second roll-out of a change some processes write with the new key, and others with the old one.
#[tokio::test(flavor = "multi_thread")]
async fn processes_between_two_root_secrets_give_one_text_of_the_next_refresh_token() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let start = async |secrets: &str| {
        let server = on(folder).secret(secrets).env(ALGORITHMS.0, ALGORITHMS.1);
        server.env("PUBLIC_URL", PUBLIC_URL).start().await.expect("a server")
    };
    let both = format!("{NEW},{OLD}");
    let servers = [start(&format!("{OLD},{NEW}")).await, start(&both).await];
    let clients = servers.each_ref().map(|server| Client::fresh(server.addr()));
    let url = format!("sqlite:{}", folder.join("test.db").display());
    let application = Application::register(&url, 1).await.expect("an application");
    let person = application.newcomer(&clients[0]).await.expect("somebody");
    let code = application.authorize(&clients[0], &person).await.expect("a code");
    let grant = application.redeem(&clients[0], &code).await.expect("a grant");
    let mut current = grant.refresh.clone();
    for round in 0..4 {
        let at_once = (0..8)
            .map(|number| application.refresh(&clients[(round + number) % 2], &grant, &current));
        let mut given: Vec<_> = join_all(at_once).await;
        for client in &clients {
            given.push(application.refresh(client, &grant, &current).await);
        }
        let texts = given.into_iter().map(|given| given.expect("tokens").0);
        let mut texts: BTreeSet<_> = texts.collect();
        assert_eq!(texts.len(), 1, "round {round}");
        current = texts.pop_first().expect("a token");
    }
    let (last, _) = application.refresh(&clients[1], &grant, &current).await.expect("tokens");
    assert!(command(folder, &both, &["key", "rewrap"]).await.status.success());
    let after = start(NEW).await;
    let alone = Client::fresh(after.addr());
    assert!(application.refresh(&alone, &grant, &last).await.is_some(), "the old key is gone");
}
