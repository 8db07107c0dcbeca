//! Accounts: made, signed in to, protected, exported and deleted.

use futures_util::future::join;
use http::Method;
use serde_json::json;
use uuid::Uuid;

use crate::{Api, PASSWORD, assert_problem, body, token};

/// A registration answers as a login does.
pub async fn registering_signs_in(api: Api) {
    let name = format!("Ada{}", Uuid::new_v4().simple());
    let answer = api.post("/register", &json!({ "username": name, "password": PASSWORD })).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let said = body(&answer);
    assert_eq!(said["token_type"], "Bearer");
    assert_eq!(said["user"]["username"], name);
    assert_eq!(said["expires_in"], 90 * 86_400);
    assert!(said["token"].as_str().is_some_and(|token| token.starts_with("ths_")));
    let read = api.get("/data", &token(&answer)).await;
    assert_eq!(body(&read)["user"], said["user"]);
}

/// Names are one namespace, folded.
pub async fn a_name_can_be_taken_once(api: Api) {
    let (name, _) = api.newcomer().await;
    let again = json!({ "username": name.to_uppercase(), "password": PASSWORD });
    assert_problem(&api.post("/register", &again).await, 409, "username_taken");
    let address = format!("{name}@example.org");
    let other = format!("{name}x");
    let with = json!({ "username": other, "email": address, "password": PASSWORD });
    assert_eq!(api.post("/register", &with).await.status, 201);
    let same = json!({ "username": format!("{name}y"), "email": address, "password": PASSWORD });
    assert_problem(&api.post("/register", &same).await, 409, "email_taken");
}

/// Who registers at the same moment with another's address is told of the address, not of the name.
pub async fn a_race_for_an_address_is_lost_for_the_address(api: Api) {
    for _ in 0..4 {
        let address = format!("{}@example.org", Uuid::new_v4().simple());
        let register = async |name: String| {
            let new = json!({ "username": name, "email": address, "password": PASSWORD });
            api.post("/register", &new).await
        };
        let name = || format!("u{}", Uuid::new_v4().simple());
        let (one, other) = join(register(name()), register(name())).await;
        let (won, lost) = if one.status == 201 { (one, other) } else { (other, one) };
        assert_eq!(won.status, 201, "{}", won.text());
        assert_problem(&lost, 409, "email_taken");
        assert_eq!(body(&lost)["errors"][0]["pointer"], "/email");
    }
}

/// All members at fault are named at once, and nothing is made.
pub async fn bad_registrations_say_what_is_wrong(api: Api) {
    let bad = json!({ "username": "a b", "email": "nobody", "password": "short" });
    let answer = api.post("/register", &bad).await;
    assert_problem(&answer, 422, "invalid_request");
    let problem = body(&answer);
    let pointers: Vec<_> =
        problem["errors"].as_array().expect("errors").iter().map(|e| &e["pointer"]).collect();
    assert_eq!(pointers, ["/username", "/email", "/password"]);
    for password in ["password123", "12345678"] {
        let name = format!("u{}", Uuid::new_v4().simple());
        let common = json!({ "username": name, "password": password });
        assert_problem(&api.post("/register", &common).await, 422, "invalid_request");
        assert_problem(&api.try_login(&name, password).await, 401, "invalid_credentials");
    }
}

/// One account, all its names, both forms.
pub async fn login_works_by_name_and_by_email_as_json_or_form(api: Api) {
    let name = format!("u{}", Uuid::new_v4().simple());
    let address = format!("{name}@example.org");
    let new = json!({ "username": name, "email": address, "password": PASSWORD });
    assert_eq!(api.post("/register", &new).await.status, 201);
    for typed in [name.as_str(), &address, &name.to_uppercase()] {
        assert_eq!(api.try_login(typed, PASSWORD).await.status, 200, "{typed}");
    }
    let form = format!("username={name}&password={}", PASSWORD.replace(' ', "+"));
    let kind = "application/x-www-form-urlencoded";
    let answer = api.ask((Method::POST, "/login"), None, Some((kind, form.as_bytes()))).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

/// Nothing tells whether an account exists.
pub async fn an_unknown_user_and_a_wrong_password_get_the_same_answer(api: Api) {
    let (name, _) = api.newcomer().await;
    let wrong = api.try_login(&name, "correct horse battery stable").await;
    let unknown = api.try_login(&format!("{name}x"), PASSWORD).await;
    let impossible = api.try_login("no such name / at all", PASSWORD).await;
    for answer in [&wrong, &unknown, &impossible] {
        assert_problem(answer, 401, "invalid_credentials");
    }
    let anonymous = |answer| {
        let mut said = body(answer);
        said["request_id"] = "".into();
        said
    };
    assert_eq!(anonymous(&wrong), anonymous(&unknown));
    for exact in [format!("{PASSWORD} "), PASSWORD.to_uppercase()] {
        assert_eq!(api.try_login(&name, &exact).await.status, 401, "verified exactly as typed");
    }
}

/// The session that asks survives, every other one ends, the old password is dead.
pub async fn a_password_change_ends_the_other_sessions(api: Api) {
    let (name, first) = api.newcomer().await;
    let second = api.login(&name).await;
    let new = "another fine long phrase";
    let change = json!({ "old_password": PASSWORD, "new_password": new });
    let answer = api.json(Method::POST, "/password", &second, &change).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    assert_eq!(api.get("/data", &first).await.status, 401);
    assert_eq!(api.get("/data", &second).await.status, 200);
    assert_eq!(api.try_login(&name, PASSWORD).await.status, 401);
    assert_eq!(api.try_login(&name, new).await.status, 200);
}

/// Wrong old, common new: no change, no session ended.
pub async fn a_refused_new_password_changes_nothing(api: Api) {
    let (name, token) = api.newcomer().await;
    let wrong =
        json!({ "old_password": "not the old one", "new_password": "another fine long phrase" });
    let answer = api.json(Method::POST, "/password", &token, &wrong).await;
    assert_problem(&answer, 403, "wrong_password");
    for new in ["password1", "short", &name] {
        let change = json!({ "old_password": PASSWORD, "new_password": new });
        let answer = api.json(Method::POST, "/password", &token, &change).await;
        assert_problem(&answer, 422, "invalid_request");
        assert_eq!(body(&answer)["errors"][0]["pointer"], "/new_password");
    }
    assert_eq!(api.try_login(&name, PASSWORD).await.status, 200);
}

/// The default limit: ten wrong ones in a burst; the right one waits too, by every name.
pub async fn too_many_wrong_passwords_are_refused_for_a_while(api: Api) {
    let (name, token) = api.newcomer().await;
    for _ in 0..10 {
        assert_eq!(api.try_login(&name, "wrong wrong wrong").await.status, 401);
    }
    let answer = api.try_login(&name, PASSWORD).await;
    assert_problem(&answer, 429, "rate_limited");
    let wait: u64 = answer.header("retry-after").and_then(|s| s.parse().ok()).expect("seconds");
    assert!((1..=90).contains(&wait), "{wait}");
    assert_eq!(answer.header("ratelimit-policy"), Some(r#""account";q=10;w=900"#));
    let left = format!(r#""account";r=0;t={wait}"#);
    assert_eq!(answer.header("ratelimit"), Some(left.as_str()));
    assert_eq!(api.get("/data", &token).await.status, 200, "her sessions go on");
    let change = json!({ "old_password": PASSWORD, "new_password": "another fine long phrase" });
    let way_round = api.json(Method::POST, "/password", &token, &change).await;
    assert_problem(&way_round, 429, "rate_limited");
    assert_eq!(way_round.header("ratelimit-policy"), answer.header("ratelimit-policy"));
    assert_eq!(api.get("/data", &token).await.header("ratelimit"), None);
}

/// With the password only; afterwards nothing is left to sign in to.
pub async fn an_account_can_be_deleted_with_its_password(api: Api) {
    let (name, token) = api.newcomer().await;
    let wrong = json!({ "password": "not the password" });
    let answer = api.json(Method::DELETE, "/account", &token, &wrong).await;
    assert_problem(&answer, 403, "wrong_password");
    let right = json!({ "password": PASSWORD });
    assert_eq!(api.json(Method::DELETE, "/account", &token, &right).await.status, 204);
    assert_eq!(api.get("/data", &token).await.status, 401);
    assert_problem(&api.try_login(&name, PASSWORD).await, 401, "invalid_credentials");
    let again = json!({ "username": name, "password": PASSWORD });
    assert_eq!(api.post("/register", &again).await.status, 201, "the name is free again");
}

/// What is stored about a person, for her.
pub async fn an_export_holds_everything(api: Api) {
    let (name, token) = api.newcomer().await;
    api.json(Method::PUT, "/data", &token, &json!({ "colour": "green" })).await;
    let answer = api.get("/account/export", &token).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-disposition").is_some_and(|v| v.starts_with("attachment")));
    let all = body(&answer);
    assert_eq!(all["user"]["username"], name);
    assert_eq!(all["data"], json!({ "colour": "green" }));
    assert_eq!(all["sessions"].as_array().map(Vec::len), Some(1));
    assert_eq!(all["claims"], json!({}));
    for none in ["groups", "consents", "grants"] {
        assert_eq!(all[none], json!([]), "{none}");
    }
    let events: Vec<_> =
        all["events"].as_array().expect("events").iter().map(|e| e["event"].clone()).collect();
    assert!(events.contains(&json!("user.registered")), "{events:?}");
}
