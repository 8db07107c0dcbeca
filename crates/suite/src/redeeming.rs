//! Codes: worth tokens once, to who asked for them and nobody else.

use futures_util::future::join_all;
use http::Method;
use serde_json::json;

use crate::authorize::{HOUSE, SPA, WEB};
use crate::browser::Browser;
use crate::oauth_client::{Application, LOOSE, Tokens, assert_refused, userinfo};
use crate::{Api, body};

/// RFC 6749 §5.1, OpenID Connect Core §2, §3.1.3.3.
pub async fn a_code_is_worth_tokens(api: Api) {
    let web = Application::new(&api, WEB);
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let code = web.flow().code(&mut ada).await;
    let answer = web.redeem(&code, &[]).await;
    let given = Tokens::of(&answer);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(given.access.starts_with("tha_") && given.refresh.starts_with("thr_"));
    assert_eq!(
        (&given.all["token_type"], &given.all["expires_in"]),
        (&json!("Bearer"), &json!(300))
    );
    assert_eq!(given.all["scope"], "email openid profile");
    let discovered = api.ask((Method::GET, "/.well-known/openid-configuration"), None, None).await;
    assert_eq!(given.id["iss"], body(&discovered)["issuer"]);
    assert_eq!((&given.id["aud"], &given.id["nonce"]), (&json!(WEB), &json!(code.nonce)));
    let seconds = |name: &str| given.id[name].as_u64().unwrap_or_else(|| panic!("{name}"));
    assert!(seconds("auth_time") <= seconds("iat") && seconds("iat") < seconds("exp"));
    assert!(given.id["at_hash"].is_string() && given.id["sid"].is_string(), "{}", given.id);
    assert!(given.id.get("email").is_none(), "claims are for the userinfo endpoint");
    assert_eq!(body(&userinfo(&api, &given.access).await)["sub"], given.id["sub"]);
}

/// RFC 7636, RFC 8252: an application that keeps no secret shows its verifier.
pub async fn an_application_without_a_secret_redeems_by_its_verifier(api: Api) {
    let spa = Application::new(&api, SPA);
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let code = spa.flow().code(&mut ada).await;
    let pretending = spa.clone().showing(Some("a secret that it cannot have"));
    assert_refused(&pretending.redeem(&code, &[]).await, 401, "invalid_client");
    assert_refused(&spa.redeem(&code, &[("code_verifier", "")]).await, 400, "invalid_grant");
    let given = Tokens::of(&spa.redeem(&code, &[]).await);
    let next = Tokens::of(&spa.refresh(&given.refresh, &[]).await);
    assert_ne!(next.refresh, given.refresh);
}

/// RFC 9700 §2.1.1, §4.5: each of these is somebody else. None of them uses the code up.
pub async fn a_code_is_refused_to_everybody_but_who_asked_for_it(api: Api) {
    let [web, house] = [WEB, HOUSE].map(|id| Application::new(&api, id));
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let code = web.flow().code(&mut ada).await;
    let other = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl";
    let changed = code.code.replace("thc_", "thc_A");
    for (name, value) in [
        ("code_verifier", other),
        ("code_verifier", ""),
        ("redirect_uri", "https://web.example/cb/"),
        ("redirect_uri", "https://web.example/other?a=b"),
        ("code", changed.as_str()),
        ("code", "x"),
    ] {
        let refused = web.redeem(&code, &[(name, value)]).await;
        assert_refused(&refused, 400, "invalid_grant");
    }
    assert_refused(&web.redeem(&code, &[("redirect_uri", "")]).await, 400, "invalid_request");
    assert_refused(&web.redeem(&code, &[("code", "")]).await, 400, "invalid_request");
    assert_refused(&house.redeem(&code, &[]).await, 400, "invalid_grant");
    for secret in [Some("not its secret"), None] {
        let refused = web.clone().showing(secret).redeem(&code, &[]).await;
        assert_refused(&refused, 401, "invalid_client");
        assert!(refused.header("www-authenticate").is_some_and(|text| text.starts_with("Basic ")));
    }
    Tokens::of(&web.redeem(&code, &[]).await);
}

/// RFC 9700 §4.8: who takes the challenge out of a request gains nothing.
pub async fn a_challenge_cannot_be_taken_out_of_a_request(api: Api) {
    let loose = Application::new(&api, LOOSE);
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let bare = loose.flow().without("code_challenge").without("code_challenge_method");
    let code = bare.code(&mut ada).await;
    assert_refused(&loose.redeem(&code, &[]).await, 400, "invalid_grant");
    Tokens::of(&loose.redeem(&code, &[("code_verifier", "")]).await);
    let code = loose.flow().code(&mut ada).await;
    assert_refused(&loose.redeem(&code, &[("code_verifier", "")]).await, 400, "invalid_grant");
    Tokens::of(&loose.redeem(&code, &[]).await);
}

/// RFC 6749 §4.1.2: what was given for a code ends when it is presented again.
pub async fn a_code_that_comes_again_ends_what_it_was_worth(api: Api) {
    let web = Application::new(&api, WEB);
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let code = web.flow().code(&mut ada).await;
    let given = Tokens::of(&web.redeem(&code, &[]).await);
    assert_eq!(userinfo(&api, &given.access).await.status, 200);
    for _ in 0..2 {
        assert_refused(&web.redeem(&code, &[]).await, 400, "invalid_grant");
    }
    assert_refused(&userinfo(&api, &given.access).await, 401, "invalid_token");
    assert_refused(&web.refresh(&given.refresh, &[]).await, 400, "invalid_grant");
    assert_eq!(web.introspect(&given.access).await, json!({ "active": false }));
}

/// Whichever processes are asked.
pub async fn of_many_who_redeem_a_code_at_once_one_wins(api: Api) {
    let house = Application::new(&api, HOUSE);
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    for _ in 0..3 {
        let code = house.flow().code(&mut ada).await;
        let all = join_all((0..8).map(|_| house.redeem(&code, &[]))).await;
        let won = all.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(won, 1, "{all:?}");
        for lost in all.iter().filter(|answer| answer.status != 200) {
            assert_refused(lost, 400, "invalid_grant");
        }
    }
}
