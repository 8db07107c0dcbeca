//! Applications that register themselves (RFC 7591).

mod mutated;
mod own;
mod ways;

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use http::{Method, Request, header};
use serde_json::{Value, json};
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::InvitationId;
use tokenhouse_rules::oauth::registration_token;
use tokenhouse_rules::registration::DynamicRegistration;
use tokenhouse_rules::token::secret_hash;
use tokenhouse_server::app::App;
use tokenhouse_store::NewInvitation;
use tokenhouse_suite::authorize::{Flow, VERIFIER};
use tokenhouse_suite::browser::{Browser, query};
use tokenhouse_suite::oauth_client::{FORM, assert_refused, basic};
use tokenhouse_suite::{Answer, Api, body};
use uuid::Uuid;

use crate::apps::{self, Place, Stage, on_both_engines};
use crate::{applications, signing};

on_both_engines! {
    where_it_is_off_there_is_no_such_address,
    an_application_registers_itself_and_signs_people_in,
    of_eight_who_register_by_one_token_at_once_one_does,
    a_token_that_is_none_registers_nobody,
    bad_metadata_are_refused_and_use_nothing_up,
}

const PATH: &str = "/oauth2/register";

async fn stage(place: Place) -> (Api, Stage) {
    applications::with(place, |settings| {
        settings.dynamic_registration = DynamicRegistration::Token;
    })
    .await
}

/// A token by which so many may register, as an operator makes one.
async fn invite(app: &App, uses: u32) -> String {
    let (id, secret) = (InvitationId::from_uuid(Uuid::new_v4()), [7; 16]);
    let invitation = NewInvitation {
        id,
        secret_hash: secret_hash(&secret),
        uses,
        lifetime: Duration::from_secs(60),
        trail: signing::trail(Event::ClientInvited),
    };
    app.store.invite_clients(invitation).await.expect("the store");
    registration_token::invitation(id, &secret, &app.root).to_string()
}

fn metadata() -> Value {
    json!({ "redirect_uris": ["https://dyn.example/cb"], "client_name": "Dynamic",
        "grant_types": ["authorization_code", "refresh_token"], "logo_uri": "https://dyn.example/" })
}

/// What was registered.
struct Registered {
    id: String,
    secret: String,
    token: String,
    path: String,
    all: Value,
}

impl Registered {
    fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, 201, "{}", answer.text());
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let all = body(answer);
        let text = |name: &str| all[name].as_str().unwrap_or_default().to_owned();
        let uri = text("registration_client_uri");
        let (_, path) = uri.split_once("/oauth2/").expect("an address of this server");
        let path = format!("/oauth2/{path}");
        let (id, secret) = (text("client_id"), text("client_secret"));
        Self { id, secret, token: text("registration_access_token"), path, all }
    }

    async fn new(api: &Api, app: &App) -> Self {
        let token = invite(app, 1).await;
        Self::of(&api.json(Method::POST, PATH, &token, &metadata()).await)
    }

    /// Somebody new signs in to it; what the application gets.
    async fn sign_in(&self, api: &Api) -> Answer {
        let mut ada = Browser::new(api);
        ada.newcomer().await;
        let flow = Flow::of(&self.id, "https://dyn.example/cb").with("scope", "openid");
        let code = flow.code(&mut ada).await;
        let form = query(&[
            ("grant_type", "authorization_code"),
            ("code", &code.code),
            ("redirect_uri", &code.redirect_uri),
            ("code_verifier", VERIFIER),
        ]);
        let request = Request::post("/oauth2/token")
            .header(header::CONTENT_TYPE, FORM)
            .header(header::AUTHORIZATION, basic(&self.id, &self.secret));
        api.send(request.body(Bytes::from(form)).expect("a good request")).await
    }
}

async fn discovered(api: &Api) -> Value {
    let path = "/.well-known/openid-configuration";
    body(&api.ask((Method::GET, path), None, None).await)
}

async fn where_it_is_off_there_is_no_such_address(place: Place) {
    let (api, stage) = applications::on(place).await;
    let token = invite(&stage.app, 1).await;
    let below = format!("{PATH}/suite-web");
    for answer in [
        api.json(Method::POST, PATH, &token, &metadata()).await,
        api.post(PATH, &metadata()).await,
        api.get(&below, &token).await,
        api.json(Method::PUT, &below, &token, &metadata()).await,
        api.ask((Method::DELETE, &below), Some(&token), None).await,
    ] {
        assert_eq!(answer.status, 404, "{}", answer.text());
    }
    assert!(discovered(&api).await.get("registration_endpoint").is_none());
}

async fn an_application_registers_itself_and_signs_people_in(place: Place) {
    let (api, stage) = stage(place).await;
    let endpoint = discovered(&api).await["registration_endpoint"].clone();
    assert!(endpoint.as_str().is_some_and(|text| text.ends_with(PATH)), "{endpoint}");
    let new = Registered::new(&api, &stage.app).await;
    assert_eq!(new.all["client_name"], "Dynamic");
    assert_eq!(new.all["redirect_uris"], json!(["https://dyn.example/cb"]));
    assert_eq!(new.all["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(new.all["client_secret_expires_at"], 0);
    assert!(new.all["client_id_issued_at"].is_u64() && new.all.get("logo_uri").is_none());
    assert!(new.secret.starts_with("thk_") && new.token.starts_with("thm_"), "{}", new.all);
    let given = new.sign_in(&api).await;
    assert_eq!(given.status, 200, "{}", given.text());
    let events = stage.app.store.events(None, None, 100).await.expect("the store");
    let names: Vec<_> = events.iter().map(|event| event.event.as_str()).collect();
    assert!(names.contains(&"client.registered") && names.contains(&"client.invited"), "{names:?}");
    let bare = json!({ "redirect_uris": ["https://dyn.example/cb"],
        "token_endpoint_auth_method": "none" });
    let token = invite(&stage.app, 1).await;
    let bare = Registered::of(&api.json(Method::POST, PATH, &token, &bare).await);
    assert!(bare.secret.is_empty() && bare.all.get("client_secret_expires_at").is_none());
}

async fn of_eight_who_register_by_one_token_at_once_one_does(place: Place) {
    let (api, stage) = stage(place).await;
    for (uses, most) in [(1, 1), (3, 3)] {
        let token = invite(&stage.app, uses).await;
        let said = metadata();
        let all = join_all((0..8).map(|_| api.json(Method::POST, PATH, &token, &said))).await;
        let (made, refused): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|answer| answer.status == 201);
        assert_eq!(made.len(), most);
        for answer in refused {
            assert_refused(&answer, 401, "invalid_token");
        }
    }
}

async fn a_token_that_is_none_registers_nobody(place: Place) {
    let (api, stage) = stage(place).await;
    let none = api.post(PATH, &metadata()).await;
    assert_refused(&none, 401, "invalid_token");
    assert_eq!(none.header("www-authenticate"), Some("Bearer"));
    let id = InvitationId::from_uuid(Uuid::new_v4());
    let unknown = registration_token::invitation(id, &[1; 16], &stage.app.root).to_string();
    let used = invite(&stage.app, 1).await;
    let new = Registered::of(&api.json(Method::POST, PATH, &used, &metadata()).await);
    let (_, session) = api.newcomer().await;
    let altered = used.replace("thi_", "thi_A");
    for bad in ["x", "thi_", &unknown, &used, &altered, &new.token, &new.secret, &session] {
        let refused = api.json(Method::POST, PATH, bad, &metadata()).await;
        assert_refused(&refused, 401, "invalid_token");
    }
}

async fn bad_metadata_are_refused_and_use_nothing_up(place: Place) {
    let (api, stage) = stage(place).await;
    let token = invite(&stage.app, 1).await;
    let uris = json!(["https://dyn.example/cb"]);
    for (said, error) in [
        (json!({}), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["http://dyn.example/cb"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": ["https://dyn.example/#x"] }), "invalid_redirect_uri"),
        (json!({ "redirect_uris": "https://dyn.example/" }), "invalid_client_metadata"),
        (json!({ "redirect_uris": uris, "scope": "admin" }), "invalid_client_metadata"),
        (
            json!({ "redirect_uris": uris, "grant_types": ["client_credentials"] }),
            "invalid_client_metadata",
        ),
        (json!({ "redirect_uris": uris, "jwks_uri": "http://[::1]/" }), "invalid_client_metadata"),
        (json!({ "redirect_uris": uris, "jwks": { "keys": 1 } }), "invalid_client_metadata"),
        (
            // The servers of these cases have no such key.
            json!({ "redirect_uris": uris, "id_token_signed_response_alg": "RS256" }),
            "invalid_client_metadata",
        ),
    ] {
        let refused = api.json(Method::POST, PATH, &token, &said).await;
        assert_refused(&refused, 400, error);
    }
    for text in ["", "[]", "{", "7", r#"{"scope":"openid","scope":"openid"}"#] {
        let sent = Some(("application/json", text.as_bytes()));
        let refused = api.ask((Method::POST, PATH), Some(&token), sent).await;
        assert_refused(&refused, 400, "invalid_client_metadata");
    }
    let sent = Some((FORM, &b"redirect_uris=x"[..]));
    let refused = api.ask((Method::POST, PATH), Some(&token), sent).await;
    assert_refused(&refused, 400, "invalid_request");
    Registered::of(&api.json(Method::POST, PATH, &token, &metadata()).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_is_no_reason_to_register_anew() {
    let mut settings = apps::cheap();
    settings.dynamic_registration = DynamicRegistration::Token;
    let app = apps::without_database_but(settings);
    let api = apps::asking([tokenhouse_server::router::router(app.clone())]);
    let id = InvitationId::from_uuid(Uuid::new_v4());
    let token = registration_token::invitation(id, &[1; 16], &app.root);
    let answer = api.json(Method::POST, PATH, &token, &metadata()).await;
    assert_refused(&answer, 503, "temporarily_unavailable");
    let garbage = api.json(Method::POST, PATH, "thi_x", &metadata()).await;
    assert_refused(&garbage, 401, "invalid_token");
}
