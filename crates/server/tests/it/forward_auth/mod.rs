//! Proxies that ask whether a request may pass, each in its own way; and how somebody gets to a service and back.

mod mutated;
mod questions;
mod way;

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::EventId;
use tokenhouse_rules::oauth::client::{Kind, Settings};
use tokenhouse_server::app::App;
use tokenhouse_store::{SaveClient, Saved, Trail};
use tokenhouse_suite::browser::Browser;
use tokenhouse_suite::{Answer, Api, PASSWORD};
use uuid::Uuid;

use crate::apps::{Place, Stage};

const LOGIN: &str = "https://login.example.org";
const COOKIE: &str = "__Secure-tokenhouse-forward";
const HTML: &str = "text/html,*/*;q=0.8";
const PAGE: &str = "https://app.example.org/a?b=c&d=e%26";

/// How a proxy asks.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Proxy {
    Traefik,
    Nginx,
    Envoy,
}

const PROXIES: [Proxy; 3] = [Proxy::Traefik, Proxy::Nginx, Proxy::Envoy];

impl Proxy {
    /// Asks about a request with these headers.
    async fn ask(self, api: &Api, (method, url): (&str, &str), headers: &[(&str, &str)]) -> Answer {
        let (scheme, rest) = url.split_once("://").expect("an address");
        let (authority, target) = rest.split_at(rest.find('/').expect("a path"));
        let mut request = match self {
            Self::Traefik => Request::get("/api/authz/forward-auth")
                .header("host", "10.0.0.9:8080")
                .header("x-forwarded-method", method)
                .header("x-forwarded-proto", scheme)
                .header("x-forwarded-host", authority)
                .header("x-forwarded-uri", target),
            Self::Nginx => Request::get("/api/authz/auth-request")
                .header("host", "tokenhouse")
                .header("x-original-method", method)
                .header("x-original-url", url),
            Self::Envoy => Request::builder()
                .method(method)
                .uri(format!("/api/authz/ext-authz{target}"))
                .header("host", authority)
                .header("x-forwarded-proto", scheme),
        };
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        api.send(request.body(Bytes::new()).expect("a request")).await
    }
}

fn trusting(settings: &mut tokenhouse_server::settings::Settings) {
    settings.public_url = Some(LOGIN.to_owned());
    settings.cookie_domain = Some("example.org".to_owned());
    settings.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
}

/// With a client that lets everybody to its service who is signed in.
async fn stage(place: Place) -> Stage {
    let stage = place.stage(trusting).await;
    let access = json!([{ "host": "app.example.org", "allow": "signed_in" }]);
    register(&stage.app, "app", access).await;
    stage
}

fn trail(event: Event) -> Trail {
    let id = EventId::from_uuid(Uuid::new_v4());
    Trail { id, event, actor: Actor::Operator, address: None, request_id: None }
}

async fn register(app: &App, id: &str, access: Value) {
    let access = serde_json::from_value(access).expect("rules");
    let settings = Settings { name: id.to_owned(), access, ..Settings::preset(Kind::Proxy) };
    save(app, id, &settings).await;
}

async fn save(app: &App, id: &str, settings: &Settings) {
    let save = SaveClient {
        id: id.to_owned(),
        settings: serde_json::to_string(settings).expect("JSON"),
        hosts: settings.hosts(),
        disabled: false,
        version: None,
        secret: None,
        trail: trail(Event::ClientCreated),
    };
    let saved = app.store.save_client(save).await.expect("the store");
    assert!(matches!(saved, Saved::Done(_)), "{saved:?}");
}

/// Somebody who is signed in, and the cookie that services see.
async fn signed_in(stage: &Stage) -> (String, Browser, String) {
    let (name, _) = stage.api.newcomer().await;
    let mut browser = Browser::at(&stage.api, "login.example.org");
    assert_eq!(browser.sign_in(&name, PASSWORD).await.path, "/account");
    let cookie = format!("{COOKIE}={}", browser.cookies[COOKIE]);
    (name, browser, cookie)
}
