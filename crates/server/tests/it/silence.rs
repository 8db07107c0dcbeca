//! Nothing tells who has an account: neither what is answered nor how long it takes (OWASP ASVS 6.3.8).

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokenhouse_rules::registration::Address;
use tokenhouse_server::settings::Settings;
use tokenhouse_suite::browser::Browser;
use tokenhouse_suite::mail::{confirmed, link_token};
use tokenhouse_suite::{Answer, Api, PASSWORD};
use uuid::Uuid;

use crate::apps::{Place, on_both_engines};

/// Requests of each kind, taking turns.
const ROUNDS: usize = 80;

/// What may be left of a difference, in either direction: the share of pairs in which one kind takes longer. Half is
/// no difference at all; chance alone strays by 0.05 with so many rounds (its standard deviation), so that this is
/// not met by accident in a lifetime, while a hash or a wait for the disk more would give one.
const MOST: f64 = 0.8;

/// What is not worth telling apart: below what a network adds.
const NOISE: Duration = Duration::from_micros(100);

on_both_engines! {
    a_sign_in_tells_nothing,
    a_forgotten_password_tells_nothing,
    a_registration_that_has_to_be_confirmed_tells_nothing,
}

fn unlimited(settings: &mut Settings) {
    settings.limit_account = None;
    settings.limit_address = None;
    settings.limit_mail = None;
    settings.limit_recovery = None;
}

/// An answer without what is new in each.
fn told(answer: &Answer) -> (u16, http::HeaderMap, Vec<u8>) {
    let mut headers = answer.headers.clone();
    let id = headers.remove("x-request-id").expect("an id");
    let own = id.to_str().expect("text");
    (answer.status, headers, answer.text().replace(own, "").into_bytes())
}

/// The share of pairs in which the first takes longer than the second by more than [`NOISE`] (the statistic of Mann
/// and Whitney, with a margin).
fn share(one: &[Duration], other: &[Duration]) -> f64 {
    let longer = one.iter().flat_map(|a| other.iter().map(move |b| *a > *b + NOISE));
    longer.filter(|longer| *longer).count() as f64 / (one.len() * other.len()) as f64
}

async fn timed(api: &Api, path: &str, sent: &Value) -> (Answer, Duration) {
    let begun = Instant::now();
    let answer = api.post(path, sent).await;
    (answer, begun.elapsed())
}

/// Asks for what is there and for what is not in turns, and compares.
async fn compare(api: &Api, path: &str, asked: impl Fn(bool) -> Value) {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    let mut first = None;
    for round in 0..ROUNDS + 8 {
        for is_known in [round % 2 == 0, round % 2 != 0] {
            let (answer, took) = timed(api, path, &asked(is_known)).await;
            let told = told(&answer);
            assert_eq!(&told, first.get_or_insert(told.clone()), "{is_known}");
            // The first few fill caches.
            if round >= 8 {
                if is_known { known.push(took) } else { unknown.push(took) }
            }
        }
    }
    for (slow, quick, name) in [(&known, &unknown, "known"), (&unknown, &known, "unknown")] {
        let share = share(slow, quick);
        assert!(share < MOST, "{path}: the {name} one takes longer in {share:.2} of all pairs");
    }
}

async fn a_sign_in_tells_nothing(place: Place) {
    let stage = place.stage(unlimited).await;
    let ada = confirmed(&stage.api).await;
    compare(&stage.api, "/login", |is_known| {
        let name = if is_known { ada.name.as_str() } else { "nobody-of-that-name" };
        json!({ "username": name, "password": "not the password" })
    })
    .await;
}

async fn a_forgotten_password_tells_nothing(place: Place) {
    let stage = place.stage(unlimited).await;
    let ada = confirmed(&stage.api).await;
    compare(&stage.api, "/recover", |is_known| {
        json!({ "login": if is_known { ada.email.as_str() } else { "nobody@example.org" } })
    })
    .await;
}

async fn a_registration_that_has_to_be_confirmed_tells_nothing(place: Place) {
    let stage = place
        .stage(|settings| {
            unlimited(settings);
            settings.address = Address::Confirmed;
        })
        .await;
    let api = &stage.api;
    let new = json!({ "username": "ada", "email": "ada@example.org", "password": PASSWORD });
    assert_eq!(api.post("/register", &new).await.status, 202);
    let token = link_token(api, "ada@example.org", "/confirm/").await;
    assert_eq!(api.post("/confirm", &json!({ "token": token })).await.status, 200);
    compare(api, "/register", |is_known| {
        let name = format!("u{}", Uuid::new_v4().simple());
        let email =
            if is_known { "ada@example.org".to_owned() } else { format!("{name}@example.org") };
        json!({ "username": name, "email": email, "password": PASSWORD })
    })
    .await;
    // And where the address is the name.
    compare(api, "/register", |is_known| {
        let name = format!("u{}", Uuid::new_v4().simple());
        let email =
            if is_known { "ada@example.org".to_owned() } else { format!("{name}@example.org") };
        json!({ "username": email, "password": PASSWORD })
    })
    .await;
    let mut pages = Vec::new();
    for (name, email) in [("eve", "ada@example.org"), ("bob", "bob@example.org")] {
        let mut browser = Browser::new(api);
        let form = browser.open("/register").await;
        let typed = [("username", name), ("email", email), ("password", PASSWORD)];
        let page = browser.submit(&form, "/register", &typed).await;
        let html = page.html.split("name=\"csrf\"").next().unwrap_or_default().to_owned();
        pages.push((page.path, page.answer.status, html));
    }
    assert_eq!(pages[0], pages[1]);
}
