//! The keys that sign: one set of them, whoever makes it, and signatures that others find right too.

use std::time::Duration;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use http::Method;
use serde_json::Value;
use tokenhouse_rules::audit::{Actor, Event};
use tokenhouse_rules::id::EventId;
use tokenhouse_rules::keys::RootSecret;
use tokenhouse_rules::oauth::client::Settings;
use tokenhouse_rules::oauth::jwk::Algorithm;
use tokenhouse_rules::oauth::signing_key::Due;
use tokenhouse_server::app::App;
use tokenhouse_server::oauth::keyring;
use tokenhouse_store::{SaveClient, Saved, Trail};
use tokenhouse_suite::authorize::HOUSE;
use tokenhouse_suite::oauth_client::{Application, SERVICE, SIGNED, Tokens, read};
use tokenhouse_suite::{Api, body};
use uuid::Uuid;

use crate::applications;
use crate::apps::{Place, on_both_engines};

on_both_engines! {
    of_many_who_make_keys_at_once_one_set_remains,
    signatures_are_right_by_the_published_keys,
    a_key_is_published_before_it_signs,
    a_key_that_no_root_key_opens_is_replaced_at_once,
}

/// A row for the trail.
pub(crate) fn trail(event: Event) -> Trail {
    let id = EventId::from_uuid(Uuid::new_v4());
    Trail { id, event, actor: Actor::Operator, address: None, request_id: None }
}

/// Changes an application of the suite as an operator does.
pub(crate) async fn change(app: &App, id: &str, disabled: bool, adjust: impl Fn(&mut Settings)) {
    let client = app.store.client(id).await.expect("the store").expect("the client");
    let mut settings = Settings::stored(&client.settings).expect("settings");
    adjust(&mut settings);
    let save = SaveClient {
        id: id.to_owned(),
        settings: serde_json::to_string(&settings).expect("JSON"),
        hosts: Vec::new(),
        disabled,
        version: Some(client.version),
        secret: None,
        trail: trail(Event::ClientChanged),
    };
    let saved = app.store.save_client(save).await.expect("the store");
    assert_eq!(saved, Saved::Done(client.version + 1));
}

/// The keys that everybody can read.
pub(crate) async fn keys(api: &Api) -> Vec<Value> {
    let answer = api.ask((Method::GET, "/oauth2/jwks"), None, None).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    body(&answer)["keys"].as_array().expect("keys").clone()
}

/// Whether a JWT is signed by one of these, by nothing of ours.
pub(crate) fn verify(token: &str, keys: &[Value]) {
    let (header, _) = read(token);
    let key = keys.iter().find(|key| key["kid"] == header["kid"]).expect("its key");
    assert_eq!(key["alg"], header["alg"]);
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let member = |name: &str| decoded(key[name].as_str().expect("a member"));
    let (signed, signature) = (signed.as_bytes(), decoded(signature));
    let verified = match key["kty"].as_str() {
        Some("EC") => {
            let point = [vec![4], member("x"), member("y")].concat();
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed, &signature)
        }
        Some("OKP") => UnparsedPublicKey::new(&ED25519, member("x")).verify(signed, &signature),
        _ => RsaPublicKeyComponents { n: member("n"), e: member("e") }.verify(
            &RSA_PKCS1_2048_8192_SHA256,
            signed,
            &signature,
        ),
    };
    assert!(verified.is_ok(), "{token}");
}

async fn of_many_who_make_keys_at_once_one_set_remains(place: Place) {
    let stage = place.stage(|_| {}).await;
    let all = join_all((0..8).map(|_| keys(&stage.api))).await;
    let last = keys(&stage.api).await;
    assert_eq!(last.len(), 2, "one of each algorithm: {last:?}");
    let (_, stored) = stage.app.store.signing_keys().await.expect("the store");
    assert_eq!(keyring::jwks(&stored)["keys"], Value::from(last.clone()));
    for seen in all.iter().flatten() {
        assert!(last.contains(seen), "nobody was shown a key that is none");
    }
    let events = stage.app.store.events(None, None, 100).await.expect("the store");
    let made = events.iter().filter(|event| event.event == "key.created").count();
    assert_eq!(made, 2, "{events:?}");
}

async fn signatures_are_right_by_the_published_keys(place: Place) {
    let adjust = |settings: &mut tokenhouse_server::settings::Settings| {
        settings.signing_algorithms = Algorithm::ALL.to_vec();
    };
    let (api, stage) = applications::with(place, adjust).await;
    let published = keys(&api).await;
    assert_eq!(published.len(), 3);
    let mut seen = Vec::new();
    for (id, algorithm) in
        [(HOUSE, Algorithm::ES256), (SIGNED, Algorithm::EdDSA), (HOUSE, Algorithm::RS256)]
    {
        change(&stage.app, id, false, |settings| settings.id_token_algorithm = algorithm).await;
        let application = Application::new(&api, id);
        let (given, _) = application.sign_in(&application.flow()).await;
        let token = given.all["id_token"].as_str().expect("an ID token");
        verify(token, &published);
        seen.push(read(token).0["alg"].clone());
        if id == SIGNED {
            verify(&given.access, &published);
        }
    }
    assert_eq!(seen, ["ES256", "EdDSA", "RS256"]);
    let service = Application::new(&api, SERVICE);
    let kind = "application/token-introspection+jwt";
    let answer = service.accept("/oauth2/introspect", &[("token", "x")], kind).await;
    verify(&answer.text(), &published);
}

async fn a_key_that_no_root_key_opens_is_replaced_at_once(place: Place) {
    let (api, stage) = applications::on(place).await;
    let other = RootSecret::compose("lost", &[7; 32]);
    let other = RootSecret::parse(&other).expect("a root secret");
    let day = Duration::from_secs(86_400);
    let due = Due { number: 1, activate: Duration::ZERO, retire: day, remove: day * 2 };
    let lost = keyring::make(&other, Algorithm::ES256, &due, [1; 12]).expect("a key");
    let id = lost.id.clone();
    let added = stage.app.store.add_signing_key(lost, Some(trail(Event::KeyCreated))).await;
    assert!(added.expect("the store"));
    let house = Application::new(&api, HOUSE);
    let (given, _) = house.sign_in(&house.flow()).await;
    let token = given.all["id_token"].as_str().expect("an ID token");
    let published = keys(&api).await;
    verify(token, &published);
    assert_ne!(read(token).0["kid"], id.as_str());
    assert!(published.iter().any(|key| key["kid"] == id.as_str()), "what it signed is still good");
    let (_, stored) = stage.app.store.signing_keys().await.expect("the store");
    let numbers: Vec<_> =
        stored.iter().filter(|key| key.algorithm == "ES256").map(|key| key.number).collect();
    assert_eq!(numbers, [1, 2], "whichever process asks");
}

async fn a_key_is_published_before_it_signs(place: Place) {
    let (api, stage) = applications::on(place).await;
    let (hour, day) = (Duration::from_secs(3_600), Duration::from_secs(86_400));
    let due = [
        Due { number: 1, activate: Duration::ZERO, retire: day, remove: day * 2 },
        Due { number: 2, activate: hour, retire: day, remove: day * 2 },
    ];
    for (due, nonce) in due.iter().zip([[1; 12], [2; 12]]) {
        let key = keyring::make(&stage.app.root, Algorithm::ES256, due, nonce).expect("a key");
        let added = stage.app.store.add_signing_key(key, Some(trail(Event::KeyCreated))).await;
        assert!(added.expect("the store"));
    }
    let published = keys(&api).await;
    assert_eq!(published.len(), 3, "both, and one of the other algorithm: {published:?}");
    let (_, stored) = stage.app.store.signing_keys().await.expect("the store");
    let first = stored.iter().find(|key| key.algorithm == "ES256" && key.number == 1);
    let house = Application::new(&api, HOUSE);
    let (given, mut ada) = house.sign_in(&house.flow()).await;
    let again: Tokens = house.tokens(&house.flow(), &mut ada).await;
    for given in [given, again] {
        let (header, _) = read(given.all["id_token"].as_str().expect("an ID token"));
        assert_eq!(header["kid"], first.expect("the first").id.as_str());
    }
}
