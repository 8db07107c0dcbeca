//! Exactly once: what eight send at once to several processes is done by one of them, also while one is killed.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::Value;
use tokenhouse_proof::http::{Answer, Client};
use tokenhouse_proof::scenario::place::Place;
use tokenhouse_proof::server::Tokenhouse;
use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::{EventId, SecretId};
use tokenhouse_rules::oauth::client_secret;
use tokenhouse_store::{Location, NewSecret, PostgresOptions, SaveClient, Saved, Trail};
use tokenhouse_suite::authorize::{Code, HOUSE, SECRET, VERIFIER, clients};
use tokenhouse_suite::browser::{Browser, query};
use tokenhouse_suite::oauth_client::Application;
use uuid::Uuid;

use crate::client::api;

const ROOT: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";
const ROUNDS: usize = 100;
/// Who ask at once.
const AT_ONCE: usize = 8;
/// In every so many-th round a process is killed meanwhile.
const KILL_EVERY: usize = 10;
/// Rounds of one line of refresh tokens.
const LINE: usize = 10;

/// Processes on one database that keep their addresses through all their lives.
struct Processes {
    places: Vec<Place>,
    clients: Vec<Client>,
}

impl Processes {
    /// Of which each knows the application of the house.
    async fn start(url: &str, count: usize) -> Self {
        let builder = Tokenhouse::builder()
            .database(url)
            .secret(ROOT)
            .env("PUBLIC_URL", "http://localhost")
            .env("TOKENHOUSE_SIGNING_ALGORITHMS", "ES256")
            .env("TOKENHOUSE_ACCESS_LOG", "off");
        let mut places = Vec::new();
        for number in 0..count {
            let mut place = Place::new(number, builder.clone()).expect("free ports");
            place.start().await.expect("a server");
            places.push(place);
        }
        register(url).await;
        let clients = places.iter().map(|place| Client::fresh(place.addr())).collect();
        Self { places, clients }
    }

    fn first(&self) -> SocketAddr {
        self.places[0].addr()
    }

    /// What eight who send that form at once are answered, as far as they are: `victim` is killed meanwhile, after
    /// `patience`, and replaced.
    async fn at_once(
        &mut self,
        form: &str,
        victim: Option<usize>,
        patience: Duration,
    ) -> Vec<Answer> {
        let clients = &self.clients;
        let asking =
            join_all((0..AT_ONCE).map(|number| token(&clients[number % clients.len()], form)));
        let killing = async {
            if let Some(victim) = victim {
                tokio::time::sleep(patience).await;
                self.places[victim].kill9().await.expect("killed");
                self.places[victim].start().await.expect("another one");
            }
        };
        let (answers, ()) = tokio::join!(asking, killing);
        let answers: Vec<_> = answers.into_iter().flatten().collect();
        assert!(victim.is_some() || answers.len() == AT_ONCE, "only who is killed gives no answer");
        answers
    }

    /// Whether an access token opens anything, by every process the same.
    async fn opens(&self, access: &str) -> bool {
        let asked = self.clients.iter().map(|client| async move {
            let answer = client.get("/oauth2/userinfo").bearer(access).send().await;
            answer.expect("an answer").status
        });
        let statuses = join_all(asked).await;
        assert!(statuses.iter().all(|status| *status == statuses[0]), "{statuses:?}");
        assert!(matches!(statuses[0], 200 | 401), "{statuses:?}");
        statuses[0] == 200
    }
}

/// Makes the application of the house known, as an operator does.
async fn register(url: &str) {
    let location = Location::parse(url).expect("a URL");
    let store = location.open(PostgresOptions::default()).expect("a store");
    let house = clients().into_iter().find(|client| client.id == HOUSE).expect("the house");
    let save = SaveClient {
        id: HOUSE.to_owned(),
        settings: house.settings.to_string(),
        hosts: Vec::new(),
        disabled: false,
        version: None,
        secret: Some(NewSecret {
            id: SecretId::from_uuid(Uuid::from_u128(1)),
            hash: client_secret::hash(SECRET),
        }),
        trail: Trail {
            id: EventId::from_uuid(Uuid::from_u128(1)),
            event: Event::ClientCreated,
            actor: Actor::Operator,
            address: None,
            request_id: None,
        },
    };
    assert_eq!(store.save_client(save).await.expect("the store"), Saved::Done(1));
}

/// One request for tokens; none where the process ended.
async fn token(client: &Client, form: &str) -> Option<Answer> {
    client.post("/oauth2/token").form(form).send().await.ok()
}

fn form(fields: &[(&str, &str)]) -> String {
    let own = [("client_id", HOUSE), ("client_secret", SECRET)];
    query(&[&own, fields].concat())
}

fn redemption(code: &Code) -> String {
    form(&[
        ("grant_type", "authorization_code"),
        ("code", &code.code),
        ("redirect_uri", &code.redirect_uri),
        ("code_verifier", VERIFIER),
    ])
}

fn turn(refresh: &str) -> String {
    form(&[("grant_type", "refresh_token"), ("refresh_token", refresh)])
}

fn member(answer: &Answer, name: &str) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let said: Value = answer.json().expect("JSON");
    said[name].as_str().unwrap_or_else(|| panic!("no {name}: {said}")).to_owned()
}

/// A clean refusal (RFC 6749 §5.2).
fn assert_lost(answer: &Answer) {
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(answer.json().expect("JSON")["error"], "invalid_grant");
}

fn victim(round: usize, processes: usize) -> (Option<usize>, Duration) {
    let victim = (round % KILL_EVERY == KILL_EVERY - 1).then_some(round / KILL_EVERY % processes);
    // From before the first statement to after the last answer.
    (victim, Duration::from_millis(round as u64 / KILL_EVERY as u64))
}

async fn of_eight_who_redeem_a_code_one_wins(url: &str, count: usize) {
    let mut processes = Processes::start(url, count).await;
    let house = Application::new(&api(processes.first()), HOUSE);
    let mut ada = Browser::new(&api(processes.first()));
    ada.newcomer().await;
    for round in 0..ROUNDS {
        let code = house.flow().code(&mut ada).await;
        let (victim, patience) = victim(round, count);
        let answers = processes.at_once(&redemption(&code), victim, patience).await;
        let (won, lost): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
        assert!(won.len() <= 1, "round {round}: {} won", won.len());
        lost.into_iter().for_each(assert_lost);
        // Who was killed may have won, and told nobody.
        assert!(victim.is_some() || won.len() == 1, "round {round}: nobody won");
        for client in &processes.clients {
            assert_lost(&token(client, &redemption(&code)).await.expect("an answer"));
        }
        for winner in won {
            assert!(!processes.opens(&member(winner, "access_token")).await, "round {round}");
            let refresh = turn(&member(winner, "refresh_token"));
            assert_lost(&token(&processes.clients[0], &refresh).await.expect("an answer"));
        }
    }
}

async fn of_eight_who_refresh_all_get_the_same_token(url: &str, count: usize) {
    let mut processes = Processes::start(url, count).await;
    let house = Application::new(&api(processes.first()), HOUSE);
    let mut ada = Browser::new(&api(processes.first()));
    ada.newcomer().await;
    for line in 0..ROUNDS / LINE {
        let given = house.tokens(&house.flow(), &mut ada).await;
        let (mut current, mut access) = (given.refresh.clone(), given.access);
        for round in line * LINE..(line + 1) * LINE {
            let (victim, patience) = victim(round, count);
            let answers = processes.at_once(&turn(&current), victim, patience).await;
            // One more, should none have been answered: the same token gives the same successor.
            let last = token(&processes.clients[round % count], &turn(&current)).await;
            let last = last.expect("an answer");
            let next = member(&last, "refresh_token");
            assert_ne!(next, current, "round {round}");
            for answer in &answers {
                assert_eq!(member(answer, "refresh_token"), next, "round {round}");
            }
            (current, access) = (next, member(&last, "access_token"));
        }
        assert!(processes.opens(&access).await, "line {line}");
        // The first one was turned long ago: whoever has it now stole it, or was robbed.
        for client in &processes.clients {
            assert_lost(&token(client, &turn(&given.refresh)).await.expect("an answer"));
        }
        assert_lost(&token(&processes.clients[0], &turn(&current)).await.expect("an answer"));
        assert!(!processes.opens(&access).await, "line {line}");
    }
}

mod on_sqlite {
    fn url(folder: &std::path::Path) -> String {
        format!("sqlite:{}", folder.join("test.db").display())
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_eight_who_redeem_a_code_at_two_processes_one_wins() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        super::of_eight_who_redeem_a_code_one_wins(&url(folder.path()), 2).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_eight_who_refresh_at_two_processes_all_get_the_same_token() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        super::of_eight_who_refresh_all_get_the_same_token(&url(folder.path()), 2).await;
    }
}

#[cfg(feature = "real-servers")]
mod on_postgres {
    use tokenhouse_proof::postgres;

    async fn url() -> String {
        let cluster = postgres::shared().await.expect("PostgreSQL");
        cluster.fresh_database().await.expect("a database")
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_eight_who_redeem_a_code_at_three_processes_one_wins() {
        super::of_eight_who_redeem_a_code_one_wins(&url().await, 3).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn of_eight_who_refresh_at_three_processes_all_get_the_same_token() {
        super::of_eight_who_refresh_all_get_the_same_token(&url().await, 3).await;
    }
}
