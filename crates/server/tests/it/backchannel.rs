//! Applications' servers are told that sessions ended (OpenID Connect Back-Channel Logout 1.0), over real connections:
//! whoever is killed and whatever answers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::Value;
use tempfile::NamedTempFile;
use tokenhouse_processes::lifecycle::{Drain, Lifecycle};
use tokenhouse_rules::oauth::logout_token::EVENT;
use tokenhouse_server::log::{Format, Level, Sink};
use tokenhouse_server::oauth::backchannel::{self, Pace, Telling};
use tokenhouse_store::AuditEvent;
use tokenhouse_suite::Api;
use tokenhouse_suite::authorize::HOUSE;
use tokenhouse_suite::browser::{Browser, parameters};
use tokenhouse_suite::oauth_client::{Application, Tokens, read};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use crate::applications;
use crate::apps::{Place, Stage, on_both_engines};
use crate::signing::{change, keys, verify};

on_both_engines! {
    an_application_is_told_by_a_token_that_the_published_keys_verify,
    what_is_no_yes_is_tried_again_and_no_redirect_is_followed,
    an_application_that_is_down_is_given_up_with_a_row_in_the_trail,
    who_is_killed_while_it_tells_is_followed_by_another,
}

const QUICK: Pace = Pace {
    poll: Duration::from_millis(10),
    first: Duration::from_millis(20),
    most: Duration::from_secs(3600),
};

/// Two apps, one application that is told, and its server.
struct Scene {
    api: Api,
    stage: Stage,
    server: TcpListener,
    log: NamedTempFile,
    sink: Sink,
}

/// What the application's server is sent.
struct Heard {
    head: String,
    token: String,
}

impl Scene {
    async fn new(place: Place) -> Self {
        let (api, stage) = applications::on(place).await;
        let server = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = server.local_addr().expect("an address").port();
        change(&stage.app, HOUSE, false, |settings| {
            settings.backchannel_logout_uri = Some(format!("http://127.0.0.1:{port}/out?a=b"));
        })
        .await;
        let log = NamedTempFile::new().expect("a file");
        let file = log.reopen().expect("the file");
        let sink = Sink::start(Format::Json, Level::Info, file).expect("a thread");
        Self { api, stage, server, log, sink }
    }

    /// Somebody signs in to the application; what it knows of her.
    async fn sign_in(&self) -> (Tokens, Browser) {
        let application = Application::new(&self.api, HOUSE);
        application.sign_in(&application.flow()).await
    }

    /// The same, and signs out here.
    async fn come_and_go(&self) -> Tokens {
        let (tokens, browser) = self.sign_in().await;
        let token = browser.cookies["tokenhouse-session"].as_str();
        let answer = self.api.ask((Method::POST, "/logout"), Some(token), None).await;
        assert_eq!(answer.status, 204, "{}", answer.text());
        tokens
    }

    /// A process that tells.
    async fn telling(&self, pace: Pace, lease: Duration, lifecycle: Lifecycle) {
        let app = &self.stage.app;
        let telling = Telling {
            store: Arc::clone(&app.store),
            root: Arc::clone(&app.root),
            settings: Arc::clone(&app.settings),
            metrics: Arc::clone(&app.metrics),
            lease,
            pace,
        };
        backchannel::run(telling, lifecycle, self.sink.clone()).await;
    }

    /// Runs a process that tells until something has happened; then it drains.
    async fn until<T>(&self, pace: Pace, happened: impl Future<Output = T>) -> T {
        let lifecycle = Lifecycle::new();
        let telling = self.telling(pace, Duration::from_secs(60), lifecycle.clone());
        let happening = async {
            let happened = happened.await;
            lifecycle.begin_drain(Drain::Prompt);
            happened
        };
        let both = async { tokio::join!(telling, happening) };
        tokio::time::timeout(Duration::from_secs(60), both).await.expect("it happens").1
    }

    async fn hear(&self) -> (TcpStream, Heard) {
        let (mut stream, _) = self.server.accept().await.expect("a connection");
        let heard = request(&mut stream).await;
        (stream, heard)
    }

    /// Hears something, and answers.
    async fn answer(&self, status: u16) -> Heard {
        let (mut stream, heard) = self.hear().await;
        let text = format!(
            "HTTP/1.1 {status} Said\r\nlocation: /elsewhere\r\ncontent-length: 999999\r\n\r\nno end"
        );
        stream.write_all(text.as_bytes()).await.expect("it is heard");
        heard
    }

    /// What is left to be told.
    async fn left(&self) -> usize {
        let store = &self.stage.app.store;
        store.claim_logouts(Uuid::max(), Duration::ZERO, 100).await.expect("the store").len()
    }

    async fn events(&self, name: &str) -> Vec<AuditEvent> {
        let events = self.stage.app.store.events(None, None, 1000).await.expect("the store");
        events.into_iter().filter(|event| event.event == name).collect()
    }

    fn logged(&self) -> String {
        self.sink.flush();
        std::fs::read_to_string(self.log.path()).expect("the log")
    }
}

async fn request(stream: &mut TcpStream) -> Heard {
    let (mut text, mut buffer) = (String::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut buffer).await.expect("a request");
        assert!(read > 0, "half a request: {text}");
        text.push_str(std::str::from_utf8(&buffer[..read]).expect("text"));
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.expect("a length").parse().expect("a number");
        if body.len() == length {
            let fields: BTreeMap<_, _> = parameters(&format!("?{body}"));
            assert_eq!(fields.len(), 1, "{body}");
            return Heard { head: head.to_owned(), token: fields["logout_token"].clone() };
        }
    }
}

async fn an_application_is_told_by_a_token_that_the_published_keys_verify(place: Place) {
    let scene = Scene::new(place).await;
    let (others, _browser) = scene.sign_in().await;
    let tokens = scene.come_and_go().await;
    let heard = scene.until(QUICK, scene.answer(200)).await;
    assert!(heard.head.starts_with("POST /out?a=b HTTP/1.1\r\n"), "{}", heard.head);
    assert!(heard.head.contains("content-type: application/x-www-form-urlencoded"));
    verify(&heard.token, &keys(&scene.api).await);
    let (header, claims) = read(&heard.token);
    assert_eq!((&header["typ"], &header["alg"]), (&Value::from("logout+jwt"), &"ES256".into()));
    for name in ["iss", "sub", "aud", "sid"] {
        assert_eq!(claims[name], tokens.id[name], "{name}");
    }
    assert_ne!(claims["sid"], others.id["sid"]);
    assert!(claims["events"][EVENT].is_object() && claims.get("nonce").is_none(), "{claims}");
    let number = |name: &str| claims[name].as_u64().expect("a number");
    assert_eq!(number("exp"), number("iat") + 120);
    assert_eq!(scene.left().await, 0, "told once");
    let logged = scene.logged();
    assert!(
        logged.contains("tokenhouse.logout.told") && !logged.contains(&heard.token),
        "{logged}"
    );
    assert_eq!(scene.events("logout.lost").await, []);
}

async fn what_is_no_yes_is_tried_again_and_no_redirect_is_followed(place: Place) {
    let scene = Scene::new(place).await;
    let tokens = scene.come_and_go().await;
    let answering = async {
        let mut heard = Vec::new();
        for status in [302, 400, 503, 204] {
            heard.push(scene.answer(status).await);
        }
        heard
    };
    let heard = scene.until(QUICK, answering).await;
    let mut names = Vec::new();
    for one in &heard {
        assert!(one.head.starts_with("POST /out?a=b "), "{}", one.head);
        let (_, claims) = read(&one.token);
        assert_eq!(claims["sid"], tokens.id["sid"]);
        names.push(claims["jti"].to_string());
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 4, "each attempt has a token of its own");
    assert_eq!(scene.left().await, 0);
    let logged = scene.logged();
    for said in ["its server answered 302", "its server answered 400", "its server answered 503"] {
        assert!(logged.contains(said), "{logged}");
    }
    assert!(heard.iter().all(|one| !logged.contains(&one.token)));
}

async fn an_application_that_is_down_is_given_up_with_a_row_in_the_trail(place: Place) {
    let scene = Scene::new(place).await;
    let tokens = scene.come_and_go().await;
    let pace = Pace { most: Duration::from_millis(500), ..QUICK };
    let given_up = async {
        let mut attempts = 0;
        let refusing = async {
            loop {
                scene.answer(500).await;
                attempts += 1;
            }
        };
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        let looking = async {
            while scene.events("logout.lost").await.is_empty() {
                looks.tick().await;
            }
        };
        tokio::select! {
            never = refusing => never,
            () = looking => {}
        }
        attempts
    };
    let attempts: u32 = scene.until(pace, given_up).await;
    assert!(attempts >= 2, "tried {attempts} times");
    let lost = scene.events("logout.lost").await;
    assert_eq!(lost.len(), 1);
    let user = Value::from(lost[0].user.to_string());
    let session = lost[0].session.map(|session| Value::from(session.to_string()));
    assert_eq!((&user, session.as_ref()), (&tokens.id["sub"], Some(&tokens.id["sid"])));
    assert_eq!(scene.left().await, 0);
    assert!(scene.logged().contains("tokenhouse.logout.lost"));
}

async fn who_is_killed_while_it_tells_is_followed_by_another(place: Place) {
    let scene = Scene::new(place).await;
    let tokens = scene.come_and_go().await;
    let lease = Duration::from_millis(400);
    // The request has come, and the process that sent it is gone before it hears an answer.
    let first = tokio::select! {
        () = scene.telling(QUICK, lease, Lifecycle::new()) => panic!("it does not end by itself"),
        (_, heard) = scene.hear() => heard,
    };
    let second = scene.until(QUICK, scene.answer(200)).await;
    let (one, other) = (read(&first.token).1, read(&second.token).1);
    assert_eq!((&one["sid"], &other["sid"]), (&tokens.id["sid"], &tokens.id["sid"]));
    assert_ne!(one["jti"], other["jti"]);
    assert_eq!(scene.left().await, 0);
    assert!(scene.logged().contains("\"tokenhouse.logout.retaken\":true"));
}
