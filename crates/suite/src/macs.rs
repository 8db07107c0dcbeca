//! Applications that show who they are by what they made with their secret: `client_secret_jwt`.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::assertions::{KEYED, claims, issuer, shown};
use crate::authorize::{Flow, Registered, SECRET, WEB};
use crate::browser::Browser;
use crate::oauth_client::{Application, Tokens, assert_refused, userinfo};
use crate::signer::{Signer, unsigned};
use crate::{Answer, Api, body};

/// One that makes MACs with its secret.
pub const MACS: &str = "suite-macs";

/// The applications of these cases. It has a key as well, for requests that it might sign.
pub fn clients() -> Vec<Registered> {
    let settings = json!({ "name": "Suite Macs", "kind": "server", "consent": "skip",
        "authentication": "client_secret_jwt", "jwks": { "keys": [Signer::es256().jwk()] },
        "redirect_uris": ["https://macs.example/cb"], "scopes": "openid profile email" });
    vec![Registered { id: MACS, settings, secret: Some(SECRET) }]
}

/// Claims of that client about itself.
fn of(client: &str, issuer: &str, changes: &Value) -> Value {
    let mut all = json!({ "iss": client, "sub": client });
    for (name, value) in changes.as_object().expect("an object") {
        all[name] = value.clone();
    }
    claims(issuer, &all)
}

/// Claims under a MAC.
pub fn mac(secret: &str, header: &Value, claims: &Value) -> String {
    let text = unsigned(header, claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), text.as_bytes());
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(tag))
}

/// A good assertion.
fn assertion(issuer: &str) -> String {
    mac(SECRET, &json!({ "alg": "HS256" }), &of(MACS, issuer, &json!({})))
}

/// Asks about a token that is none: nothing but who asks is judged.
async fn asks(application: &Application, fields: &[(&str, &str)]) -> Answer {
    let fields = [&[("token", "x")][..], fields].concat();
    application.send("/oauth2/introspect", &fields).await
}

/// OpenID Connect Core §9: at every endpoint, whichever process answers, and each assertion once.
pub async fn an_application_shows_who_it_is_by_a_mac(api: Api) {
    let (macs, issuer) = (Application::new(&api, MACS).showing(None), issuer(&api).await);
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let code = Flow::of(MACS, "https://macs.example/cb").code(&mut ada).await;
    let given = Tokens::of(&macs.redeem(&code, &shown(&assertion(&issuer))).await);
    let next = Tokens::of(&macs.refresh(&given.refresh, &shown(&assertion(&issuer))).await);
    let text = assertion(&issuer);
    let fields = [&[("token", next.access.as_str())][..], &shown(&text)].concat();
    assert_eq!(body(&macs.send("/oauth2/introspect", &fields).await)["active"], true);
    assert_refused(&macs.send("/oauth2/introspect", &fields).await, 401, "invalid_client");
    let (flow, text) = (Flow::of(MACS, "https://macs.example/cb"), assertion(&issuer));
    let mut pairs = flow.pairs();
    pairs.retain(|(name, _)| *name != "client_id");
    let pushed = macs.send("/oauth2/par", &[&pairs[..], &shown(&text)].concat()).await;
    assert_eq!(pushed.status, 201, "{}", pushed.text());
    let text = assertion(&issuer);
    let fields = [&[("token", next.refresh.as_str())][..], &shown(&text)].concat();
    assert_eq!(macs.send("/oauth2/revoke", &fields).await.status, 200);
    assert_refused(&userinfo(&api, &next.access).await, 401, "invalid_token");
    for _ in 0..3 {
        let text = assertion(&issuer);
        let fields = shown(&text);
        let all = join_all((0..8).map(|_| asks(&macs, &fields))).await;
        assert_eq!(all.iter().filter(|answer| answer.status == 200).count(), 1, "{all:?}");
    }
}

/// RFC 8725 §2.1, §3.1: by which of the two it is judged its registration says, and nothing that is sent.
pub async fn a_mac_is_no_signature_and_a_signature_is_no_mac(api: Api) {
    let issuer = issuer(&api).await;
    let [macs, keyed, web] = [MACS, KEYED, WEB].map(|id| Application::new(&api, id).showing(None));
    let (hs256, good) = (json!({ "alg": "HS256" }), of(MACS, &issuer, &json!({})));
    let public = Signer::es256().jwk();
    let mut bad = vec![
        mac("thk_another-secret-of-more-than-32-characters", &hs256, &good),
        mac("", &hs256, &good),
        mac(&public.to_string(), &hs256, &good),
        Signer::es256().sign(&json!({}), &good),
        Signer::es256().sign(&hs256, &good),
        format!("{}.", unsigned(&hs256, &good)),
        format!("{}.", unsigned(&json!({ "alg": "none" }), &good)),
    ];
    for header in [
        json!({ "alg": "HS512" }),
        json!({ "alg": "ES256" }),
        json!({ "alg": "none" }),
        json!({ "alg": "HS256", "typ": "at+jwt" }),
        json!({ "alg": "HS256", "crit": ["exp"] }),
    ] {
        bad.push(mac(SECRET, &header, &good));
    }
    for changes in [
        json!({ "iss": WEB }),
        json!({ "sub": WEB }),
        json!({ "aud": "https://other.example" }),
        json!({ "exp": null }),
        json!({ "jti": null }),
    ] {
        bad.push(mac(SECRET, &hs256, &of(MACS, &issuer, &changes)));
    }
    for text in bad {
        assert_refused(&asks(&macs, &shown(&text)).await, 401, "invalid_client");
    }
    // Others have a secret, or a key; of neither is a MAC taken.
    let by_secret = mac(SECRET, &hs256, &of(WEB, &issuer, &json!({})));
    assert_refused(&asks(&web, &shown(&by_secret)).await, 401, "invalid_client");
    for secret in [public.to_string(), public["x"].to_string(), SECRET.to_owned()] {
        let text = mac(&secret, &hs256, &of(KEYED, &issuer, &json!({})));
        assert_refused(&asks(&keyed, &shown(&text)).await, 401, "invalid_client");
    }
    assert_eq!(asks(&macs, &shown(&assertion(&issuer))).await.status, 200);
}

/// OpenID Connect Core §9: the secret itself is never sent, so who sends it is somebody who found it in a log.
pub async fn who_makes_macs_does_not_show_its_secret(api: Api) {
    let issuer = issuer(&api).await;
    let mut shows = Application::new(&api, MACS);
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let code = Flow::of(MACS, "https://macs.example/cb").code(&mut ada).await;
    let bare = shows.clone().showing(None);
    let given = Tokens::of(&bare.redeem(&code, &shown(&assertion(&issuer))).await);
    for in_form in [false, true] {
        shows.in_form = in_form;
        assert_refused(&asks(&shows, &[]).await, 401, "invalid_client");
        assert_refused(&shows.refresh(&given.refresh, &[]).await, 401, "invalid_client");
    }
    assert_refused(&asks(&bare, &[]).await, 401, "invalid_client");
    Tokens::of(&bare.refresh(&given.refresh, &shown(&assertion(&issuer))).await);
}
