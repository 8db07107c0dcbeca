//! An application asks to sign somebody out (OpenID Connect RP-Initiated Logout 1.0): she is asked, always.

use crate::authorize::{Flow, SPA, WEB};
use crate::browser::{Browser, query};
use crate::{Api, assert_problem};

const BYE: &str = "https://web.example/bye";

fn path(pairs: &[(&str, &str)]) -> String {
    format!("/oauth2/logout?{}", query(pairs))
}

/// With the ID token or with its name, the application gets her back, with its state; the session has ended.
pub async fn an_application_has_somebody_signed_out_who_agrees(api: Api) {
    for by_hint in [true, false] {
        let mut ada = Browser::new(&api);
        let (name, _) = ada.newcomer().await;
        let token = ada.cookies["tokenhouse-session"].clone();
        let hint = Flow::web().code(&mut ada).await.id_token(&api).await;
        let who = if by_hint { ("id_token_hint", hint.as_str()) } else { ("client_id", WEB) };
        let asked = path(&[who, ("post_logout_redirect_uri", BYE), ("state", "a b&c")]);
        let page = ada.open(&asked).await;
        assert_eq!(page.answer.status, 200, "{}", page.html);
        assert!(page.says("Suite Web") && page.says(&name), "{}", page.html);
        let policy = page.answer.header("content-security-policy").expect("a policy");
        assert!(policy.ends_with("form-action 'self' https:"), "{policy}");
        assert_eq!(api.get("/data", &token).await.status, 200, "only asked");
        let out = ada.submit(&page, "/logout", &[]).await;
        assert_eq!(
            (out.answer.status, out.path.as_str()),
            (303, "https://web.example/bye?state=a%20b%26c")
        );
        assert!(!ada.cookies.contains_key("tokenhouse-session"));
        assert_problem(&api.get("/data", &token).await, 401, "invalid_token");
        let over = ada.open(&asked).await;
        assert!(
            over.path.starts_with(BYE),
            "who is signed out already is not asked: {}",
            over.path
        );
    }
}

/// Without a name, or with a hint that is not ours, she can sign out all the same, and stays here.
pub async fn who_asks_without_a_name_gets_nobody_back(api: Api) {
    for pairs in [
        vec![],
        vec![("post_logout_redirect_uri", BYE)],
        vec![("id_token_hint", "x.y.z"), ("client_id", WEB), ("post_logout_redirect_uri", BYE)],
        vec![("client_id", "nobody"), ("post_logout_redirect_uri", BYE)],
    ] {
        let mut ada = Browser::new(&api);
        ada.newcomer().await;
        let page = ada.open(&path(&pairs)).await;
        assert!(page.says("An application asks whether you want to sign out"), "{}", page.html);
        let out = ada.submit(&page, "/logout", &[]).await;
        assert_eq!(out.path, "/login?said=signed-out", "{pairs:?}");
        assert!(!ada.cookies.contains_key("tokenhouse-session"));
    }
}

/// Nobody is sent to an address that is not registered for it, signed in or not.
pub async fn after_signing_out_nobody_is_sent_to_an_address_that_is_not_registered(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let hint = Flow::web().code(&mut ada).await.id_token(&api).await;
    for (client, to) in [
        (WEB, "https://evil.example"),
        (WEB, "https://web.example/bye/"),
        (WEB, "https://web.example/cb"),
        (SPA, BYE),
    ] {
        for browser in [&mut ada, &mut Browser::new(&api)] {
            let page = browser
                .look(&path(&[("client_id", client), ("post_logout_redirect_uri", to)]))
                .await;
            assert_eq!((page.answer.status, page.answer.header("location")), (400, None), "{to}");
            assert!(page.says("There is a problem with the application"), "{}", page.html);
        }
    }
    let mixed =
        [("id_token_hint", hint.as_str()), ("client_id", SPA), ("post_logout_redirect_uri", BYE)];
    let page = ada.open(&path(&mixed)).await;
    assert!(page.says("An application asks"), "the hint was given to another one: {}", page.html);
    assert!(ada.cookies.contains_key("tokenhouse-session"));
}

/// No link, picture or form of another site signs anybody out.
pub async fn nobody_is_signed_out_without_being_asked(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let token = ada.cookies["tokenhouse-session"].clone();
    let hint = Flow::web().code(&mut ada).await.id_token(&api).await;
    let pairs = [("id_token_hint", hint.as_str()), ("post_logout_redirect_uri", BYE)];
    ada.look(&path(&pairs)).await;
    let sent = ada.post("/oauth2/logout", &pairs).await;
    assert_eq!((sent.answer.status, sent.answer.header("location")), (303, Some(&*path(&pairs))));
    let page = ada.open(&path(&pairs)).await;
    let refused = ada.submit(&page, "/logout", &[("csrf", "")]).await;
    assert!(refused.path.starts_with("/oauth2/logout?"), "asked again: {}", refused.path);
    let evil = [("return_to", "https://evil.example")];
    ada.headers.insert("origin", "https://web.example".to_owned());
    assert_eq!(ada.submit(&page, "/logout", &[]).await.answer.status, 403);
    ada.headers.remove("origin");
    assert_eq!(api.get("/data", &token).await.status, 200);
    assert_eq!(ada.submit(&page, "/logout", &evil).await.path, "/login?said=signed-out");
}
