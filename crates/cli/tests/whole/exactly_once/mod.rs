//! Exactly once: what eight send at once to several processes is done by one of them, also while one is killed. Each
//! file is about one kind of thing that is good once, and about who comes later.

mod asking;
mod assertions;
mod codes;
mod devices;
mod proofs;
mod pushed;

use std::time::Duration;

use futures_util::future::join_all;
use tokenhouse_proof::http::{Answer, Client};
use tokenhouse_proof::scenario::place::Place;
use tokenhouse_proof::server::Tokenhouse;
use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::{EventId, SecretId};
use tokenhouse_rules::oauth::client_secret;
use tokenhouse_store::{Location, NewSecret, PostgresOptions, SaveClient, Saved, Store, Trail};
use tokenhouse_suite::Api;
use tokenhouse_suite::authorize::{HOUSE, Registered, clients};
use tokenhouse_suite::device::TERMINAL;
use tokenhouse_suite::oauth_client::MACHINE;
use uuid::Uuid;

use self::asking::{Asking, assert_refused, member, turn};
use crate::client::{ROOT, api};

/// What the servers call themselves.
const ISSUER: &str = "http://localhost";
const ROUNDS: usize = 100;
/// Who ask at once.
const AT_ONCE: usize = 8;
/// In every so many-th round a process is killed meanwhile.
const KILL_EVERY: usize = 10;

/// Makes a test of each case on each engine: `async fn case(processes: Processes)`, with two processes on SQLite and
/// three on PostgreSQL.
macro_rules! on_both_engines {
    ($($case:ident),* $(,)?) => {
        mod on_sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $case() {
                    let folder = tempfile::tempdir().expect("a temporary folder");
                    let url = format!("sqlite:{}", folder.path().join("test.db").display());
                    super::$case($crate::exactly_once::Processes::start(&url, 2).await).await;
                }
            )*
        }

        #[cfg(feature = "real-servers")]
        mod on_postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $case() {
                    let cluster = tokenhouse_proof::postgres::shared().await.expect("PostgreSQL");
                    let url = cluster.fresh_database().await.expect("a database");
                    super::$case($crate::exactly_once::Processes::start(&url, 3).await).await;
                }
            )*
        }
    };
}
pub(crate) use on_both_engines;

/// Processes on one database that keep their addresses through all their lives.
struct Processes {
    places: Vec<Place>,
    clients: Vec<Client>,
}

/// How something that is good once is answered.
#[derive(Clone, Copy)]
struct Once {
    is_won: fn(&Answer) -> bool,
    /// Asserts that it was refused as its specification wants it.
    assert_lost: fn(&Answer),
}

/// For which tokens are given, or `invalid_grant` (RFC 6749 §5.2).
const GRANT: Once = Once {
    is_won: |answer| answer.status == 200,
    assert_lost: |answer| assert_refused(answer, 400, "invalid_grant"),
};

impl Processes {
    /// Of which each knows the applications that ask.
    async fn start(url: &str, count: usize) -> Self {
        let builder = Tokenhouse::builder()
            .database(url)
            .secret(ROOT)
            .env("PUBLIC_URL", ISSUER)
            .env("TOKENHOUSE_SIGNING_ALGORITHMS", "ES256")
            // A hundred devices of one person are a lot.
            .env("TOKENHOUSE_LOGIN_LIMIT_ACCOUNT", "off")
            .env("TOKENHOUSE_LOGIN_LIMIT_ADDRESS", "off")
            .env("TOKENHOUSE_ACCESS_LOG", "off");
        let mut places = Vec::new();
        for number in 0..count {
            let mut place = Place::new(number, builder.clone()).expect("free ports");
            place.start().await.expect("a server");
            places.push(place);
        }
        let location = Location::parse(url).expect("a URL");
        let store = location.open(PostgresOptions::default()).expect("a store");
        for (number, application) in (1..).zip(known()) {
            register(&*store, Uuid::from_u128(number), application).await;
        }
        let clients = places.iter().map(|place| Client::fresh(place.addr())).collect();
        Self { places, clients }
    }

    /// The suite's way to the first of them.
    fn api(&self) -> Api {
        api(self.places[0].addr())
    }

    /// Asks one of them, whichever's turn it is.
    async fn ask(&self, round: usize, asking: &Asking) -> Answer {
        let client = &self.clients[round % self.clients.len()];
        asking.send(client).await.expect("an answer")
    }

    /// What eight are answered who send that at once; fewer, where one was killed meanwhile and replaced.
    async fn at_once(&mut self, round: usize, asking: &Asking) -> Vec<Answer> {
        let clients = &self.clients;
        let sending =
            join_all((0..AT_ONCE).map(|number| asking.send(&clients[number % clients.len()])));
        let killing = async {
            if is_deadly(round) {
                let victim = &mut self.places[round / KILL_EVERY % clients.len()];
                // From before the first statement to after the last answer.
                tokio::time::sleep(Duration::from_millis((round / KILL_EVERY) as u64)).await;
                victim.kill9().await.expect("killed");
                victim.start().await.expect("another one");
            }
        };
        let (answers, ()) = tokio::join!(sending, killing);
        let answers: Vec<_> = answers.into_iter().flatten().collect();
        assert!(is_deadly(round) || answers.len() == AT_ONCE, "only who is killed gives no answer");
        answers
    }

    /// Eight send it at once and one wins, and whoever sends it later loses, at each process. What the winner was
    /// answered: it may have been killed before it told.
    async fn one_wins(&mut self, round: usize, asking: &Asking, once: Once) -> Option<Answer> {
        let answers = self.at_once(round, asking).await;
        let (mut won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(once.is_won);
        assert!(won.len() <= 1, "round {round}: {} won", won.len());
        let is_whole = won.len() + lost.len() == AT_ONCE;
        assert!(!is_whole || won.len() == 1, "round {round}: nobody won: {lost:?}");
        lost.iter().for_each(once.assert_lost);
        for number in 0..self.clients.len() {
            (once.assert_lost)(&self.ask(number, asking).await);
        }
        won.pop()
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

    /// Asserts that what that client was given is worth nothing any more (RFC 6749 §4.1.2).
    async fn assert_ended(&self, client: &str, given: &Answer) {
        assert!(!self.opens(&member(given, "access_token")).await);
        let refresh = turn(client, &member(given, "refresh_token"));
        (GRANT.assert_lost)(&self.ask(0, &refresh).await);
    }
}

/// Whether a process is killed in that round.
const fn is_deadly(round: usize) -> bool {
    round % KILL_EVERY == KILL_EVERY - 1
}

/// The applications that ask.
fn known() -> Vec<Registered> {
    let of_suite = [HOUSE, MACHINE, TERMINAL];
    let mut known = clients();
    known.retain(|client| of_suite.contains(&client.id));
    known.push(assertions::robot());
    known
}

/// Makes an application known, as an operator does.
async fn register(store: &dyn Store, id: Uuid, application: Registered) {
    let secret = application.secret.map(|secret| NewSecret {
        id: SecretId::from_uuid(id),
        hash: client_secret::hash(secret),
        sealed: None,
    });
    let save = SaveClient {
        id: application.id.to_owned(),
        settings: application.settings.to_string(),
        hosts: Vec::new(),
        disabled: false,
        version: None,
        secret,
        trail: Trail {
            id: EventId::from_uuid(id),
            event: Event::ClientCreated,
            actor: Actor::Operator,
            address: None,
            request_id: None,
        },
    };
    assert_eq!(store.save_client(save).await.expect("the store"), Saved::Done(1));
}
