//! What an application may ask of the way to it: no page at all, the password once more, a certain person, a
//! language (OpenID Connect Core §3.1.2.1).

use std::time::Duration;

use crate::authorize::{Flow, HOUSE};
use crate::browser::{Browser, Page, parameters};
use crate::{Api, PASSWORD};

fn error(flow: &Flow, page: &Page) -> String {
    flow.told(page).get("error").cloned().unwrap_or_default()
}

/// `prompt=none`: a code, or what would have to be asked.
pub async fn prompt_none_is_answered_without_a_page(api: Api) {
    let mut ada = Browser::new(&api);
    let silent = Flow::web().with("prompt", "none");
    assert_eq!(error(&silent, &ada.open(&silent.path()).await), "login_required");
    ada.newcomer().await;
    assert_eq!(error(&silent, &ada.open(&silent.path()).await), "consent_required");
    assert!(Flow::web().answer(&mut ada).await.contains_key("code"));
    let page = ada.look(&silent.path()).await;
    assert_eq!(page.answer.status, 303);
    assert!(silent.told(&ada.open(&silent.path()).await).contains_key("code"));
    let more = silent.with("scope", "openid address");
    assert_eq!(error(&more, &ada.open(&more.path()).await), "consent_required");
    let out = ada.open("/logout").await;
    ada.submit(&out, "/logout", &[]).await;
    assert_eq!(error(&more, &ada.open(&more.path()).await), "login_required");
}

/// `prompt=login`: the form with her name in it, once for each request; the session she had ends.
pub async fn prompt_login_asks_for_the_password_once(api: Api) {
    let mut ada = Browser::new(&api);
    let (name, _) = ada.newcomer().await;
    assert!(Flow::web().answer(&mut ada).await.contains_key("code"));
    let flow = Flow::web().with("prompt", "login");
    for _ in 0..2 {
        let former = ada.cookies["tokenhouse-session"].clone();
        let login = ada.open(&flow.path()).await;
        assert!(login.path.starts_with("/login?said=sign-in-again&return_to="), "{}", login.path);
        assert!(login.says("Please sign in once more") && login.says(&format!("value=\"{name}\"")));
        let page =
            ada.submit(&login, "/login", &[("username", &name), ("password", PASSWORD)]).await;
        assert!(flow.told(&page).contains_key("code"), "{}", page.path);
        assert_ne!(ada.cookies["tokenhouse-session"], former);
    }
    let login = ada.open(&flow.path()).await;
    let onward = parameters(&login.path)["return_to"].clone();
    let mark = parameters(&onward)["asked_at"].clone();
    let again = ada.submit(&login, "/login", &[("username", &name), ("password", PASSWORD)]).await;
    assert!(flow.told(&again).contains_key("code"));
    let other = Flow::web().with("prompt", "login");
    for forged in [mark.as_str(), "x", "9999999999"] {
        let page = ada.open(&format!("{}&asked_at={forged}", other.path())).await;
        assert!(page.path.starts_with("/login?"), "a mark of another request is worth nothing");
    }
}

/// `max_age`: who signed in longer ago signs in again.
pub async fn a_sign_in_that_is_too_long_ago_is_asked_for_again(api: Api) {
    let mut ada = Browser::new(&api);
    let (name, _) = ada.newcomer().await;
    let house = Flow::of(HOUSE, "https://house.example/cb");
    assert!(house.clone().with("max_age", "600").answer(&mut ada).await.contains_key("code"));
    std::thread::sleep(Duration::from_millis(2100));
    let flow = house.with("max_age", "1");
    let silent = flow.clone().with("prompt", "none");
    assert_eq!(error(&silent, &ada.open(&silent.path()).await), "login_required");
    let login = ada.open(&flow.path()).await;
    assert!(login.path.starts_with("/login?said=sign-in-again&"), "{}", login.path);
    let page = ada.submit(&login, "/login", &[("username", &name), ("password", PASSWORD)]).await;
    assert!(flow.told(&page).contains_key("code"), "{}", page.path);
}

/// `login_hint` fills in the name, `ui_locales` chooses the language; she may choose another one.
pub async fn an_application_says_who_will_sign_in_and_in_which_language(api: Api) {
    let (name, _) = Browser::new(&api).newcomer().await;
    let mut ada = Browser::new(&api);
    ada.headers.insert("accept-language", "fr".to_owned());
    let flow = Flow::web().with("login_hint", &name).with("ui_locales", "xx de");
    let login = ada.open(&flow.path()).await;
    assert!(login.says("<html lang=\"de\"") && login.says(&format!("value=\"{name}\"")));
    let wrong = [("username", name.as_str()), ("password", "not hers")];
    let refused = ada.submit(&login, "/login", &wrong).await;
    assert!(refused.says("<html lang=\"de\""), "{}", refused.html);
    let chosen = ada.submit(&login, "/preferences", &[("language", "es"), ("theme", "dark")]).await;
    assert!(chosen.path.starts_with("/login?return_to="), "{}", chosen.path);
    assert!(chosen.says("<html lang=\"es\" dir=\"ltr\" data-theme=\"dark\">"), "{}", chosen.html);
    let right = [("username", name.as_str()), ("password", PASSWORD)];
    let asked = ada.submit(&chosen, "/login", &right).await;
    assert!(asked.says("<html lang=\"es\"") && asked.says("Suite Web"), "{}", asked.html);
    let asked = ada.open(&flow.with("ui_locales", "ja").path()).await;
    assert!(asked.says("<html lang=\"ja\"") && asked.says("Suite Web"), "{}", asked.html);
    let lost = ada.submit(&asked, "/oauth2/consent", &[("csrf", "")]).await;
    assert!(lost.says("<html lang=\"ja\"") && lost.says("Suite Web"), "{}", lost.html);
}

/// `id_token_hint`: no code for somebody else than the one whom the application means.
pub async fn nobody_is_answered_for_in_the_place_of_somebody_else(api: Api) {
    let (mut ada, mut eve) = (Browser::new(&api), Browser::new(&api));
    let (name, _) = ada.newcomer().await;
    eve.newcomer().await;
    let hers = Flow::web().code(&mut ada).await.id_token(&api).await;
    Flow::web().code(&mut eve).await;
    let silent = Flow::web().with("prompt", "none").with("id_token_hint", &hers);
    assert!(silent.told(&ada.open(&silent.path()).await).contains_key("code"));
    assert_eq!(error(&silent, &eve.open(&silent.path()).await), "login_required");
    let forged = Flow::web().with("prompt", "none").with("id_token_hint", &format!("{hers}x"));
    assert_eq!(error(&forged, &ada.open(&forged.path()).await), "login_required");
    let flow = Flow::web().with("id_token_hint", &hers);
    let login = eve.open(&flow.path()).await;
    assert!(login.path.starts_with("/login?"), "{}", login.path);
    let page = eve.submit(&login, "/login", &[("username", &name), ("password", PASSWORD)]).await;
    assert!(flow.told(&page).contains_key("code"), "{}", page.path);
}
