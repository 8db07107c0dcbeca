//! Applications that keep the FAPI 2.0 Security Profile: what is stricter for them than for everybody.

use serde_json::{Value, json};

use crate::assertions::{claims, issuer, shown};
use crate::authorize::{Code, Flow, Registered};
use crate::browser::Browser;
use crate::oauth_client::{Application, Tokens, assert_refused};
use crate::prover::Prover;
use crate::pushed::{path, reference};
use crate::signer::Signer;
use crate::{Answer, Api, prover};

/// One that keeps it.
const FAPI: &str = "suite-fapi";

/// The applications of these cases.
pub fn clients() -> Vec<Registered> {
    let settings = json!({ "name": "Suite Fapi", "kind": "server", "consent": "skip",
        "security_profile": "fapi2", "authentication": "private_key_jwt",
        "jwks": { "keys": [Signer::es256().jwk()] }, "dpop_bound_access_tokens": true,
        "require_pushed_authorization_requests": true,
        "redirect_uris": ["https://fapi.example/cb"], "scopes": "openid profile email" });
    vec![Registered { id: FAPI, settings, secret: None }]
}

fn flow() -> Flow {
    Flow::of(FAPI, "https://fapi.example/cb")
}

/// An assertion that is made out to somebody.
fn made_out(issuer: &str, audience: &Value) -> String {
    let changes = json!({ "iss": FAPI, "sub": FAPI, "aud": audience });
    Signer::es256().sign(&json!({}), &claims(issuer, &changes))
}

async fn push(fapi: &Application, flow: &Flow, assertion: &str) -> Answer {
    let nameless = flow.clone().without("client_id");
    fapi.send("/oauth2/par", &[nameless.pairs(), shown(assertion).to_vec()].concat()).await
}

/// FAPI 2.0 §5.3.2.1: to its issuer, as a text, and to no endpoint; a list that holds the issuer alone is a list.
pub async fn an_assertion_of_the_profile_is_made_out_to_the_issuer_alone(api: Api) {
    let (fapi, issuer) = (Application::new(&api, FAPI), issuer(&api).await);
    for audience in [
        json!(format!("{issuer}/oauth2/token")),
        json!(format!("{issuer}/oauth2/par")),
        json!([issuer]),
        json!([issuer, format!("{issuer}/oauth2/par")]),
    ] {
        let refused = push(&fapi, &flow(), &made_out(&issuer, &audience)).await;
        assert_refused(&refused, 401, "invalid_client");
    }
    reference(&push(&fapi, &flow(), &made_out(&issuer, &json!(issuer))).await);
}

/// FAPI 2.0 §5.3.2.1: what is stolen of it is worth nothing, so it need not change; and an answer that is lost costs
/// nothing.
pub async fn the_refresh_token_of_the_profile_stays(api: Api) {
    let (fapi, issuer) = (Application::new(&api, FAPI), issuer(&api).await);
    let [key, other] = [Prover::new(&api).await, Prover::new(&api).await];
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let own = || made_out(&issuer, &json!(issuer));
    let flow = flow();
    let sent = reference(&push(&fapi, &flow, &own()).await);
    let told = flow.told(&ada.open(&path(FAPI, &sent)).await);
    let code = Code {
        client: FAPI.to_owned(),
        code: told["code"].clone(),
        redirect_uri: "https://fapi.example/cb".to_owned(),
        nonce: String::new(),
    };
    assert_refused(&fapi.redeem(&code, &shown(&own())).await, 400, "invalid_request");
    let by = |key: &Prover| fapi.clone().proving(&[&key.for_tokens()]);
    let given = Tokens::of(&by(&key).redeem(&code, &shown(&own())).await);
    assert_eq!(given.all["token_type"], "DPoP");
    for key in [&key, &other, &key] {
        let next = Tokens::of(&by(key).refresh(&given.refresh, &shown(&own())).await);
        assert_eq!(next.refresh, given.refresh);
        assert_ne!(next.access, given.access);
        let proof = key.for_userinfo(&next.access);
        let answer = prover::shown(&api, "DPoP", &next.access, Some(&proof)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let bare = fapi.refresh(&given.refresh, &shown(&own())).await;
    assert_refused(&bare, 400, "invalid_request");
    Tokens::of(&by(&key).refresh(&given.refresh, &shown(&own())).await);
}
