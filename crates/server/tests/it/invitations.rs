//! Invitations: who has one makes an account, once.

use serde_json::json;
use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::registration::{Address, Registration};
use tokenhouse_suite::browser::Browser;
use tokenhouse_suite::{PASSWORD, assert_problem, body};

use crate::apps::{Place, on_both_engines};
use crate::links::make;

on_both_engines! {
    who_is_invited_makes_one_account,
    an_invitation_of_an_address_is_for_that_address_and_confirms_it,
    an_invitation_that_is_worth_nothing_says_why,
}

async fn who_is_invited_makes_one_account(place: Place) {
    let stage = place.stage(|settings| settings.registration = Registration::Invitation).await;
    let new = json!({ "username": "ada", "password": PASSWORD });
    assert_problem(&stage.api.post("/register", &new).await, 403, "invitation_required");
    let mut ada = Browser::new(&stage.api);
    let page = ada.open("/register").await;
    assert_eq!(page.answer.status, 403);
    assert!(page.says("open the link in the invitation") && !page.says("name=\"password\""));
    assert!(!ada.open("/login").await.says("/register"), "no way to where nobody may go");

    let path = make(&stage.app, Purpose::Invite, None, 60).await;
    let form = ada.open(&path).await;
    let short = [("username", "ada"), ("password", "short")];
    let refused = ada.submit(&form, &path, &short).await;
    assert_eq!(refused.answer.status, 422);
    let typed =
        [("username", "ada"), ("password", PASSWORD), ("return_to", "//evil.example/account")];
    let account = ada.submit(&refused, &path, &typed).await;
    assert_eq!(account.path, "/account?said=welcome", "{}", account.html);
    let other = Browser::new(&stage.api).look(&path).await;
    assert_eq!(other.answer.status, 410);
    assert!(other.says("This link was used already"));

    let path = make(&stage.app, Purpose::Invite, None, 60).await;
    let token = path.trim_start_matches("/invitation/");
    let register =
        |name: &str| json!({ "username": name, "password": PASSWORD, "invitation": token });
    let bodies = ["eve", "bob", "cat", "dan"].map(register);
    let all = bodies.iter().map(|new| stage.api.post("/register", new));
    let all = futures_util::future::join_all(all).await;
    let made = all.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1, "{all:?}");
    for lost in all.iter().filter(|answer| answer.status != 201) {
        assert_problem(lost, 410, "link_used");
    }
}

async fn an_invitation_of_an_address_is_for_that_address_and_confirms_it(place: Place) {
    let stage = place
        .stage(|settings| {
            settings.registration = Registration::Invitation;
            settings.address = Address::Confirmed;
        })
        .await;
    let path = make(&stage.app, Purpose::Invite, Some("Ada@example.org"), 60).await;
    let token = path.trim_start_matches("/invitation/");
    let wrong = json!({ "username": "ada", "password": PASSWORD, "email": "eve@example.org",
        "invitation": token });
    let refused = stage.api.post("/register", &wrong).await;
    assert_problem(&refused, 422, "invalid_request");
    assert_eq!(body(&refused)["errors"][0]["pointer"], "/email");

    let mut ada = Browser::new(&stage.api);
    let form = ada.open(&path).await;
    let email = form.tags("input").into_iter().find(|tag| tag["name"] == "email").expect("a field");
    assert_eq!(email["value"], "Ada@example.org");
    assert!(email.contains_key("readonly"));
    let evil = [("username", "ada"), ("email", "eve@example.org"), ("password", PASSWORD)];
    let refused = ada.submit(&form, &path, &evil).await;
    assert_eq!(refused.answer.status, 422);
    assert!(refused.says("The invitation is for another address."));
    let typed = [("username", "ada"), ("email", "ada@example.org"), ("password", PASSWORD)];
    let account = ada.submit(&refused, &path, &typed).await;
    assert_eq!(account.path, "/account?said=welcome", "{}", account.html);
    assert!(account.says(">confirmed<"), "{}", account.html);
    assert_eq!(stage.api.try_login("ada@example.org", PASSWORD).await.status, 200);
}

async fn an_invitation_that_is_worth_nothing_says_why(place: Place) {
    let stage = place.stage(|settings| settings.registration = Registration::Invitation).await;
    let expired = make(&stage.app, Purpose::Invite, None, 0).await;
    let page = Browser::new(&stage.api).look(&expired).await;
    assert_eq!(page.answer.status, 410);
    assert!(page.says("This link has expired") && page.says("href=\"/login\""));
    let token = expired.trim_start_matches("/invitation/");
    for (token, status, code) in [(token, 410, "link_expired"), ("thl_x", 404, "link_unknown")] {
        let new = json!({ "username": "ada", "password": PASSWORD, "invitation": token });
        assert_problem(&stage.api.post("/register", &new).await, status, code);
    }
    let setup = make(&stage.app, Purpose::Setup, None, 60).await;
    let other = setup.replace("/setup/", "/invitation/");
    assert_eq!(Browser::new(&stage.api).look(&other).await.answer.status, 404);
}
