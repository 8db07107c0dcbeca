//! What an exchange of tokens costs the database, and what is told of it while that is away.

use serde_json::json;
use tokenhouse_proof::http::{Answer, Client};

use crate::client::{Cli, register};
use crate::counted::Counted;

const MANY: i64 = 50;

async fn exchange(client: &Client, secret: &str, token: &str) -> Answer {
    let form = format!(
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&client_id=gate\
         &client_secret={secret}&subject_token={token}\
         &subject_token_type=urn%3Atokenhouse%3Atoken-type%3Asession&audience=orders"
    );
    client.post("/oauth2/token").form(&form).send().await.expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_is_one_statement_and_while_the_database_is_away_no_token_is_worth_less() {
    let mut database = Counted::start().await;
    let server = database.server().env("TOKENHOUSE_SIGNING_ALGORITHMS", "ES256");
    let server = server.start().await.expect("a server");
    let client = Client::kept(server.addr());
    let made = ["client", "create", "gate", "--preset", "machine", "--token-exchange", "orders"];
    let printed = Cli(database.url()).good(&made, "").await;
    let line = printed.lines().find_map(|line| line.strip_prefix("client_secret"));
    let secret = line.expect("a secret").trim();
    let session = register(&client, "ada").await;
    for (token, status) in [(session.as_str(), 200), ("ths_x", 400)] {
        let answer = exchange(&client, secret, token).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        let calls = database
            .calls(async || {
                for _ in 0..MANY {
                    assert_eq!(exchange(&client, secret, token).await.status, status);
                }
            })
            .await;
        // The keys that sign are read again every ten seconds.
        assert!((MANY..MANY + 5).contains(&calls), "{token}: {calls}");
    }
    database.kill().await;
    for token in [session.as_str(), "ths_x"] {
        let trouble = exchange(&client, secret, token).await;
        assert_eq!(trouble.status, 503, "{}", trouble.text());
        assert_eq!(trouble.json().expect("JSON")["error"], json!("temporarily_unavailable"));
    }
}
