//! The first administrator: by a link, by the configuration, and never twice.

use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tokenhouse_proof::http::Client;
use tokenhouse_proof::output::Lines;
use tokenhouse_proof::server::{Tokenhouse, run};
use tokenhouse_suite::PASSWORD;
use tokenhouse_suite::browser::Browser;

use crate::client::{Cli, api, on, register};

const LONG: Duration = Duration::from_secs(30);
const WEAK: &str = "tokenhouse";

fn database(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("test.db").display())
}

/// The path of the first link for setting up in what a server prints.
async fn link_of(stderr: &Lines) -> String {
    let link = |line: &str| line.find("/setup/thl_").map(|at| line[at..].trim().to_owned());
    stderr.wait_for(LONG, link).await.expect("a link")
}

/// A server that prints to people, as `serve` does by itself.
async fn printing(folder: &Path, processes: &str) -> Tokenhouse {
    let server = on(folder).arg("--processes").arg(processes).without_env("LOG_FORMAT");
    server.start().await.expect("a server")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_banner_holds_a_link_that_makes_the_first_administrator_once() {
    for processes in ["1", "3"] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let server = printing(folder.path(), processes).await;
        let path = link_of(server.stderr()).await;
        let api = api(server.addr());
        let mut browser = Browser::new(&api);
        let page = browser.open(&path).await;
        assert_eq!(page.answer.status, 200, "{}", page.html);
        let typed = [("username", "ada"), ("email", "ada@example.org"), ("password", PASSWORD)];
        let page = browser.submit(&page, &path, &typed).await;
        assert_eq!(page.path, "/account?said=set-up", "{}", page.html);
        let again = Browser::new(&api).open(&path).await;
        assert_eq!(again.answer.status, 410, "{}", again.html);
        let cli = Cli(database(folder.path()));
        assert!(cli.good(&["admin", "list"], "").await.contains("ada@example.org"));
        assert_eq!(cli.run(&["admin", "setup-link"], "").await.status.code(), Some(5));
        drop(server);
        let next = printing(folder.path(), processes).await;
        let sentence = |line: &str| line.contains("Ctrl-C").then_some(());
        next.stderr().wait_for(LONG, sentence).await.expect("the banner");
        assert!(!next.error_lines().iter().any(|line| line.contains("/setup/")), "closed for good");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_names_the_command_and_holds_no_link() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for processes in ["1", "2"] {
        let server = on(folder.path()).arg("--processes").arg(processes).start().await;
        let server = server.expect("a server");
        let said = server.wait_for_event("tokenhouse.setup.open", LONG).await.expect("it says so");
        assert_eq!(said["tokenhouse.setup.command"], "tokenhouse admin setup-link");
        let lines = [server.lines(), server.error_lines()].concat();
        assert!(!lines.iter().any(|line| line.contains("thl_")));
        let told = server.events("tokenhouse.setup.open").len();
        assert_eq!(told, 1, "one of them says so");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn setup_closes_with_the_first_administrator_and_the_last_one_stays() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = on(folder.path()).start().await.expect("a server");
    let client = Client::fresh(server.addr());
    register(&client, "ada").await;
    register(&client, "bob").await;
    let cli = Cli(database(folder.path()));
    let link = cli.good(&["admin", "setup-link", "--json"], "").await;
    let link: Value = serde_json::from_str(&link).expect("JSON");
    assert!(link["link"].as_str().is_some_and(|link| link.contains("/setup/thl_")), "{link}");
    assert_eq!(link["expires_in"], 1800);
    let refused = async |args: &[&str]| {
        let output = cli.run(args, "").await;
        assert_eq!(output.status.code(), Some(5), "{args:?}: {}", output.stderr);
    };
    refused(&["admin", "revoke", "ada"]).await;
    cli.good(&["admin", "grant", "ada"], "").await;
    refused(&["admin", "setup-link"]).await;
    refused(&["admin", "revoke", "ada"]).await;
    refused(&["user", "delete", "ada", "--yes"]).await;
    cli.good(&["admin", "grant", "bob"], "").await;
    assert_eq!(cli.good(&["admin", "list", "--json"], "").await.lines().count(), 2);
    cli.good(&["user", "delete", "ada", "--yes"], "").await;
    refused(&["admin", "revoke", "bob"]).await;
    let shown = cli.good(&["user", "get", "bob", "--json"], "").await;
    assert!(shown.contains(r#""administrator":true"#), "{shown}");
    let audit = cli.good(&["audit", "--json"], "").await;
    for event in ["setup.link_created", "administrator.granted"] {
        assert!(audit.contains(&format!("\"{event}\"")), "{event}: {audit}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_processes_that_start_at_once_one_makes_the_first_administrator() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let start = |password: &str| {
        let server = on(folder.path()).env("BOOTSTRAP_ADMIN_EMAIL", "Ada@example.org");
        server.env("BOOTSTRAP_ADMIN_PASSWORD", password).start()
    };
    let started = join_all((0..4).map(|_| start(PASSWORD))).await;
    let servers: Vec<Tokenhouse> = started.into_iter().map(|one| one.expect("a server")).collect();
    let cli = Cli(database(folder.path()));
    let audit = cli.good(&["audit", "--json"], "").await;
    assert_eq!(audit.matches("\"setup.completed\"").count(), 1, "{audit}");
    assert_eq!(cli.good(&["admin", "list"], "").await.lines().count(), 1);
    let login = async |server: &Tokenhouse, password: &str| {
        let body = json!({ "username": "ada@example.org", "password": password });
        let asked = Client::fresh(server.addr()).post_json("/login", &body).send().await;
        asked.expect("an answer").status
    };
    for server in &servers {
        assert_eq!(login(server, PASSWORD).await, 200);
        assert!(server.events("tokenhouse.setup.open").is_empty());
    }
    let later = start(WEAK).await.expect("what closed setup says nothing any more");
    assert_eq!(login(&later, PASSWORD).await, 200);
    assert_eq!(login(&later, WEAK).await, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_becomes_administrator_by_having_registered_the_address_before() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = on(folder.path()).start().await.expect("a server");
    let body = json!({ "username": "mallory", "password": PASSWORD, "email": "ada@example.org" });
    let asked = Client::fresh(server.addr()).post_json("/register", &body).send().await;
    assert_eq!(asked.expect("an answer").status, 201);
    drop(server);
    let server = on(folder.path()).env("BOOTSTRAP_ADMIN_EMAIL", "ada@example.org");
    let server = server.env("BOOTSTRAP_ADMIN_PASSWORD", PASSWORD).start().await;
    let server = server.expect("a server");
    for event in ["tokenhouse.setup.bootstrap_failed", "tokenhouse.setup.open"] {
        server.wait_for_event(event, LONG).await.expect("it says so");
    }
    assert_eq!(Cli(database(folder.path())).good(&["admin", "list"], "").await, "");
}

#[tokio::test]
async fn a_first_administrator_that_cannot_be_is_a_wrong_configuration() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = database(folder.path());
    let (email, password) = ("BOOTSTRAP_ADMIN_EMAIL", "BOOTSTRAP_ADMIN_PASSWORD");
    for (envs, named) in [
        (vec![(email, "ada@example.org")], password),
        (vec![(password, PASSWORD)], email),
        (vec![(email, "nobody"), (password, PASSWORD)], email),
        (vec![(email, "ada@example.org"), (password, WEAK)], password),
    ] {
        for command in [&["config", "check"][..], &["serve", "--listen", "127.0.0.1:0"]] {
            let mut envs = envs.clone();
            envs.extend([("DATABASE_URL", url.as_str()), ("MANAGEMENT_LISTEN", "off")]);
            let output = run(command, &envs, "").await.expect("it runs");
            assert_eq!(output.status.code(), Some(78), "{command:?}: {}", output.stderr);
            assert!(output.stderr.contains(named), "{}", output.stderr);
            let said = output.stderr.rsplit("tokenhouse:").next().unwrap_or_default();
            assert!(!said.contains(PASSWORD) && !said.contains(WEAK), "{said}");
        }
    }
}
