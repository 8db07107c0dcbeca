//! Tokens that are bound to a key (RFC 9449): worth something only to who proves it, each time anew.

use bytes::Bytes;
use http::{Method, Request};

use crate::authorize::{Code, HOUSE, SPA};
use crate::browser::{Browser, query};
use crate::dpop::{BOUND, assert_challenged, bound, code};
use crate::oauth_client::{Application, FORM, SIGNED, Tokens, assert_refused, userinfo};
use crate::prover::{Prover, nonce, shown};
use crate::{Api, pushed};

/// RFC 9449 §7: who only holds it gets nothing.
pub async fn a_bound_token_is_worth_nothing_to_who_does_not_prove_its_key(api: Api) {
    let [key, other] = [Prover::new(&api).await, Prover::new(&api).await];
    for id in [SPA, SIGNED] {
        let given = bound(&api, id, &key).await;
        let token = given.access.as_str();
        assert_challenged(&userinfo(&api, token).await, "invalid_token", "Bearer");
        let proof = key.for_userinfo(token);
        let beside = shown(&api, "Bearer", token, Some(&proof)).await;
        assert_challenged(&beside, "invalid_token", "Bearer");
        let form = query(&[("access_token", token)]);
        let form = Some((FORM, form.as_bytes()));
        let posted = api.ask((Method::POST, "/oauth2/userinfo"), None, form).await;
        assert_challenged(&posted, "invalid_token", "Bearer");
        let bare = shown(&api, "DPoP", token, None).await;
        assert_challenged(&bare, "invalid_dpop_proof", "DPoP");
        let stolen = shown(&api, "DPoP", token, Some(&other.for_userinfo(token))).await;
        assert_challenged(&stolen, "invalid_token", "DPoP");
        assert_eq!(shown(&api, "dpop", token, Some(&proof)).await.status, 200, "it was not used");
    }
    let house = Application::new(&api, HOUSE);
    let (free, _) = house.sign_in(&house.flow()).await;
    let proof = key.for_userinfo(&free.access);
    let answer = shown(&api, "DPoP", &free.access, Some(&proof)).await;
    assert_challenged(&answer, "invalid_token", "DPoP");
    assert_eq!(userinfo(&api, &free.access).await.status, 200);
    let none = api.ask((Method::GET, "/oauth2/userinfo"), None, None).await;
    let schemes: Vec<_> = none.headers.get_all("www-authenticate").iter().collect();
    assert_eq!(schemes, ["Bearer", "DPoP algs=\"ES256 EdDSA PS256\""]);
}

/// RFC 9449 §5: that of an application without a secret is bound, and who cannot prove the key turns nothing.
pub async fn a_bound_refresh_token_is_turned_by_its_key_only(api: Api) {
    let [key, other] = [Prover::new(&api).await, Prover::new(&api).await];
    let spa = Application::new(&api, SPA);
    let first = bound(&api, SPA, &key).await;
    for _ in 0..2 {
        assert_refused(&spa.refresh(&first.refresh, &[]).await, 400, "invalid_request");
        let thief = spa.clone().proving(&[&other.for_tokens()]);
        assert_refused(&thief.refresh(&first.refresh, &[]).await, 400, "invalid_grant");
    }
    let turn = async |token: &str| {
        let spa = spa.clone().proving(&[&key.for_tokens()]);
        Tokens::of(&spa.refresh(token, &[]).await)
    };
    let second = turn(&first.refresh).await;
    assert_eq!(turn(&first.refresh).await.refresh, second.refresh, "an answer that was lost");
    assert_eq!(second.all["token_type"], "DPoP");
    assert_refused(&spa.refresh(&second.refresh, &[]).await, 400, "invalid_request");
    let third = turn(&second.refresh).await;
    let proof = key.for_userinfo(&third.access);
    assert_eq!(shown(&api, "DPoP", &third.access, Some(&proof)).await.status, 200);
    // Who has a secret shows by it who it is, and may change its key.
    let house = Application::new(&api, HOUSE);
    let given = bound(&api, HOUSE, &key).await;
    let changed = house.clone().proving(&[&other.for_tokens()]);
    let next = Tokens::of(&changed.refresh(&given.refresh, &[]).await);
    assert_eq!(house.introspect(&next.access).await["cnf"]["jkt"], other.thumbprint());
    assert!(house.introspect(&next.refresh).await.get("cnf").is_none());
    let free = Tokens::of(&house.refresh(&next.refresh, &[]).await);
    assert_eq!(free.all["token_type"], "Bearer");
}

/// RFC 9449 §10: a code that was stolen on its way is worth nothing.
pub async fn a_code_is_redeemed_by_the_key_that_was_announced(api: Api) {
    let [key, other] = [Prover::new(&api).await, Prover::new(&api).await];
    let spa = Application::new(&api, SPA);
    let flow = spa.flow().with("dpop_jkt", &key.thumbprint());
    let (code, mut ada) = code(&api, &flow).await;
    assert_refused(&spa.redeem(&code, &[]).await, 400, "invalid_request");
    let thief = spa.clone().proving(&[&other.for_tokens()]);
    assert_refused(&thief.redeem(&code, &[]).await, 400, "invalid_grant");
    let owner = spa.clone().proving(&[&key.for_tokens()]);
    assert_eq!(Tokens::of(&owner.redeem(&code, &[]).await).all["token_type"], "DPoP");
    let told = spa.flow().with("dpop_jkt", "too-short").answer(&mut ada).await;
    assert_eq!(told["error"], "invalid_request");
}

/// RFC 9449 §10.1: a proof beside a request that is sent ahead announces its key.
pub async fn a_request_that_is_sent_ahead_with_a_proof_is_bound_to_its_key(api: Api) {
    let [key, other] = [Prover::new(&api).await, Prover::new(&api).await];
    let house = Application::new(&api, HOUSE);
    let flow = house.flow();
    let proof = || key.sign(&key.header(), &key.claims("POST", "/oauth2/par"));
    let mut pairs = flow.pairs();
    let ahead = house.clone().proving(&[&proof()]).send("/oauth2/par", &pairs).await;
    assert!(nonce(&ahead).is_some(), "{}", ahead.text());
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let page = ada.open(&pushed::path(HOUSE, &pushed::reference(&ahead))).await;
    let told = flow.told(&page);
    let code = Code {
        client: HOUSE.to_owned(),
        code: told["code"].clone(),
        redirect_uri: "https://house.example/cb".to_owned(),
        nonce: String::new(),
    };
    assert_refused(&house.redeem(&code, &[]).await, 400, "invalid_request");
    let thief = house.clone().proving(&[&other.for_tokens()]);
    assert_refused(&thief.redeem(&code, &[]).await, 400, "invalid_grant");
    let owner = house.clone().proving(&[&key.for_tokens()]);
    assert_eq!(Tokens::of(&owner.redeem(&code, &[]).await).all["token_type"], "DPoP");
    let named = other.thumbprint();
    pairs.push(("dpop_jkt", &named));
    for proof in [proof(), key.for_tokens()] {
        let refused = house.clone().proving(&[&proof]).send("/oauth2/par", &pairs).await;
        assert_refused(&refused, 400, "invalid_dpop_proof");
    }
}

/// RFC 9449 §5.2: nobody has its tokens made weaker.
pub async fn an_application_that_has_to_prove_a_key_gets_no_other_tokens(api: Api) {
    let key = Prover::new(&api).await;
    let application = Application::new(&api, BOUND);
    let (code, _) = code(&api, &application.flow()).await;
    assert_refused(&application.redeem(&code, &[]).await, 400, "invalid_request");
    let proving = || application.clone().proving(&[&key.for_tokens()]);
    let given = Tokens::of(&proving().redeem(&code, &[]).await);
    assert_eq!(given.all["token_type"], "DPoP");
    assert_refused(&application.refresh(&given.refresh, &[]).await, 400, "invalid_request");
    let next = Tokens::of(&proving().refresh(&given.refresh, &[]).await);
    assert_eq!(next.all["token_type"], "DPoP");
    assert_challenged(&userinfo(&api, &next.access).await, "invalid_token", "Bearer");
}

/// Fetch §3.2: a script sends its proofs, and reads the nonce it has to use.
pub async fn scripts_of_registered_origins_send_proofs_and_read_nonces(api: Api) {
    let mut key = Prover::new(&api).await;
    let mut spa = Application::new(&api, SPA);
    spa.origin = Some("https://spa.example");
    let given = bound(&api, SPA, &key).await;
    key.nonce = String::new();
    let refused = spa.proving(&[&key.for_tokens()]).refresh(&given.refresh, &[]).await;
    assert_refused(&refused, 400, "use_dpop_nonce");
    assert_eq!(refused.header("access-control-allow-origin"), Some("https://spa.example"));
    let exposed = refused.header("access-control-expose-headers").expect("headers");
    assert!(exposed.contains("dpop-nonce"), "{exposed}");
    for path in ["/oauth2/token", "/oauth2/userinfo"] {
        let request = Request::builder()
            .method(Method::OPTIONS)
            .uri(path)
            .header("origin", "https://spa.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization, dpop");
        let answer = api.send(request.body(Bytes::new()).expect("a good request")).await;
        let allowed = answer.header("access-control-allow-headers").expect("headers");
        assert!(allowed.contains("dpop"), "{allowed}");
    }
}
