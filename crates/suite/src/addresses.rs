//! E-mail addresses: confirmed, changed, asked for again, withdrawn, and somebody else's.

use http::Method;
use serde_json::json;

use crate::browser::Browser;
use crate::mail::{addressed, confirmed, letters, link, link_token};
use crate::{Api, PASSWORD, assert_problem, body};

async fn ask(api: &Api, token: &str, email: &str) -> crate::Answer {
    let wanted = json!({ "email": email, "password": PASSWORD });
    api.json(Method::PUT, "/account/email", token, &wanted).await
}

/// By the link, and by nothing else.
pub async fn an_address_is_confirmed_by_its_link(api: Api) {
    let ada = addressed(&api).await;
    let first = link_token(&api, &ada.email, "/confirm/").await;
    let again =
        api.ask((Method::POST, "/account/email/confirmation"), Some(&ada.token), None).await;
    assert_eq!(again.status, 202, "{}", again.text());
    let second = link_token(&api, &ada.email, "/confirm/").await;
    assert_ne!(first, second);
    let former = api.post("/confirm", &json!({ "token": first })).await;
    assert_eq!(former.status, 410, "a link ends with the next one: {}", former.text());
    let done = api.post("/confirm", &json!({ "token": second })).await;
    assert_eq!(done.status, 200, "{}", done.text());
    assert_eq!(body(&done)["user"]["email"], ada.email);
    let used = api.post("/confirm", &json!({ "token": second })).await;
    assert_problem(&used, 410, "link_used");
    let nothing =
        api.ask((Method::POST, "/account/email/confirmation"), Some(&ada.token), None).await;
    assert_problem(&nothing, 409, "nothing_to_confirm");
    let export = body(&api.get("/account/export", &ada.token).await);
    assert!(export["email_confirmed_at"].is_string(), "{export}");
}

/// Another address: hers when confirmed, not before; both are told; the former is no name any more.
pub async fn a_new_address_takes_the_place_of_the_former_when_it_is_confirmed(api: Api) {
    let ada = confirmed(&api).await;
    let new = format!("new-{}", ada.email);
    let wrong = json!({ "email": new, "password": "not the password" });
    let refused = api.json(Method::PUT, "/account/email", &ada.token, &wrong).await;
    assert_problem(&refused, 403, "wrong_password");
    assert_problem(&ask(&api, &ada.token, "nobody").await, 422, "invalid_request");
    let own = ask(&api, &ada.token, &ada.email).await;
    assert_problem(&own, 422, "invalid_request");
    assert_eq!(body(&own)["errors"][0]["pointer"], "/email");

    assert_eq!(ask(&api, &ada.token, &new).await.status, 202);
    let data = body(&api.get("/data", &ada.token).await);
    assert_eq!(data["user"]["email"], ada.email, "nothing changes before");
    assert_eq!(api.try_login(&new, PASSWORD).await.status, 401);
    assert_eq!(body(&api.get("/account/export", &ada.token).await)["pending_email"], new);
    let (before, told) = (letters(&api, &ada.email).await.len(), letters(&api, &new).await.len());
    let token = link_token(&api, &new, "/confirm/").await;
    let done = api.post("/confirm", &json!({ "token": token })).await;
    assert_eq!(body(&done)["user"]["email"], new, "{}", done.text());
    assert_eq!(api.try_login(&new, PASSWORD).await.status, 200);
    assert_eq!(api.try_login(&ada.email, PASSWORD).await.status, 401);
    assert_eq!(api.try_login(&ada.name, PASSWORD).await.status, 200);
    let told_after = letters(&api, &new).await.len();
    assert!(told_after > told, "the new address is told");
    assert_eq!(letters(&api, &ada.email).await.len(), before + 1, "and the former");
}

/// Withdrawn: the link is worth nothing, and nothing is pending.
pub async fn a_wish_for_an_address_can_be_withdrawn(api: Api) {
    let ada = confirmed(&api).await;
    let new = format!("new-{}", ada.email);
    assert_eq!(ask(&api, &ada.token, &new).await.status, 202);
    let token = link_token(&api, &new, "/confirm/").await;
    for _ in 0..2 {
        let gone = api.ask((Method::DELETE, "/account/email"), Some(&ada.token), None).await;
        assert_eq!(gone.status, 204);
    }
    assert_eq!(api.post("/confirm", &json!({ "token": token })).await.status, 410);
    assert_eq!(body(&api.get("/data", &ada.token).await)["user"]["email"], ada.email);
    assert_eq!(api.try_login(&new, PASSWORD).await.status, 401);
}

/// An address of two accounts is the one's who confirms it; asking for it tells nobody whose it is.
pub async fn an_address_of_somebody_else_is_told_only_to_who_reads_its_mail(api: Api) {
    let (ada, eve) = (confirmed(&api).await, confirmed(&api).await);
    let asked = ask(&api, &eve.token, &ada.email).await;
    let other = ask(&api, &eve.token, &format!("free-{}", eve.email)).await;
    assert_eq!((asked.status, &asked.body), (other.status, &other.body));
    assert_eq!(ask(&api, &eve.token, &ada.email).await.status, 202);
    let path = link(&api, &ada.email, "/confirm/").await;
    let mut reader = Browser::new(&api);
    let page = reader.open(&path).await;
    assert!(page.says(&eve.name) && page.says(&ada.email), "it says whose account it is");
    let taken = reader.submit(&page, &path, &[]).await;
    assert_eq!(taken.answer.status, 409);
    assert!(taken.says("This e-mail address is taken") && taken.says("href=\"/login\""));
    assert_eq!(body(&api.get("/data", &eve.token).await)["user"]["email"], eve.email);
    assert_eq!(api.try_login(&ada.email, PASSWORD).await.status, 200);
    let said = body(&api.get("/data", &ada.token).await);
    assert_eq!(said["user"]["email"], ada.email);
}

/// The whole of it by pages, signed in or not.
pub async fn a_person_changes_her_address_in_a_browser(api: Api) {
    let ada = addressed(&api).await;
    let mut browser = Browser::new(&api);
    let account = browser.sign_in(&ada.name, PASSWORD).await;
    assert!(account.says("not confirmed yet") && account.says("Send the mail again"));
    let again = browser.submit(&account, "/account/email", &[("step", "again")]).await;
    assert_eq!(again.path, "/account?said=confirmation-sent");
    let path = link(&api, &ada.email, "/confirm/").await;
    let mut elsewhere = Browser::new(&api);
    let page = elsewhere.open(&path).await;
    let done = elsewhere.submit(&page, &path, &[]).await;
    assert_eq!(done.path, "/login?said=email-confirmed", "no session is needed");
    let account = browser.open("/account").await;
    assert!(account.says(">confirmed<") && !account.says("Send the mail again"));

    let form = browser.open("/account/email").await;
    let new = format!("new-{}", ada.email);
    let wrong = [("email", new.as_str()), ("password", "not the password")];
    let refused = browser.submit(&form, "/account/email", &wrong).await;
    assert_eq!(refused.answer.status, 403);
    assert!(refused.says("The password is wrong") && refused.says(&format!("value=\"{new}\"")));
    let bad = [("email", "nobody"), ("password", PASSWORD)];
    let refused = browser.submit(&refused, "/account/email", &bad).await;
    assert_eq!(refused.answer.status, 422);
    assert!(refused.says("href=\"#email\""));
    let right = [("email", new.as_str()), ("password", PASSWORD)];
    let asked = browser.submit(&refused, "/account/email", &right).await;
    assert_eq!(asked.path, "/account?said=confirmation-sent");
    assert!(asked.says(&new) && asked.says("Withdraw the new address"));
    let withdrawn = browser.submit(&asked, "/account/email", &[("step", "withdraw")]).await;
    assert_eq!(withdrawn.path, "/account?said=email-withdrawn");
    assert!(!withdrawn.says(&new));
    let old = link(&api, &new, "/confirm/").await;
    assert_eq!(browser.open(&old).await.answer.status, 410);

    let form = browser.open("/account/email").await;
    browser.submit(&form, "/account/email", &right).await;
    let path = link(&api, &new, "/confirm/").await;
    let page = browser.open(&path).await;
    let done = browser.submit(&page, &path, &[]).await;
    assert_eq!(done.path, "/account?said=email-confirmed", "signed in, she is at her account");
    assert!(done.says(&new));
}
