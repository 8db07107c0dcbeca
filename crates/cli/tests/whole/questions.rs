//! What a proxy's question costs the database, and what it is told while that is away.

use serde_json::json;
use tokenhouse_proof::http::{Answer, Client};
use tokenhouse_suite::PASSWORD;
use tokenhouse_suite::browser::Browser;

use crate::client::{Cli, api, register};
use crate::counted::Counted;

const COOKIE: &str = "tokenhouse-forward";
const MANY: i64 = 50;

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
    let mut database = Counted::start().await;
    let server = database
        .server()
        .env("PUBLIC_URL", "http://login.localhost")
        .env("TRUSTED_PROXIES", "127.0.0.1")
        .env("TOKENHOUSE_COOKIE_DOMAIN", "localhost");
    let server = server.start().await.expect("a server");
    let client = Client::kept(server.addr());
    let made = ["client", "create", "app", "--preset", "proxy", "--host", "app.localhost"];
    Cli(database.url()).good(&made, "").await;
    register(&client, "ada").await;
    let mut ada = Browser::at(&api(server.addr()), "login.localhost");
    assert_eq!(ada.sign_in("ada", PASSWORD).await.path, "/account");
    let known = format!("{COOKIE}={}", ada.cookies[COOKIE]);

    let garbage = format!("{COOKIE}=thf_x");
    for (cookie, status) in [(known.as_str(), 200), ("a=b", 401), (garbage.as_str(), 401)] {
        // Once without counting, for what a connection asks when it is new.
        assert_eq!(ask(&client, cookie).await.status, status);
        let calls = database
            .calls(async || {
                for _ in 0..MANY {
                    assert_eq!(ask(&client, cookie).await.status, status);
                }
            })
            .await;
        assert_eq!(calls, MANY, "{cookie}");
    }

    database.kill().await;
    for cookie in [known.as_str(), "a=b", garbage.as_str()] {
        let trouble = ask(&client, cookie).await;
        assert_eq!(trouble.status, 503, "{}", trouble.text());
        assert_eq!(trouble.json().expect("JSON")["code"], json!("database_unavailable"));
        assert!(trouble.header("retry-after").is_some() && trouble.header("location").is_none());
    }
}
