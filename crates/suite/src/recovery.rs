//! Forgotten passwords: a link by mail, worth one new password.

use futures_util::future::join_all;
use http::Method;
use serde_json::json;

use crate::browser::Browser;
use crate::mail::{addressed, confirmed, letters, link, link_token};
use crate::{Answer, Api, PASSWORD, assert_problem, body};

const NEW: &str = "another fine long phrase";

async fn recover(api: &Api, login: &str) -> Answer {
    api.post("/recover", &json!({ "login": login })).await
}

async fn reset(api: &Api, token: &str, password: &str) -> Answer {
    api.post("/reset", &json!({ "token": token, "password": password })).await
}

/// From nothing but a name to a new password; the old one and every session are dead, and she is told.
pub async fn a_forgotten_password_is_replaced_by_a_link(api: Api) {
    let ada = confirmed(&api).await;
    assert_eq!(recover(&api, &ada.name.to_uppercase()).await.status, 202);
    let token = link_token(&api, &ada.email, "/reset/").await;
    for bad in ["short", "password1", &ada.name] {
        let refused = reset(&api, &token, bad).await;
        assert_problem(&refused, 422, "invalid_request");
        assert_eq!(body(&refused)["errors"][0]["pointer"], "/password");
    }
    assert_eq!(api.get("/data", &ada.token).await.status, 200, "nothing has happened yet");
    let before = letters(&api, &ada.email).await.len();
    let done = reset(&api, &token, NEW).await;
    assert_eq!(done.status, 204, "{}", done.text());
    assert_eq!(letters(&api, &ada.email).await.len(), before + 1, "she is told, and once");
    assert_problem(&api.get("/data", &ada.token).await, 401, "invalid_token");
    assert_problem(&api.try_login(&ada.name, PASSWORD).await, 401, "invalid_credentials");
    assert_eq!(api.try_login(&ada.email, NEW).await.status, 200);
    assert_problem(&reset(&api, &token, PASSWORD).await, 410, "link_used");
}

/// Whoever asks for whomever gets the same answer; a mail goes to a confirmed address only.
pub async fn asking_for_a_link_tells_nothing(api: Api) {
    let known = confirmed(&api).await;
    let unconfirmed = addressed(&api).await;
    let (silent, _) = api.newcomer().await;
    let mut answers = Vec::new();
    for login in [&known.name, &known.email, &unconfirmed.name, &unconfirmed.email, &silent] {
        answers.push(recover(&api, login).await);
    }
    for login in ["nobody-here", "nobody@example.org", "no name / at all", ""] {
        answers.push(recover(&api, login).await);
    }
    let told = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        for own in ["x-request-id", "date", "tokenhouse-process"] {
            headers.remove(own);
        }
        (answer.status, headers, answer.body.clone())
    };
    for answer in &answers {
        assert_eq!(answer.status, 202);
        assert_eq!(told(answer), told(&answers[0]));
    }
    let resets = |all: Vec<crate::mail::Letter>| {
        all.iter().filter(|one| one.links.iter().any(|link| link.contains("/reset/"))).count()
    };
    assert_eq!(resets(letters(&api, &known.email).await), 2);
    assert_eq!(resets(letters(&api, &unconfirmed.email).await), 0);
    assert_eq!(letters(&api, "nobody@example.org").await.len(), 0);
}

/// One link, many at once: one new password.
pub async fn a_link_is_used_once_whoever_tries_at_once(api: Api) {
    let ada = confirmed(&api).await;
    recover(&api, &ada.name).await;
    let token = link_token(&api, &ada.email, "/reset/").await;
    let passwords: Vec<_> = (0..8).map(|n| format!("{NEW} number {n}")).collect();
    let all = join_all(passwords.iter().map(|password| reset(&api, &token, password))).await;
    let won: Vec<_> = (0..8).filter(|n| all[*n].status == 204).collect();
    assert_eq!(won.len(), 1, "{all:?}");
    for lost in all.iter().filter(|answer| answer.status != 204) {
        assert_problem(lost, 410, "link_used");
    }
    assert_eq!(api.try_login(&ada.name, &passwords[won[0]]).await.status, 200);
}

/// A change of the password ends the links that were sent before it.
pub async fn a_link_ends_with_the_password_it_was_made_for(api: Api) {
    let ada = confirmed(&api).await;
    recover(&api, &ada.name).await;
    let token = link_token(&api, &ada.email, "/reset/").await;
    let change = json!({ "old_password": PASSWORD, "new_password": NEW });
    let changed = api.json(Method::POST, "/password", &ada.token, &change).await;
    assert_eq!(changed.status, 204);
    assert_problem(&reset(&api, &token, "yet another long phrase").await, 410, "link_expired");
    let page = Browser::new(&api).look(&format!("/reset/{token}")).await;
    assert_eq!(page.answer.status, 410);
    assert!(page.says("This link has expired") && page.says("href=\"/recover\""), "{}", page.html);
}

/// What is no link of this server, or one for something else, is not known.
pub async fn links_that_are_not_ours_are_refused(api: Api) {
    let ada = confirmed(&api).await;
    recover(&api, &ada.name).await;
    let token = link_token(&api, &ada.email, "/reset/").await;
    let mut altered = token.clone().into_bytes();
    altered[20] = if altered[20] == b'A' { b'B' } else { b'A' };
    let altered = String::from_utf8(altered).expect("ASCII");
    let bad = [altered.as_str(), "", "x", &token[..token.len() - 1], "thl_AAAA", &ada.token];
    for forged in bad {
        assert_problem(&reset(&api, forged, NEW).await, 404, "link_unknown");
        let confirm = api.post("/confirm", &json!({ "token": forged })).await;
        assert_problem(&confirm, 404, "link_unknown");
    }
    let other = api.post("/confirm", &json!({ "token": token })).await;
    assert_problem(&other, 404, "link_unknown");
    let mut guest = Browser::new(&api);
    for page in ["reset", "confirm", "invitation", "setup"] {
        for forged in [altered.as_str(), "x", "%ff", "%22%3E%3Cscript%3E"] {
            let shown = guest.look(&format!("/{page}/{forged}")).await;
            assert_eq!(shown.answer.status, 404, "{page} {forged}: {}", shown.html);
            assert!(shown.says("This link is not known here") && shown.tags("form").len() < 2);
        }
    }
    assert_eq!(reset(&api, &token, NEW).await.status, 204, "the real one is still good");
}

/// The same by pages: asked for, looked at by others first, refused once, done.
pub async fn a_person_recovers_her_account_in_a_browser(api: Api) {
    let ada = confirmed(&api).await;
    let mut browser = Browser::new(&api);
    let sign_in = browser.open("/login").await;
    assert!(sign_in.says("href=\"/recover\""), "{}", sign_in.html);
    let form = browser.open("/recover").await;
    let empty = browser.submit(&form, "/recover", &[("username", "")]).await;
    assert_eq!(empty.answer.status, 422);
    assert!(empty.says("href=\"#username\""));
    let mut said = Vec::new();
    for login in [ada.name.as_str(), "nobody-here"] {
        let sent = browser.submit(&form, "/recover", &[("username", login)]).await;
        assert_eq!((sent.path.as_str(), sent.answer.status), ("/recover?said=recovery-asked", 200));
        assert!(sent.says("If there is an account of that name"));
        said.push(sent.html);
    }
    assert_eq!(said[0], said[1]);

    let path = link(&api, &ada.email, "/reset/").await;
    for _ in 0..3 {
        let preview = Browser::new(&api).look(&path).await;
        assert_eq!(preview.answer.status, 200);
    }
    let page = browser.open(&path).await;
    assert!(page.says(&format!("value=\"{}\"", ada.name)), "password managers know whose it is");
    let refused = browser.submit(&page, &path, &[("password", "short")]).await;
    assert_eq!(refused.answer.status, 422);
    assert!(refused.says("id=\"password-fault\""));
    let stranger = Browser::new(&api).open(&path).await;
    let foreign = browser.submit(&stranger, &path, &[("password", NEW)]).await;
    assert_eq!(foreign.answer.status, 403, "a form of another browser");
    let done = browser.submit(&foreign, &path, &[("password", NEW)]).await;
    assert_eq!(done.path, "/login?said=password-reset");
    assert!(done.says("Your new password is set.") && browser.cookies.len() < 2);
    assert_eq!(browser.sign_in(&ada.name, NEW).await.path, "/account");
    let again = browser.open(&path).await;
    assert_eq!(again.answer.status, 410);
    assert!(again.says("This link was used already") && again.says("href=\"/recover\""));
    let late = browser.submit(&page, &path, &[("password", PASSWORD)]).await;
    assert_ne!(late.answer.status, 303);
    assert_eq!(api.try_login(&ada.name, NEW).await.status, 200);
}
