//! Devices, codes and decisions that are refused.

use crate::Api;
use crate::authorize::WEB;
use crate::browser::Browser;
use crate::device::{Device, GRANT, TELEVISION, TERMINAL};
use crate::oauth_client::{Application, Tokens, assert_refused};

/// RFC 8628 §5.1. What can be nobody's code is not counted; over the limit even a right one is not looked up.
pub async fn guesses_at_codes_come_to_an_end(api: Api) {
    let mut eve = Browser::new(&api);
    eve.newcomer().await;
    let device = Device::new(&api, TELEVISION, "openid").await;
    let page = eve.open("/device").await;
    for bad in ["", "BCDF", "AEIO-UAEI", "BCDF-GHJ1", "\"><script>"] {
        let refused = eve.submit(&page, "/device", &[("user_code", bad)]).await;
        assert_eq!(refused.answer.status, 400, "{bad}");
        assert!(refused.says("This code is not known") && !refused.says("<script>alert"));
    }
    for letter in "BCDFGHJKLM".chars() {
        let guess = format!("BBBB-BBB{letter}");
        let refused = eve.submit(&page, "/device", &[("user_code", &guess)]).await;
        assert_eq!(refused.answer.status, 400, "{guess}");
        assert!(refused.says(&guess), "it can be corrected");
    }
    for code in [device.code(), "BBBB-BBBN"] {
        let refused = eve.submit(&page, "/device", &[("user_code", code)]).await;
        assert_eq!(refused.answer.status, 429, "{}", refused.html);
        assert!(refused.answer.header("retry-after").is_some());
        assert!(refused.says("Too many attempts") && !refused.says("Suite Television"));
    }
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    device.answer(&mut ada, "allow").await;
    Tokens::of(&device.poll().await);
}

/// Another application, no application, another grant, another code: none of them uses it up.
pub async fn a_device_code_is_refused_to_everybody_but_its_own_application(api: Api) {
    let [television, terminal, web] =
        [TELEVISION, TERMINAL, WEB].map(|id| Application::new(&api, id));
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let device = Device::new(&api, TERMINAL, "openid").await;
    device.answer(&mut ada, "allow").await;
    assert_refused(&device.poll_as(&television).await, 400, "invalid_grant");
    assert_refused(&device.poll_as(&web).await, 400, "unauthorized_client");
    for secret in [None, Some("not its secret")] {
        let pretending = terminal.clone().showing(secret);
        assert_refused(&device.poll_as(&pretending).await, 401, "invalid_client");
    }
    let code = device.text("device_code").to_owned();
    for text in [code.replace("thd_", "thc_"), code.replace("thd_", "thd_A"), "x".to_owned()] {
        let refused = terminal.ask(&[("grant_type", GRANT), ("device_code", &text)]).await;
        assert_refused(&refused, 400, "invalid_grant");
        let as_code =
            [("grant_type", "authorization_code"), ("code", &text), ("redirect_uri", "x")];
        assert_eq!(web.ask(&as_code).await.status, 400);
    }
    assert_refused(&terminal.ask(&[("grant_type", GRANT)]).await, 400, "invalid_request");
    Tokens::of(&device.poll().await);
}

/// Neither another site nor another person's form allows anything, and no address does.
pub async fn a_device_is_decided_by_her_own_form_only(api: Api) {
    let (mut ada, mut eve) = (Browser::new(&api), Browser::new(&api));
    ada.newcomer().await;
    eve.newcomer().await;
    let device = Device::new(&api, TELEVISION, "openid").await;
    let hers = device.typed(&mut ada).await;
    let allow = ("answer", "allow");
    for (page, csrf) in [(&hers, Some("")), (&device.typed(&mut eve).await, None)] {
        let typed: Vec<_> = [allow].into_iter().chain(csrf.map(|csrf| ("csrf", csrf))).collect();
        let refused = ada.submit(page, "/device", &typed).await;
        assert_eq!(refused.answer.status, 403, "{}", refused.html);
        assert!(refused.says("Please send it once more.") && refused.says(device.code()));
    }
    ada.headers.insert("origin", "https://evil.example".to_owned());
    assert_eq!(ada.submit(&hers, "/device", &[allow]).await.answer.status, 403);
    ada.headers.remove("origin");
    for unknown in ["", "x", "01890000-0000-7000-8000-000000000000"] {
        let refused = ada.submit(&hers, "/device", &[allow, ("device", unknown)]).await;
        assert_eq!(refused.answer.status, 400, "{unknown}");
    }
    ada.open(&format!("/device?user_code={}&answer=allow", device.code())).await;
    assert_refused(&device.poll().await, 400, "authorization_pending");
    // The same form once more, as from a browser that goes back, changes nothing.
    for _ in 0..2 {
        let done = ada.submit(&hers, "/device", &[allow]).await;
        assert_eq!(done.path, "/device?said=device-allowed");
    }
    let late = device.typed(&mut eve).await;
    assert_eq!(late.answer.status, 400, "it is decided: {}", late.html);
    Tokens::of(&device.poll().await);
}

/// RFC 8628 §3.2 has no errors of its own.
pub async fn what_a_device_may_not_ask_for_is_refused(api: Api) {
    let [television, terminal, web] =
        [TELEVISION, TERMINAL, WEB].map(|id| Application::new(&api, id));
    let ask = async |application: &Application, fields: &[(&str, &str)]| {
        application.send("/oauth2/device", fields).await
    };
    assert_refused(&ask(&web, &[]).await, 400, "unauthorized_client");
    assert_refused(&ask(&terminal.showing(None), &[]).await, 401, "invalid_client");
    assert_refused(&ask(&television, &[("scope", "admin")]).await, 400, "invalid_scope");
    let elsewhere = [("resource", "https://api.example")];
    assert_refused(&ask(&television, &elsewhere).await, 400, "invalid_target");
    let twice = [("scope", "openid"), ("scope", "email")];
    assert_refused(&ask(&television, &twice).await, 400, "invalid_request");
    let everything = ask(&television, &[]).await;
    assert_eq!(everything.status, 200, "{}", everything.text());
}
