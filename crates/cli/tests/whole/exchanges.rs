//! What an exchange of tokens costs the database, and what is told of it while that is away.

use serde_json::json;
use tokenhouse_proof::http::{Answer, Client};
use tokenhouse_proof::postgres::{Cluster, Options, StopMode};
use tokenhouse_proof::server::Tokenhouse;

use crate::client::{Cli, register};

const SECRET: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
const DATABASE: &str = "exchanges";
const COUNT: &str = "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s
    JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = 'exchanges'";
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
    let options = Options { statement_statistics: true, ..Options::quick() };
    let mut cluster = Cluster::start(options).await.expect("PostgreSQL");
    cluster.create_database(DATABASE).await.expect("a database");
    cluster.psql("postgres", "CREATE EXTENSION pg_stat_statements").await.expect("an extension");
    let url = cluster.url(DATABASE);
    let server = Tokenhouse::builder()
        .database(&url)
        .secret(SECRET)
        .arg("--no-worker")
        .env("TOKENHOUSE_SIGNING_ALGORITHMS", "ES256");
    let server = server.start().await.expect("a server");
    let client = Client::kept(server.addr());
    let made = ["client", "create", "gate", "--preset", "machine", "--token-exchange", "orders"];
    let printed = Cli(url).good(&made, "").await;
    let line = printed.lines().find_map(|line| line.strip_prefix("client_secret"));
    let secret = line.expect("a secret").trim();
    let session = register(&client, "ada").await;
    for (token, status) in [(session.as_str(), 200), ("ths_x", 400)] {
        let answer = exchange(&client, secret, token).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        cluster.psql("postgres", "SELECT pg_stat_statements_reset()").await.expect("a reset");
        for _ in 0..MANY {
            assert_eq!(exchange(&client, secret, token).await.status, status);
        }
        let calls = cluster.psql("postgres", COUNT).await.expect("a count");
        let calls: i64 = calls.trim().parse().expect("a number");
        // The keys that sign are read again every ten seconds.
        assert!((MANY..MANY + 5).contains(&calls), "{token}: {calls}");
    }
    cluster.stop(StopMode::Kill).await.expect("killed");
    for token in [session.as_str(), "ths_x"] {
        let trouble = exchange(&client, secret, token).await;
        assert_eq!(trouble.status, 503, "{}", trouble.text());
        assert_eq!(trouble.json().expect("JSON")["error"], json!("temporarily_unavailable"));
    }
}
