//! Two apps that share nothing but the database and the root secret.

#![expect(clippy::disallowed_types, reason = "counts whose turn it is")]

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use futures_util::FutureExt;
use http::Request;
use http_body_util::BodyExt;
use tokenhouse_processes::connections::PeerAddr;
use tokenhouse_processes::identity::ProcessId;
use tokenhouse_processes::lifecycle::Lifecycle;
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_rules::oauth::jwk::Algorithm;
use tokenhouse_server::app::{App, Shared};
use tokenhouse_server::hashing::{Cost, Hashing};
use tokenhouse_server::log::{Format, Level, Sink};
use tokenhouse_server::mail::Mailing;
use tokenhouse_server::metrics::Metrics;
use tokenhouse_server::oauth::Keyring;
use tokenhouse_server::pages::{Files, Pages};
use tokenhouse_server::router;
use tokenhouse_server::settings::Settings;
use tokenhouse_store::{Location, PostgresOptions, Store};
use tokenhouse_suite::Answer;
use tokenhouse_suite::Api;
use tower::ServiceExt;

const SECRET: &str = "k1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

/// Two apps over a new SQLite file, which lives as long as the second value.
pub(crate) async fn on_sqlite() -> (Api, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    (alternating(&url).await, folder)
}

/// Two apps over a new PostgreSQL database.
#[cfg(feature = "real-servers")]
pub(crate) async fn on_postgres() -> (Api, ()) {
    (alternating(&new_database().await).await, ())
}

/// The URL of a new PostgreSQL database.
#[cfg(feature = "real-servers")]
#[expect(clippy::disallowed_methods, reason = "tests are told where the server is")]
async fn new_database() -> String {
    let server = std::env::var("TOKENHOUSE_TEST_POSTGRES")
        .expect("TOKENHOUSE_TEST_POSTGRES names the PostgreSQL server; `make test` sets it");
    let (client, connection) = tokio_postgres::connect(&server, tokio_postgres::NoTls)
        .await
        .expect("the test server answers");
    tokio::spawn(connection);
    let name = format!("t{}", uuid::Uuid::new_v4().simple());
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a new database");
    let (base, _) = server.rsplit_once('/').expect("a URL with a database");
    format!("{base}/{name}")
}

/// An engine to try something on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    Sqlite,
    #[cfg(feature = "real-servers")]
    Postgres,
}

/// Two apps over a new database, which keep their mails to be read, and one of them to look into.
pub(crate) struct Stage {
    pub api: Api,
    pub app: App,
    _folder: tempfile::TempDir,
}

impl Place {
    /// A stage with other settings.
    pub(crate) async fn stage(self, adjust: impl Fn(&mut Settings)) -> Stage {
        self.logging(adjust, std::io::sink).await
    }

    /// The same; what is logged goes there.
    pub(crate) async fn logging<W: Write + Send + 'static>(
        self,
        adjust: impl Fn(&mut Settings),
        log: impl Fn() -> W,
    ) -> Stage {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = match self {
            Self::Sqlite => format!("sqlite:{}", folder.path().join("test.db").display()),
            #[cfg(feature = "real-servers")]
            Self::Postgres => new_database().await,
        };
        let settings = || {
            let mut settings = Settings { mailing: Mailing::Outbox, ..cheap() };
            adjust(&mut settings);
            settings
        };
        let one = app_with(&url, log(), settings()).await;
        let other = app_with(&url, log(), settings()).await;
        let api = asking([router::router(one.clone()), router::router(other)]);
        Stage { api, app: one, _folder: folder }
    }
}

/// Makes a test of each case on each engine: `async fn case(place: Place)`.
macro_rules! on_both_engines {
    ($($case:ident),* $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$case($crate::apps::Place::Sqlite).await;
                }
            )*
        }

        #[cfg(feature = "real-servers")]
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    super::$case($crate::apps::Place::Postgres).await;
                }
            )*
        }
    };
}
pub(crate) use on_both_engines;

/// Two apps over a new SQLite file that keep their mails.
pub(crate) async fn with_mail_on_sqlite() -> (Api, Stage) {
    with_mail(Place::Sqlite).await
}

/// Two apps over a new PostgreSQL database that keep their mails.
#[cfg(feature = "real-servers")]
pub(crate) async fn with_mail_on_postgres() -> (Api, Stage) {
    with_mail(Place::Postgres).await
}

async fn with_mail(place: Place) -> (Api, Stage) {
    let stage = place.stage(|_| {}).await;
    (stage.api.clone(), stage)
}

async fn alternating(url: &str) -> Api {
    let apps = [app(url, std::io::sink()).await, app(url, std::io::sink()).await];
    asking(apps.map(router::router))
}

/// An API that asks these in turns.
pub(crate) fn asking<const N: usize>(apps: [Router; N]) -> Api {
    let turn = Arc::new(AtomicUsize::new(0));
    Api::new(move |request: Request<Bytes>| {
        let app = apps[turn.fetch_add(1, Ordering::Relaxed) % apps.len()].clone();
        async move {
            let mut request = request.map(Body::from);
            // Somebody at this very machine.
            request.extensions_mut().insert(PeerAddr(([127, 0, 0, 1], 9).into()));
            let response = app.oneshot(request).await.expect("an infallible service");
            let (parts, body) = response.into_parts();
            let body = body.collect().await.expect("a whole body").to_bytes();
            Answer { status: parts.status.as_u16(), headers: parts.headers, body }
        }
        .boxed()
    })
}

/// Two apps with other settings over a new SQLite file.
pub(crate) async fn on_sqlite_with(adjust: impl Fn(&mut Settings)) -> (Api, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let settings = || {
        let mut settings = cheap();
        adjust(&mut settings);
        settings
    };
    let apps = [
        app_with(&url, std::io::sink(), settings()).await,
        app_with(&url, std::io::sink(), settings()).await,
    ];
    (asking(apps.map(router::router)), folder)
}

/// The defaults, but for a cheap hash, and without RSA, whose keys take seconds to make.
pub(crate) fn cheap() -> Settings {
    let hash_cost = Cost { memory: 64, iterations: 1, parallelism: 1 };
    let signing_algorithms = vec![Algorithm::ES256, Algorithm::EdDSA];
    Settings { hash_cost, signing_algorithms, access_log: false, ..Settings::default() }
}

/// One app over that database, writing its log there.
pub(crate) async fn app(url: &str, log: impl Write + Send + 'static) -> App {
    app_with(url, log, cheap()).await
}

async fn app_with(url: &str, log: impl Write + Send + 'static, settings: Settings) -> App {
    let store = open(url);
    store.migrate().await.expect("a schema");
    over(store, log, settings)
}

/// One app whose database is away.
pub(crate) fn without_database() -> App {
    without_database_but(cheap())
}

/// The same with other settings.
pub(crate) fn without_database_but(settings: Settings) -> App {
    over(open("postgres://nobody@127.0.0.1:1/nothing"), std::io::sink(), settings)
}

fn open(url: &str) -> Arc<dyn Store> {
    let location = Location::parse(url).expect("a good URL");
    let options = PostgresOptions { connections: 3, ..PostgresOptions::default() };
    location.open(options).expect("a store")
}

fn over(store: Arc<dyn Store>, log: impl Write + Send + 'static, settings: Settings) -> App {
    let hashing = Hashing::start(settings.hash_cost, 1, settings.hash_budget).expect("a thread");
    let lifecycle = Lifecycle::new();
    lifecycle.set_ready();
    App::new(Shared {
        store,
        root: Arc::new(RootSecret::parse(SECRET).expect("a good secret")),
        settings: Arc::new(settings),
        pages: Arc::new(Pages::new(Files::new()).expect("our own pages")),
        hashing,
        lifecycle,
        metrics: Arc::new(Metrics::default()),
        log: Sink::start(Format::Json, Level::Info, log).expect("a thread"),
        process: ProcessId::random(),
        keyring: Keyring::default(),
    })
}
