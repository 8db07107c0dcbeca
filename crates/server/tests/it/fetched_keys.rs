//! Keys of applications that are at their `jwks_uri` (OpenID Connect Core §10.1.1): fetched over real connections, once
//! for all processes, and never for the asking.

use std::pin::pin;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaPair, KeySize};
use aws_lc_rs::signature::{
    KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaPublicKeyComponents,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokenhouse_rules::oauth::client::Authentication;
use tokenhouse_suite::assertions::{KEYED, claims, flow, issuer, shown};
use tokenhouse_suite::authorize::{HOUSE, WEB};
use tokenhouse_suite::oauth_client::{Application, LOOSE, SIGNED, assert_refused};
use tokenhouse_suite::signer::{Signer, unsigned};
use tokenhouse_suite::{Answer, Api};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::applications;
use crate::apps::{Place, Stage, on_both_engines};
use crate::signing::change;

on_both_engines! {
    eight_who_need_the_same_keys_at_once_fetch_them_once,
    what_answers_badly_makes_nobody_known,
    who_goes_away_meanwhile_leaves_the_keys_to_the_others,
    requests_are_signed_by_keys_that_are_fetched,
    an_application_signs_by_either_padding_of_rsa,
}

/// Where applications publish their keys.
struct Publisher(TcpListener);

impl Publisher {
    async fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.expect("a port"))
    }

    fn address(&self) -> String {
        format!("http://{}/jwks?a=b", self.0.local_addr().expect("an address"))
    }

    /// Answers whoever comes until something is done; how many came.
    async fn answering<T>(&self, answer: &str, doing: impl Future<Output = T>) -> (T, usize) {
        let mut doing = pin!(doing);
        let mut came = 0;
        loop {
            tokio::select! {
                biased;
                done = &mut doing => return (done, came),
                accepted = self.0.accept() => {
                    say(&mut accepted.expect("a connection").0, answer).await;
                    came += 1;
                }
            }
        }
    }
}

/// Hears one request, and answers it.
async fn say(stream: &mut TcpStream, answer: &str) {
    let (mut heard, mut buffer) = (Vec::new(), [0; 1024]);
    while !heard.ends_with(b"\r\n\r\n") {
        let read = stream.read(&mut buffer).await.expect("a request");
        assert!(read > 0, "half a request");
        heard.extend_from_slice(&buffer[..read]);
    }
    assert!(heard.starts_with(b"GET /jwks?a=b HTTP/1.1\r\n"), "{heard:?}");
    // Who reads no more than it wants closes early.
    let _ = stream.write_all(answer.as_bytes()).await;
}

fn answer(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nlocation: /elsewhere\r\ncontent-length: {length}\r\n\r\n{body}")
}

fn publishing(keys: &[Value]) -> String {
    answer("200 OK", &json!({ "keys": keys }).to_string())
}

/// An application signs by keys that are there from now on.
async fn refer(stage: &Stage, id: &str, publisher: &Publisher) {
    change(&stage.app, id, false, |settings| {
        settings.authentication = Authentication::PrivateKeyJwt;
        (settings.jwks, settings.jwks_uri) = (None, Some(publisher.address()));
    })
    .await;
}

/// Asks about a token that is none: nothing but who asks is judged.
async fn asks(api: &Api, id: &'static str, text: &str) -> Answer {
    let fields = [&[("token", "x")][..], &shown(text)].concat();
    Application::new(api, id).showing(None).send("/oauth2/introspect", &fields).await
}

fn of(id: &str, issuer: &str) -> Value {
    claims(issuer, &json!({ "iss": id, "sub": id }))
}

async fn eight_who_need_the_same_keys_at_once_fetch_them_once(place: Place) {
    let (api, stage) = applications::on(place).await;
    let (publisher, issuer) = (Publisher::new().await, issuer(&api).await);
    refer(&stage, KEYED, &publisher).await;
    let signed = |key: &Signer, header: &Value| key.sign(header, &of(KEYED, &issuer));
    let (es256, eddsa) = (Signer::es256(), Signer::eddsa());
    let good = publishing(&[es256.jwk(), eddsa.jwk()]);
    let texts: Vec<_> = (0..8).map(|_| signed(&es256, &json!({}))).collect();
    let all = join_all(texts.iter().map(|text| asks(&api, KEYED, text)));
    let (all, came) = publisher.answering(&good, all).await;
    assert!(all.iter().all(|answer| answer.status == 200), "{all:?}");
    assert_eq!(came, 1);
    // Whatever strangers name, nobody asks there again so soon; and the keys that are kept are good.
    let later = async {
        for (key, kid) in [(&es256, "x"), (&Signer::stranger(), "one"), (&eddsa, "y")] {
            let text = signed(key, &json!({ "kid": kid }));
            assert_refused(&asks(&api, KEYED, &text).await, 401, "invalid_client");
        }
        let text = signed(&eddsa, &json!({}));
        assert_eq!(asks(&api, KEYED, &text).await.status, 200);
    };
    assert_eq!(publisher.answering(&good, later).await.1, 0);
    // Keys of a former address are nobody's.
    let other = Publisher::new().await;
    refer(&stage, KEYED, &other).await;
    let text = signed(&es256, &json!({}));
    let (refused, came) = other.answering(&good, asks(&api, KEYED, &text)).await;
    assert_refused(&refused, 401, "invalid_client");
    assert_eq!(came, 0, "and a change of it is no way to ask more often");
}

async fn what_answers_badly_makes_nobody_known(place: Place) {
    let (api, stage) = applications::on(place).await;
    let (publisher, issuer) = (Publisher::new().await, issuer(&api).await);
    let key = Signer::es256();
    let set = json!({ "keys": [key.jwk()] }).to_string();
    let private = set.replacen("\"kid\"", "\"d\":\"AA\",\"kid\"", 1);
    let long = json!({ "keys": [key.jwk()], "x": "x".repeat(64 * 1024) }).to_string();
    for (id, bad) in [
        (KEYED, answer("500 No", &set)),
        (WEB, answer("302 Found", &set)),
        (HOUSE, answer("200 OK", &private)),
        (SIGNED, answer("200 OK", &long)),
        (LOOSE, "not HTTP at all\r\n\r\n".to_owned()),
    ] {
        refer(&stage, id, &publisher).await;
        for expected in [1, 0] {
            let text = key.sign(&json!({}), &of(id, &issuer));
            let (refused, came) = publisher.answering(&bad, asks(&api, id, &text)).await;
            assert_refused(&refused, 401, "invalid_client");
            assert_eq!(came, expected, "{id}");
        }
    }
    let keys = stage.app.store.fetched_keys(HOUSE).await.expect("the store").fetched;
    assert_eq!(keys.expect("somebody tried").keys, None);
}

async fn who_goes_away_meanwhile_leaves_the_keys_to_the_others(place: Place) {
    let (api, stage) = applications::on(place).await;
    let (publisher, issuer) = (Publisher::new().await, issuer(&api).await);
    refer(&stage, KEYED, &publisher).await;
    let key = Signer::es256();
    let [gone, text] = [(); 2].map(|()| key.sign(&json!({}), &of(KEYED, &issuer)));
    let mut stream = tokio::select! {
        answer = asks(&api, KEYED, &gone) => panic!("nothing was published: {answer:?}"),
        accepted = publisher.0.accept() => accepted.expect("a connection").0,
    };
    let good = publishing(&[key.jwk()]);
    let both = async { tokio::join!(say(&mut stream, &good), asks(&api, KEYED, &text)).1 };
    let (answer, came) = publisher.answering(&good, both).await;
    assert_eq!((answer.status, came), (200, 0), "{}", answer.text());
}

async fn requests_are_signed_by_keys_that_are_fetched(place: Place) {
    let (api, stage) = applications::on(place).await;
    let (publisher, issuer) = (Publisher::new().await, issuer(&api).await);
    refer(&stage, KEYED, &publisher).await;
    let (key, good) = (Signer::es256(), publishing(&[Signer::es256().jwk()]));
    let mut asked = claims(&issuer, &json!({ "sub": null, "jti": null }));
    for (name, value) in flow().pairs() {
        asked[name] = json!(value);
    }
    let object = key.sign(&json!({ "typ": "oauth-authz-req+jwt" }), &asked);
    // Nobody has shown who it is: it is the request that the keys are fetched for.
    let path = format!("/oauth2/authorize?client_id={KEYED}&request={object}");
    let page = async { tokenhouse_suite::browser::Browser::new(&api).open(&path).await };
    let (page, came) = publisher.answering(&good, page).await;
    assert!(page.path.starts_with("/login?"), "{}", page.path);
    assert_eq!(came, 1);
    let text = key.sign(&json!({}), &of(KEYED, &issuer));
    let fields = [&[("request", object.as_str())][..], &shown(&text)].concat();
    let keyed = Application::new(&api, KEYED);
    let (pushed, came) = publisher.answering(&good, keyed.send("/oauth2/par", &fields)).await;
    assert_eq!((pushed.status, came), (201, 0), "{}", pushed.text());
}

/// RFC 7518 §3.3, §3.5: by a key that says nothing of its padding.
async fn an_application_signs_by_either_padding_of_rsa(place: Place) {
    let (api, stage) = applications::on(place).await;
    let (publisher, issuer) = (Publisher::new().await, issuer(&api).await);
    refer(&stage, KEYED, &publisher).await;
    let pair = RsaPair::generate(KeySize::Rsa2048).expect("a key");
    let parts = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
    let [n, e] = [&parts.n, &parts.e].map(|part| URL_SAFE_NO_PAD.encode(part));
    let good = publishing(&[json!({ "kty": "RSA", "kid": "rsa", "n": n, "e": e })]);
    let ways: [(&str, &'static dyn RsaEncoding); 2] =
        [("PS256", &RSA_PSS_SHA256), ("RS256", &RSA_PKCS1_SHA256)];
    let signed = |said: &str, encoding: &'static dyn RsaEncoding| {
        let header = json!({ "alg": said, "kid": "rsa" });
        let text = unsigned(&header, &of(KEYED, &issuer));
        let mut made = vec![0; pair.public_modulus_len()];
        pair.sign(encoding, &SystemRandom::new(), text.as_bytes(), &mut made).expect("signed");
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(made))
    };
    for (said, _) in ways {
        for (made, encoding) in ways {
            let text = signed(said, encoding);
            let (answer, _) = publisher.answering(&good, asks(&api, KEYED, &text)).await;
            let expected = if made == said { 200 } else { 401 };
            assert_eq!(answer.status, expected, "{said} {made}: {}", answer.text());
        }
    }
}
