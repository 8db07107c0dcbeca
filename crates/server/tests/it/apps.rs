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
use tokenhouse_processes::identity::ProcessId;
use tokenhouse_processes::lifecycle::Lifecycle;
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_server::app::{App, Shared};
use tokenhouse_server::hashing::{Cost, Hashing};
use tokenhouse_server::log::{Format, Level, Sink};
use tokenhouse_server::metrics::Metrics;
use tokenhouse_server::pages::{Files, Pages};
use tokenhouse_server::router;
use tokenhouse_server::settings::Settings;
use tokenhouse_store::{Location, PostgresOptions};
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
#[expect(clippy::disallowed_methods, reason = "tests are told where the server is")]
pub(crate) async fn on_postgres() -> (Api, ()) {
    let server = std::env::var("TOKENHOUSE_TEST_POSTGRES")
        .expect("TOKENHOUSE_TEST_POSTGRES names the PostgreSQL server; `make test` sets it");
    let (client, connection) = tokio_postgres::connect(&server, tokio_postgres::NoTls)
        .await
        .expect("the test server answers");
    tokio::spawn(connection);
    let name = format!("t{}", uuid::Uuid::new_v4().simple());
    client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a new database");
    let (base, _) = server.rsplit_once('/').expect("a URL with a database");
    (alternating(&format!("{base}/{name}")).await, ())
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
            let response =
                app.oneshot(request.map(Body::from)).await.expect("an infallible service");
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

/// The defaults, but for a cheap hash.
fn cheap() -> Settings {
    let hash_cost = Cost { memory: 64, iterations: 1, parallelism: 1 };
    Settings { hash_cost, access_log: false, ..Settings::default() }
}

/// One app over that database, writing its log there.
pub(crate) async fn app(url: &str, log: impl Write + Send + 'static) -> App {
    app_with(url, log, cheap()).await
}

async fn app_with(url: &str, log: impl Write + Send + 'static, settings: Settings) -> App {
    let hashing = Hashing::start(settings.hash_cost, 1, settings.hash_budget).expect("a thread");
    let location = Location::parse(url).expect("a good URL");
    let options = PostgresOptions { connections: 3, ..PostgresOptions::default() };
    let store = location.open(options).expect("a store");
    store.migrate().await.expect("a schema");
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
    })
}
