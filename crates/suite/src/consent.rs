//! What a person lets an application do: asked once, asked again for more, and taken back.

use serde_json::json;

use crate::authorize::{Flow, HOUSE, WEB};
use crate::browser::Browser;
use crate::{Api, PASSWORD, body};

/// The same or less is not asked for again; more is, and only that.
pub async fn consent_is_remembered_and_asked_again_when_the_scope_grows(api: Api) {
    let mut ada = Browser::new(&api);
    let (name, _) = ada.newcomer().await;
    let flow = Flow::web();
    flow.code(&mut ada).await;
    let mut elsewhere = Browser::new(&api);
    elsewhere.sign_in(&name, PASSWORD).await;
    for scope in ["openid profile email", "email openid", "openid"] {
        let page = elsewhere.open(&flow.clone().with("scope", scope).path()).await;
        assert!(page.path.starts_with("https://web.example/cb?"), "{scope}: {}", page.path);
    }
    let more = flow.clone().with("scope", "openid email address");
    let page = ada.open(&more.path()).await;
    let (asked, granted) = page.html.split_once("It may already:").expect("both");
    assert!(
        asked.contains("see your postal address") && !asked.contains("see your e-mail address")
    );
    assert!(granted.contains("see your e-mail address"), "{}", page.html);
    more.code(&mut ada).await;
    let all = flow.clone().with("scope", "openid profile email address").path();
    assert!(ada.open(&all).await.path.starts_with("https://web.example/cb?"), "both are kept");
    let always = flow.with("prompt", "consent");
    let page = ada.open(&always.path()).await;
    assert!(page.says("action=\"/oauth2/consent\""), "{}", page.html);
    assert!(page.says("see your e-mail address"), "{}", page.html);
}

/// `access_denied`, and nothing is remembered.
pub async fn who_refuses_is_sent_back_and_asked_again_the_next_time(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let flow = Flow::web();
    for answer in ["deny", "anything"] {
        let asked = ada.open(&flow.path()).await;
        let page = ada.submit(&asked, "/oauth2/consent", &[("answer", answer)]).await;
        let told = flow.told(&page);
        assert_eq!(told.get("error").map(String::as_str), Some("access_denied"));
        assert!(!told.contains_key("code"));
    }
    assert!(ada.open(&flow.path()).await.says("action=\"/oauth2/consent\""));
    let list = ada.open("/account/applications").await;
    assert!(list.says("No application is connected"), "{}", list.html);
}

/// Consent is given by the form of her own session, for what it showed, and by nothing else.
pub async fn consent_is_taken_from_her_own_form_only(api: Api) {
    let (mut ada, mut eve) = (Browser::new(&api), Browser::new(&api));
    ada.newcomer().await;
    eve.newcomer().await;
    let flow = Flow::web();
    let hers = ada.open(&flow.path()).await;
    let allow = ("answer", "allow");
    for (page, csrf) in [(&hers, Some("")), (&eve.open(&flow.path()).await, None)] {
        let typed: Vec<_> = [allow].into_iter().chain(csrf.map(|csrf| ("csrf", csrf))).collect();
        let refused = ada.submit(page, "/oauth2/consent", &typed).await;
        assert_eq!(refused.answer.status, 403, "{}", refused.html);
        assert!(refused.says("Please send it once more.") && refused.says("Suite Web"));
    }
    ada.headers.insert("origin", "https://evil.example".to_owned());
    let refused = ada.submit(&hers, "/oauth2/consent", &[allow]).await;
    assert_eq!(refused.answer.status, 403);
    ada.headers.remove("origin");
    let wrong = flow.clone().with("redirect_uri", "https://evil.example/cb").path();
    for onward in [wrong.as_str(), "/account", "https://evil.example", ""] {
        let page = ada.submit(&hers, "/oauth2/consent", &[allow, ("return_to", onward)]).await;
        assert_eq!((page.answer.status, page.answer.header("location")), (400, None), "{onward}");
    }
    let silent = flow.clone().with("prompt", "none");
    let told = silent.told(&ada.open(&silent.path()).await);
    assert_eq!(
        told.get("error").map(String::as_str),
        Some("consent_required"),
        "nothing was given"
    );
    let out = ada.open("/logout").await;
    ada.submit(&out, "/logout", &[]).await;
    let login = ada.submit(&hers, "/oauth2/consent", &[allow]).await;
    assert!(login.path.starts_with("/login?return_to="), "{}", login.path);
}

/// For an application of the house the operator has answered.
pub async fn nobody_is_asked_for_an_application_of_the_house(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let page = ada.open(&Flow::of(HOUSE, "https://house.example/cb").path()).await;
    assert!(page.path.starts_with("https://house.example/cb?"), "{}", page.path);
}

/// From the consent page somebody else can sign in, and is asked herself.
pub async fn another_account_can_be_used_instead(api: Api) {
    let (name, _) = Browser::new(&api).newcomer().await;
    let mut ada = Browser::new(&api);
    let (former, _) = ada.newcomer().await;
    let flow = Flow::web();
    let asked = ada.open(&flow.path()).await;
    let links = asked.tags("a");
    let other = links.iter().find(|tag| tag["href"].starts_with("/login?said=other-account"));
    let login = ada.open(&other.expect("a link")["href"]).await;
    assert!(login.says("Sign in with the account") && !login.says(&former), "{}", login.html);
    let asked = ada.submit(&login, "/login", &[("username", &name), ("password", PASSWORD)]).await;
    assert!(asked.says(&name) && asked.says("Suite Web") && !asked.says(&former));
}

/// The page of her account that lists them; disconnecting ends what the application was given.
pub async fn connected_applications_are_listed_and_disconnected(api: Api) {
    let mut ada = Browser::new(&api);
    let (_, account) = ada.newcomer().await;
    assert!(account.says("href=\"/account/applications\""));
    Flow::web().code(&mut ada).await.id_token(&api).await;
    let list = ada.open("/account/applications").await;
    assert!(list.says("Suite Web") && list.says("see your e-mail address"), "{}", list.html);
    let button = list.tags("button").into_iter().find(|tag| tag["name"] == "disconnect");
    assert_eq!(button.expect("a button")["value"], WEB);
    let foreign = ada.submit(&list, "/account/applications", &[("disconnect", WEB), ("csrf", "")]);
    assert_eq!(foreign.await.answer.status, 403);
    let gone = ada.submit(&list, "/account/applications", &[("disconnect", WEB)]).await;
    assert_eq!(gone.path, "/account/applications?said=application-disconnected");
    assert!(gone.says("No application is connected") && !gone.says("Suite Web"), "{}", gone.html);
    let again = ada.submit(&list, "/account/applications", &[("disconnect", WEB)]).await;
    assert_eq!(again.path, "/account/applications?said=application-disconnected");
    let asked = ada.open(&Flow::web().path()).await;
    assert!(asked.says("action=\"/oauth2/consent\""), "she is asked again: {}", asked.html);
    let mut guest = Browser::new(&api);
    let login = guest.open("/account/applications").await;
    assert_eq!(login.path, "/login?return_to=%2Faccount%2Fapplications");
}

/// What she agreed to, what is given for it, and nothing that a token is made of.
pub async fn an_export_holds_consents_and_what_applications_were_given(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let token = ada.cookies["tokenhouse-session"].clone();
    let code = Flow::web().code(&mut ada).await;
    let before = body(&api.get("/account/export", &token).await);
    assert_eq!(before["consents"][0]["client_id"], WEB);
    assert_eq!(before["grants"], json!([]), "a code is worth nothing yet");
    code.id_token(&api).await;
    let all = body(&api.get("/account/export", &token).await);
    assert_eq!(all["consents"], before["consents"]);
    for (kind, members) in [
        ("consents", ["client_id", "scope", "since"].as_slice()),
        ("grants", &["client_id", "created_at", "expires_at", "last_used_at", "scope"]),
    ] {
        let shown = all[kind].as_array().expect("a list");
        assert_eq!(shown.len(), 1, "{kind}: {all}");
        let one = shown[0].as_object().expect("an object");
        let mut names: Vec<_> = one.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, members);
        assert!(one.values().all(|value| value.is_string()), "{one:?}");
        assert_eq!(
            (&one["client_id"], &one["scope"]),
            (&json!(WEB), &json!("email openid profile"))
        );
    }
    let list = ada.open("/account/applications").await;
    ada.submit(&list, "/account/applications", &[("disconnect", WEB)]).await;
    let after = body(&api.get("/account/export", &token).await);
    assert_eq!((&after["consents"], &after["grants"]), (&json!([]), &json!([])));
}
