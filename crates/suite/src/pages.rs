//! The pages, as a person without scripts meets them: each step may be answered by another process.

use http::Method;
use serde_json::json;

use crate::browser::{Browser, Page};
use crate::{Api, PASSWORD, assert_problem, body};

const NEW: &str = "another fine long phrase";

/// From nothing to an account, and back to nothing.
pub async fn a_person_registers_changes_her_password_and_deletes_her_account(api: Api) {
    let mut ada = Browser::new(&api);
    let start = ada.open("/").await;
    assert_eq!((start.path.as_str(), start.answer.status), ("/login", 200));
    let (name, account) = ada.newcomer().await;
    assert_eq!(account.path, "/account?said=welcome");
    assert!(account.says("Welcome!") && account.says(&name), "{}", account.html);

    let mut elsewhere = Browser::new(&api);
    assert_eq!(elsewhere.sign_in(&name, PASSWORD).await.path, "/account");

    let form = ada.open("/.well-known/change-password").await;
    assert_eq!(form.path, "/account/password");
    let wrong = [("old_password", "not the old one"), ("new_password", NEW)];
    let refused = ada.submit(&form, "/account/password", &wrong).await;
    assert_eq!(refused.answer.status, 403);
    assert!(refused.says("The password is wrong"));
    let short = [("old_password", PASSWORD), ("new_password", "short")];
    let refused = ada.submit(&refused, "/account/password", &short).await;
    assert_eq!(refused.answer.status, 422);
    assert!(refused.says("Use at least \u{2068}8\u{2069} characters."), "{}", refused.html);
    let right = [("old_password", PASSWORD), ("new_password", NEW)];
    let changed = ada.submit(&refused, "/account/password", &right).await;
    assert_eq!(changed.path, "/account?said=password-changed");
    let ended = elsewhere.open("/account").await;
    assert!(ended.path.starts_with("/login?said=session-ended"), "{}", ended.path);
    assert!(ended.says("Your session has ended."));

    let form = ada.open("/account/delete").await;
    let refused = ada.submit(&form, "/account/delete", &[("password", PASSWORD)]).await;
    assert_eq!(refused.answer.status, 403);
    let gone = ada.submit(&refused, "/account/delete", &[("password", NEW)]).await;
    assert_eq!(gone.path, "/login?said=deletion-scheduled");
    assert!(gone.says("your account will be deleted"));
    let again = ada.sign_in(&name, NEW).await;
    assert!(again.path == "/account" && again.says("This account will be deleted"));
    let kept = ada.submit(&again, "/account/keep", &[]).await;
    assert!(kept.path == "/account?said=kept" && !kept.says("This account will be deleted"));
}

/// Wrong, empty, too often: each is told, what was typed is kept, the password is not.
pub async fn a_refused_sign_in_says_why_and_keeps_the_name(api: Api) {
    let mut ada = Browser::new(&api);
    let (name, _) = ada.newcomer().await;
    let mut guest = Browser::new(&api);
    let form = guest.open("/login").await;
    let empty = guest.submit(&form, "/login", &[("username", ""), ("password", "")]).await;
    assert_eq!(empty.answer.status, 422);
    assert!(empty.says("href=\"#username\"") && empty.says("href=\"#password\""));
    for field in ["username", "password"] {
        let tag =
            empty.tags("input").into_iter().find(|tag| tag["name"] == *field).expect("a field");
        assert_eq!(tag["aria-invalid"], "true");
        assert!(empty.says(&format!("id=\"{}\"", tag["aria-describedby"])), "{tag:?}");
    }
    let wrong = [("username", name.as_str()), ("password", "secret wrong words")];
    let mut page = guest.submit(&empty, "/login", &wrong).await;
    assert_eq!(page.answer.status, 401);
    assert!(page.says("User name or password is wrong") && page.says("role=\"alert\""));
    assert!(page.says(&format!("value=\"{name}\"")));
    assert!(!page.says("secret wrong words"));
    for _ in 0..9 {
        page = guest.submit(&page, "/login", &wrong).await;
    }
    let limited =
        guest.submit(&page, "/login", &[("username", &name), ("password", PASSWORD)]).await;
    assert_eq!(limited.answer.status, 429);
    let wait: u64 =
        limited.answer.header("retry-after").and_then(|s| s.parse().ok()).expect("seconds");
    let told = format!("You can try again in \u{2068}{wait}\u{2069} seconds.");
    assert!(limited.says("Too many attempts") && limited.says(&told), "{}", limited.html);
    assert!(limited.answer.header("ratelimit").is_some());
    assert_eq!(ada.open("/account").await.answer.status, 200, "her own session goes on");
}

/// All that is wrong at once, by field; nothing is made.
pub async fn a_refused_registration_names_every_field(api: Api) {
    let mut ada = Browser::new(&api);
    let form = ada.open("/register").await;
    let bad = [("username", "a b"), ("email", "nobody"), ("password", "short")];
    let page = ada.submit(&form, "/register", &bad).await;
    assert_eq!(page.answer.status, 422);
    for field in ["username", "email", "password"] {
        assert!(
            page.says(&format!("href=\"#{field}\"")) && page.says(&format!("id=\"{field}-fault\""))
        );
    }
    assert!(page.says("value=\"a b\"") && page.says("value=\"nobody\"") && !page.says("short"));
    let (name, _) = Browser::new(&api).newcomer().await;
    let taken = [("username", name.as_str()), ("email", ""), ("password", PASSWORD)];
    let page = ada.submit(&page, "/register", &taken).await;
    assert_eq!(page.answer.status, 409);
    assert!(page.says("This is already taken."));
    assert!(!ada.cookies.contains_key("tokenhouse-session"));
}

/// Where she is signed in: one ended, the others ended, this one goes on.
pub async fn a_person_sees_her_devices_and_signs_them_out(api: Api) {
    let mut ada = Browser::new(&api);
    let (name, _) = ada.newcomer().await;
    let alone = ada.open("/account/sessions").await;
    assert!(alone.says("You are signed in nowhere else.") && alone.says("This device"));
    let mut others = Vec::new();
    for _ in 0..3 {
        let mut other = Browser::new(&api);
        let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
        other.headers.insert("user-agent", agent.to_owned());
        assert_eq!(other.sign_in(&name, PASSWORD).await.path, "/account");
        others.push(other);
    }
    let page = ada.open("/account/sessions").await;
    assert!(page.says("\u{2068}Firefox\u{2069} on \u{2068}Linux\u{2069}"), "{}", page.html);
    let ends = |page: &Page| -> Vec<String> {
        page.tags("button").into_iter().filter_map(|tag| tag.get("value").cloned()).collect()
    };
    let listed = ends(&page);
    assert_eq!((listed.len(), listed[3].as_str()), (4, "others"));
    let page = ada.submit(&page, "/account/sessions", &[("end", &listed[0])]).await;
    assert_eq!(page.path, "/account/sessions?said=device-ended");
    assert_eq!(ends(&page).len(), 3);
    let page = ada.submit(&page, "/account/sessions", &[("end", "others")]).await;
    assert!(page.says("All other devices are signed out.") && page.says("nowhere else"));
    for mut other in others {
        assert!(other.open("/account").await.path.starts_with("/login"));
    }
    assert_eq!(ada.open("/account").await.answer.status, 200);
}

/// Asking for the page ends nothing; the form does, and the token is worth nothing afterwards.
pub async fn signing_out_takes_a_form_and_ends_the_session(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    let token = ada.cookies["tokenhouse-session"].clone();
    let page = ada.open("/logout").await;
    assert_eq!(api.get("/data", &token).await.status, 200);
    let out = ada.submit(&page, "/logout", &[]).await;
    assert_eq!(out.path, "/login?said=signed-out");
    assert!(!ada.cookies.contains_key("tokenhouse-session"));
    assert_problem(&api.get("/data", &token).await, 401, "invalid_token");
    assert_eq!(ada.open("/account").await.path, "/login?return_to=%2Faccount");
}

/// Who signs in again where somebody is signed in gets a new session, and the former one ends.
pub async fn a_new_sign_in_ends_the_session_that_the_browser_had(api: Api) {
    let mut ada = Browser::new(&api);
    let (name, _) = ada.newcomer().await;
    let former = ada.cookies["tokenhouse-session"].clone();
    let page = ada.look("/login?said=signed-out").await;
    let typed = [("username", name.as_str()), ("password", PASSWORD)];
    ada.submit(&page, "/login", &typed).await;
    assert_ne!(ada.cookies["tokenhouse-session"], former);
    assert_problem(&api.get("/data", &former).await, 401, "invalid_token");
}

/// What is stored about a person, by a form of hers.
pub async fn a_person_downloads_her_data(api: Api) {
    let mut ada = Browser::new(&api);
    let (name, account) = ada.newcomer().await;
    let file = ada.send(&account, "/account/export", &[]).await;
    assert_eq!(file.answer.status, 200);
    assert!(file.answer.header("content-disposition").is_some_and(|v| v.starts_with("attachment")));
    assert_eq!(body(&file.answer)["user"]["username"], name);
    let unasked = ada.send(&account, "/account/export", &[("csrf", "")]).await;
    assert_eq!(unasked.answer.header("location"), Some("/account"));
}

/// The cookie is for pages: what a program may do takes the token in its own hands, so that no other site
/// can make a browser do it.
pub async fn the_cookie_opens_no_part_of_the_api(api: Api) {
    let mut ada = Browser::new(&api);
    ada.newcomer().await;
    ada.headers.insert("accept", "application/json".to_owned());
    for path in ["/data", "/sessions", "/account/export"] {
        assert_problem(&ada.look(path).await.answer, 401, "missing_token");
    }
}

/// Programs get what they got before there were pages.
pub async fn programs_get_the_api_at_the_same_addresses(api: Api) {
    for (path, allowed) in [
        ("/login", "POST"),
        ("/register", "POST"),
        ("/recover", "POST"),
        ("/logout", "POST"),
        ("/account", "DELETE"),
    ] {
        let answer = api.ask((Method::GET, path), None, None).await;
        assert_problem(&answer, 405, "method_not_allowed");
        assert_eq!(answer.header("allow"), Some(allowed), "{path}");
    }
    assert_problem(&api.ask((Method::GET, "/"), None, None).await, 404, "not_found");
    let refused = api.post("/login", &json!({ "username": "nobody-here", "password": "x" })).await;
    assert_problem(&refused, 401, "invalid_credentials");
    assert_eq!(refused.header("set-cookie"), None);
}

/// Problem documents in the language that is asked for; pages for people, with the request's id.
pub async fn what_goes_wrong_is_told_in_the_language_of_who_asks(api: Api) {
    let mut ada = Browser::new(&api);
    ada.headers.insert("accept-language", "de-AT, en;q=0.5".to_owned());
    let page = ada.look("/nothing").await;
    assert_eq!(page.answer.status, 404);
    let id = page.answer.header("x-request-id").expect("an id").to_owned();
    assert!(
        page.says("An dieser Adresse ist nichts") && page.says(&id) && page.says("lang=\"de\"")
    );
    ada.headers.insert("accept", "application/json".to_owned());
    let document = ada.look("/nothing").await.answer;
    assert_problem(&document, 404, "not_found");
    assert_eq!(body(&document)["title"], "An dieser Adresse ist nichts");
}
