//! What a proxy's question costs the database, and what it is told while that is away.

use serde_json::json;
use tokenhouse_proof::http::{Answer, Client};
use tokenhouse_proof::postgres::{Cluster, Options, StopMode};
use tokenhouse_proof::server::Tokenhouse;
use tokenhouse_suite::PASSWORD;
use tokenhouse_suite::browser::Browser;

use crate::client::{Cli, api, register};

const SECRET: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
const DATABASE: &str = "questions";
const COOKIE: &str = "tokenhouse-forward";
const COUNT: &str = "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s
    JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = 'questions'";
const MANY: usize = 50;

/// Asks whether somebody with this cookie may see a page, as Traefik does.
async fn ask(client: &Client, cookie: &str) -> Answer {
    let asking = client
        .get("/api/authz/forward-auth")
        .header("x-forwarded-method", "GET")
        .header("x-forwarded-proto", "http")
        .header("x-forwarded-host", "app.localhost")
        .header("x-forwarded-uri", "/page?a=b")
        .header("cookie", cookie);
    asking.send().await.expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_one_statement_and_while_the_database_is_away_it_is_neither_yes_nor_no() {
    let options = Options { statement_statistics: true, ..Options::quick() };
    let mut cluster = Cluster::start(options).await.expect("PostgreSQL");
    cluster.create_database(DATABASE).await.expect("a database");
    cluster.psql("postgres", "CREATE EXTENSION pg_stat_statements").await.expect("an extension");
    let url = cluster.url(DATABASE);
    let server = Tokenhouse::builder()
        .database(&url)
        .secret(SECRET)
        // Background tasks have statements of their own.
        .arg("--no-worker")
        .env("PUBLIC_URL", "http://login.localhost")
        .env("TRUSTED_PROXIES", "127.0.0.1")
        .env("TOKENHOUSE_COOKIE_DOMAIN", "localhost");
    let server = server.start().await.expect("a server");
    let client = Client::kept(server.addr());
    let made = ["client", "create", "app", "--preset", "proxy", "--host", "app.localhost"];
    Cli(url).good(&made, "").await;
    register(&client, "ada").await;
    let mut ada = Browser::at(&api(server.addr()), "login.localhost");
    assert_eq!(ada.sign_in("ada", PASSWORD).await.path, "/account");
    let known = format!("{COOKIE}={}", ada.cookies[COOKIE]);

    let garbage = format!("{COOKIE}=thf_x");
    for (cookie, status) in [(known.as_str(), 200), ("a=b", 401), (garbage.as_str(), 401)] {
        // Once without counting, for what a connection asks when it is new.
        assert_eq!(ask(&client, cookie).await.status, status);
        cluster.psql("postgres", "SELECT pg_stat_statements_reset()").await.expect("a reset");
        for _ in 0..MANY {
            assert_eq!(ask(&client, cookie).await.status, status);
        }
        let calls = cluster.psql("postgres", COUNT).await.expect("a count");
        assert_eq!(calls.trim(), MANY.to_string(), "{cookie}");
    }

    cluster.stop(StopMode::Kill).await.expect("killed");
    for cookie in [known.as_str(), "a=b", garbage.as_str()] {
        let trouble = ask(&client, cookie).await;
        assert_eq!(trouble.status, 503, "{}", trouble.text());
        assert_eq!(trouble.json().expect("JSON")["code"], json!("database_unavailable"));
        assert!(trouble.header("retry-after").is_some() && trouble.header("location").is_none());
    }
}
