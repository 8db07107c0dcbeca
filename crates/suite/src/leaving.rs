//! Accounts that are to be deleted, and kept; and what is kept with a person.

use crate::browser::Browser;
use crate::mail::{confirmed, letters};
use crate::{Api, PASSWORD, assert_problem};

/// A page that asks; a time to think; a sign-in that says so; and a change of mind.
pub async fn an_account_to_be_deleted_can_be_kept(api: Api) {
    let ada = confirmed(&api).await;
    let mut browser = Browser::new(&api);
    browser.sign_in(&ada.name, PASSWORD).await;
    let form = browser.open("/account/delete").await;
    assert!(form.says("in \u{2068}7\u{2069} days"), "{}", form.html);
    let wrong = browser.submit(&form, "/account/delete", &[("password", "not hers")]).await;
    assert_eq!(wrong.answer.status, 403);
    let gone = browser.submit(&wrong, "/account/delete", &[("password", PASSWORD)]).await;
    assert_eq!(gone.path, "/login?said=deletion-scheduled");
    assert!(!browser.cookies.contains_key("tokenhouse-session"));
    assert_problem(&api.get("/data", &ada.token).await, 401, "invalid_token");
    assert!(letters(&api, &ada.email).await[0].html.contains("will be deleted"), "she is told");

    let account = browser.sign_in(&ada.name, PASSWORD).await;
    assert!(account.says("This account will be deleted"), "{}", account.html);
    let foreign = Browser::new(&api).open("/login").await;
    let csrf = foreign.tags("input").into_iter().find(|tag| tag["name"] == "csrf");
    let csrf = csrf.expect("a token")["value"].clone();
    let refused = browser.submit(&account, "/account/keep", &[("csrf", &csrf)]).await;
    assert!(refused.path == "/account" && refused.says("This account will be deleted"));
    let kept = browser.submit(&account, "/account/keep", &[]).await;
    assert_eq!(kept.path, "/account?said=kept");
    assert!(kept.says("Your account stays as it is.") && !kept.says("will be deleted"));
    assert_eq!(api.try_login(&ada.email, PASSWORD).await.status, 200);
}

/// What she chose on one device she finds on the next; the address of a page comes before that.
pub async fn language_and_looks_follow_a_person_to_another_browser(api: Api) {
    let ada = confirmed(&api).await;
    let mut one = Browser::new(&api);
    let account = one.sign_in(&ada.name, PASSWORD).await;
    let chosen =
        one.submit(&account, "/preferences", &[("language", "de"), ("theme", "dark")]).await;
    assert!(chosen.says("<html lang=\"de\" dir=\"ltr\" data-theme=\"dark\">"), "{}", chosen.html);
    let mut other = Browser::new(&api);
    other.headers.insert("accept-language", "fr".to_owned());
    assert!(other.open("/login").await.says("<html lang=\"fr\""));
    let account = other.sign_in(&ada.name, PASSWORD).await;
    assert!(account.says("<html lang=\"de\" dir=\"ltr\" data-theme=\"dark\">"), "{}", account.html);
    let asked = other.open("/account?ui_locales=ja").await;
    assert!(asked.says("<html lang=\"ja\""), "{}", asked.html);
    let reset =
        other.submit(&account, "/preferences", &[("language", "es"), ("theme", "auto")]).await;
    assert!(reset.says("<html lang=\"es\" dir=\"ltr\">"), "{}", reset.html);
    let first = one.open("/account").await;
    assert!(first.says("<html lang=\"es\" dir=\"ltr\" data-theme=\"dark\">"), "her device is dark");
}

/// A sign-in from a device that is not known is told by mail, one from a known device is not.
pub async fn a_sign_in_from_a_new_device_is_told(api: Api) {
    let ada = confirmed(&api).await;
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
    let before = letters(&api, &ada.email).await.len();
    for expected in [1, 1] {
        let mut browser = Browser::new(&api);
        browser.headers.insert("user-agent", agent.to_owned());
        browser.sign_in(&ada.name, PASSWORD).await;
        let all = letters(&api, &ada.email).await;
        assert_eq!(all.len(), before + expected);
        assert!(all[0].html.contains("Firefox"), "{}", all[0].html);
    }
}
