//! Who may register, and what is asked of her address.

use serde_json::json;
use tokenhouse_rules::limit::Limit;
use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::registration::{Address, Registration};
use tokenhouse_server::mail::Mailing;
use tokenhouse_suite::browser::Browser;
use tokenhouse_suite::mail::{confirmed, letters, link, link_token};
use tokenhouse_suite::{PASSWORD, assert_problem, body};

use crate::apps::{Place, on_both_engines};
use crate::links::make;

on_both_engines! {
    where_registration_is_closed_nobody_makes_an_account,
    an_address_that_is_needed_is_asked_for,
    an_address_is_confirmed_before_the_first_sign_in,
    a_user_name_that_is_an_address_is_nobodys_before_it_is_confirmed,
    without_mail_nothing_is_promised,
    too_many_registrations_of_one_address_are_refused_for_a_while,
    too_many_askings_of_one_address_are_refused_for_a_while,
    one_address_gets_so_many_mails_of_a_kind_and_no_more,
}

async fn where_registration_is_closed_nobody_makes_an_account(place: Place) {
    let stage = place.stage(|settings| settings.registration = Registration::Closed).await;
    let path = make(&stage.app, Purpose::Invite, None, 60).await;
    let token = path.trim_start_matches("/invitation/");
    for new in [
        json!({ "username": "ada", "password": PASSWORD }),
        json!({ "username": "ada", "password": PASSWORD, "invitation": token }),
    ] {
        assert_problem(&stage.api.post("/register", &new).await, 403, "registration_closed");
    }
    let mut guest = Browser::new(&stage.api);
    for path in ["/register", path.as_str()] {
        let page = guest.open(path).await;
        assert_eq!(page.answer.status, 403);
        assert!(page.says("Registration is closed") && page.says("href=\"/login\""));
    }
    assert!(!guest.open("/login").await.says("/register"));
}

async fn an_address_that_is_needed_is_asked_for(place: Place) {
    let stage = place.stage(|settings| settings.address = Address::Required).await;
    let none = json!({ "username": "ada", "password": PASSWORD });
    let refused = stage.api.post("/register", &none).await;
    assert_problem(&refused, 422, "invalid_request");
    assert_eq!(body(&refused)["errors"][0]["pointer"], "/email");
    let mut ada = Browser::new(&stage.api);
    let form = ada.open("/register").await;
    let email = form.tags("input").into_iter().find(|tag| tag["name"] == "email").expect("a field");
    assert!(email.contains_key("required"));
    let typed = [("username", "ada"), ("email", ""), ("password", PASSWORD)];
    let refused = ada.submit(&form, "/register", &typed).await;
    assert!(refused.answer.status == 422 && refused.says("href=\"#email\""));
    let named = json!({ "username": "ada@example.org", "password": PASSWORD });
    assert_eq!(stage.api.post("/register", &named).await.status, 201, "the name is an address");
}

async fn an_address_is_confirmed_before_the_first_sign_in(place: Place) {
    let stage = place.stage(|settings| settings.address = Address::Confirmed).await;
    let api = &stage.api;
    let new = json!({ "username": "ada", "email": "ada@example.org", "password": PASSWORD });
    let waiting = api.post("/register", &new).await;
    assert_eq!(waiting.status, 202, "{}", waiting.text());
    assert_eq!(body(&waiting), json!({ "status": "confirmation_sent" }));
    assert_problem(&api.try_login("ada", "not hers at all").await, 401, "invalid_credentials");
    assert_problem(&api.try_login("ada", PASSWORD).await, 403, "email_not_verified");
    assert_problem(&api.try_login("ada@example.org", PASSWORD).await, 401, "invalid_credentials");
    assert_problem(&api.post("/register", &new).await, 409, "username_taken");

    let first = link_token(api, "ada@example.org", "/confirm/").await;
    let wrong = json!({ "username": "ada", "password": "not hers at all" });
    assert_problem(&api.post("/login/confirmation", &wrong).await, 401, "invalid_credentials");
    let right = json!({ "username": "ada", "password": PASSWORD });
    assert_eq!(api.post("/login/confirmation", &right).await.status, 202);
    let mut ada = Browser::new(api);
    let refused = ada.sign_in("ada", PASSWORD).await;
    assert_eq!(refused.answer.status, 403);
    assert!(refused.says("not confirmed yet") && refused.says("Send the mail again"));
    let step = [("username", "ada"), ("password", PASSWORD), ("step", "confirmation")];
    let sent = ada.submit(&refused, "/login", &step).await;
    assert_eq!(sent.path, "/login?said=confirmation-sent");
    assert_eq!(letters(api, "ada@example.org").await.len(), 3);
    let former = api.post("/confirm", &json!({ "token": first })).await;
    assert_eq!(former.status, 410, "{}", former.text());

    let path = link(api, "ada@example.org", "/confirm/").await;
    let page = ada.open(&path).await;
    let done = ada.submit(&page, &path, &[]).await;
    assert_eq!(done.path, "/login?said=email-confirmed");
    assert_eq!(ada.sign_in("ada@example.org", PASSWORD).await.path, "/account");
    assert_problem(&api.post("/login/confirmation", &right).await, 409, "nothing_to_confirm");

    let mut eve = Browser::new(api);
    let form = eve.open("/register").await;
    let typed = [("username", "eve"), ("email", "ada@example.org"), ("password", PASSWORD)];
    let told = eve.submit(&form, "/register", &typed).await;
    assert_eq!(told.path, "/register?said=confirmation-sent");
    assert!(told.says("Check your mail") && !eve.cookies.contains_key("tokenhouse-session"));
    let token = link_token(api, "ada@example.org", "/confirm/").await;
    let taken = api.post("/confirm", &json!({ "token": token })).await;
    assert_problem(&taken, 409, "email_taken");
}

async fn a_user_name_that_is_an_address_is_nobodys_before_it_is_confirmed(place: Place) {
    let stage = place.stage(|settings| settings.address = Address::Confirmed).await;
    let api = &stage.api;
    let new = json!({ "username": "ada@example.org", "password": PASSWORD });
    for _ in 0..2 {
        assert_eq!(api.post("/register", &new).await.status, 202, "nobody's yet, so anybody's");
    }
    let login = api.try_login("ada@example.org", PASSWORD).await;
    assert_problem(&login, 401, "invalid_credentials");
    let squat = json!({ "username": "ada@example.org", "email": "eve@example.org",
        "password": PASSWORD });
    let refused = api.post("/register", &squat).await;
    assert_problem(&refused, 422, "invalid_request");
    assert_eq!(body(&refused)["errors"][0]["pointer"], "/username");
    let all = letters(api, "ada@example.org").await;
    let mut answers = Vec::new();
    for letter in &all {
        let token = letter.token("/confirm/");
        answers.push(api.post("/confirm", &json!({ "token": token })).await.status);
    }
    answers.sort_unstable();
    assert_eq!(answers, [200, 409], "one of them is hers");
    assert_eq!(api.try_login("ada@example.org", PASSWORD).await.status, 200);
}

async fn without_mail_nothing_is_promised(place: Place) {
    let stage = place.stage(|settings| settings.mailing = Mailing::Off).await;
    let api = &stage.api;
    let (name, token) = api.newcomer().await;
    let asked = api.post("/recover", &json!({ "login": name })).await;
    assert_problem(&asked, 501, "mail_not_configured");
    let wanted = json!({ "email": "ada@example.org", "password": PASSWORD });
    let asked = api.json(http::Method::PUT, "/account/email", &token, &wanted).await;
    assert_problem(&asked, 501, "mail_not_configured");
    let again = api.ask((http::Method::POST, "/account/email/confirmation"), Some(&token), None);
    assert_problem(&again.await, 501, "mail_not_configured");
    let mut ada = Browser::new(api);
    assert!(!ada.open("/login").await.says("/recover"));
    for path in ["/recover", "/account/email"] {
        let page = ada.open(path).await;
        assert_eq!(page.answer.status, 501, "{path}");
        assert!(page.says("This server sends no mail") && page.says("href=\"/\""));
    }
    let account = ada.sign_in(&name, PASSWORD).await;
    assert!(account.path == "/account" && !account.says("/account/email"));
    assert!(stage.app.store.mails(None, None, 10).await.expect("the store").is_empty());
}

async fn too_many_registrations_of_one_address_are_refused_for_a_while(place: Place) {
    let stage = place
        .stage(|settings| settings.limit_registration = Limit::parse("2/1h").ok().flatten())
        .await;
    for _ in 0..2 {
        stage.api.newcomer().await;
    }
    let new = json!({ "username": "ada", "password": PASSWORD });
    let refused = stage.api.post("/register", &new).await;
    assert_problem(&refused, 429, "rate_limited");
    assert_eq!(refused.header("ratelimit-policy"), Some(r#""address";q=2;w=3600"#));
    let mut ada = Browser::new(&stage.api);
    let form = ada.open("/register").await;
    let typed = [("username", "ada"), ("password", PASSWORD)];
    let told = ada.submit(&form, "/register", &typed).await;
    assert_eq!(told.answer.status, 429);
    assert!(told.says("Too many attempts") && told.says("minutes."), "{}", told.html);
}

async fn too_many_askings_of_one_address_are_refused_for_a_while(place: Place) {
    let stage =
        place.stage(|settings| settings.limit_recovery = Limit::parse("2/1h").ok().flatten()).await;
    let (name, _) = stage.api.newcomer().await;
    for login in [name.as_str(), "nobody-here"] {
        assert_eq!(stage.api.post("/recover", &json!({ "login": login })).await.status, 202);
    }
    for login in [name.as_str(), "nobody-here"] {
        let refused = stage.api.post("/recover", &json!({ "login": login })).await;
        assert_problem(&refused, 429, "rate_limited");
        assert_eq!(refused.header("ratelimit-policy"), Some(r#""address";q=2;w=3600"#));
    }
    let mut ada = Browser::new(&stage.api);
    let form = ada.open("/recover").await;
    let told = ada.submit(&form, "/recover", &[("username", name.as_str())]).await;
    assert_eq!(told.answer.status, 429);
    assert!(told.says("Too many attempts") && told.says("minutes."), "{}", told.html);
    assert!(told.says(&format!("value=\"{name}\"")) && told.says("href=\"/login\""));
    assert_eq!(
        stage.api.try_login(&name, PASSWORD).await.status,
        200,
        "signing in is counted apart"
    );
}

async fn one_address_gets_so_many_mails_of_a_kind_and_no_more(place: Place) {
    let stage =
        place.stage(|settings| settings.limit_mail = Limit::parse("3/1h").ok().flatten()).await;
    let ada = confirmed(&stage.api).await;
    for _ in 0..6 {
        let asked = stage.api.post("/recover", &json!({ "login": ada.name })).await;
        assert_eq!(asked.status, 202, "the answer is the same");
    }
    let all = letters(&stage.api, &ada.email).await;
    let resets = all.iter().filter(|one| one.links.iter().any(|link| link.contains("/reset/")));
    assert_eq!(resets.count(), 3);
    let token = link_token(&stage.api, &ada.email, "/reset/").await;
    let reset = json!({ "token": token, "password": "another fine long phrase" });
    assert_eq!(stage.api.post("/reset", &reset).await.status, 204, "the newest that came is good");
}
