//! Thousands of mutated requests of applications that register themselves, and that look after their registration.

use http::Method;
use serde_json::{Value, json};
use tokenhouse_rules::id::InvitationId;
use tokenhouse_rules::oauth::client::ClientId;
use tokenhouse_rules::oauth::registration_token;
use tokenhouse_suite::device::GRANT as DEVICE_CODE;
use tokenhouse_suite::mutated::{Draft, Verdict, nothing_but_refusals, short_storm};
use tokenhouse_suite::signer::Signer;
use tokenhouse_suite::{Answer, body};
use uuid::Uuid;

use super::{PATH, Registered, invite, stage};
use crate::apps::{Place, on_both_engines};

on_both_engines! {
    a_mutated_registration_registers_nobody,
    a_mutated_request_changes_no_registration_of_another,
    whatever_an_application_says_of_itself_it_gets_no_more_than_a_stranger_may,
}

/// How many look after their registrations, so that two changes of one seldom meet.
const MANY: u32 = 64;

/// All that an application can say of itself.
fn everything() -> Value {
    json!({
        "client_name": "Dynamic",
        "redirect_uris": ["https://dyn.example/cb", "https://dyn.example/other?a=b"],
        "post_logout_redirect_uris": ["https://dyn.example/bye"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "application_type": "web",
        "scope": "openid email offline_access",
        "jwks": { "keys": [Signer::es256().jwk()] },
        "subject_type": "public",
        "id_token_signed_response_alg": "EdDSA",
        "userinfo_signed_response_alg": "ES256",
        "dpop_bound_access_tokens": false,
    })
}

fn draft(method: Method, path: &str, token: &str, said: &Value) -> Draft {
    Draft::new(method, path).json(said).header("authorization", &format!("Bearer {token}"))
}

async fn a_mutated_registration_registers_nobody(place: Place) {
    let (api, stage) = stage(place).await;
    let id = InvitationId::from_uuid(Uuid::new_v4());
    let unknown = registration_token::invitation(id, &[1; 16], &stage.app.root).to_string();
    let used = invite(&stage.app, 1).await;
    let new = Registered::of(&api.json(Method::POST, PATH, &used, &everything()).await);
    let altered = used.replace("thi_", "thi_A");
    let drafts = [&unknown, &used, &altered, &new.token, &new.secret]
        .map(|token| draft(Method::POST, PATH, token, &everything()));
    short_storm(&api, &drafts, nothing_but_refusals).await;
    assert_eq!(api.get(&new.path, &new.token).await.status, 200);
    let events = stage.app.store.events(None, None, 100).await.expect("the store");
    let made = events.iter().filter(|event| event.event == "client.registered").count();
    assert_eq!(made, 1);
}

async fn a_mutated_request_changes_no_registration_of_another(place: Place) {
    let (api, stage) = stage(place).await;
    let mine = Registered::new(&api, &stage.app).await;
    let theirs = Registered::new(&api, &stage.app).await;
    let before = body(&api.get(&theirs.path, &theirs.token).await);
    let mut said = everything();
    said["client_id"] = json!(theirs.id);
    let altered = theirs.token.replace("thm_", "thm_A");
    let client = ClientId::parse(&theirs.id).expect("its own");
    // As only somebody with the root secret could make it: the row decides.
    let unknown = registration_token::registration(&client, &[1; 16], &stage.app.root).to_string();
    let drafts = [&mine.token, &altered, &theirs.secret, &unknown]
        .map(|token| draft(Method::PUT, &theirs.path, token, &said));
    short_storm(&api, &drafts, nothing_but_refusals).await;
    let after = api.get(&theirs.path, &theirs.token).await;
    assert_eq!((after.status, body(&after)), (200, before));
}

/// What is registered is within what a stranger may have, and nobody learns the secret again.
fn within_bounds(method: &Method, answer: &Answer) -> Verdict {
    if answer.status != 200 {
        return nothing_but_refusals(method, answer);
    }
    let said = body(answer);
    let may = ["authorization_code", "refresh_token", DEVICE_CODE];
    let is_allowed = |grant: &Value| grant.as_str().is_some_and(|grant| may.contains(&grant));
    let grants = said["grant_types"].as_array().is_some_and(|all| all.iter().all(is_allowed));
    let mut scopes = said["scope"].as_str().unwrap_or_default().split_whitespace();
    let known = ["openid", "profile", "email", "address", "phone", "offline_access"];
    let mut addresses = said["redirect_uris"].as_array().into_iter().flatten();
    let is_far = |uri: &Value| uri.as_str().is_some_and(|uri| uri.starts_with("https://"));
    let good = grants
        && scopes.all(|scope| known.contains(&scope))
        && addresses.all(is_far)
        && said.get("client_secret").is_none();
    if good { Ok(()) } else { Err("more than a stranger may have".to_owned()) }
}

async fn whatever_an_application_says_of_itself_it_gets_no_more_than_a_stranger_may(place: Place) {
    let (api, stage) = stage(place).await;
    // A change that others overtake again and again would be answered 503.
    let token = invite(&stage.app, MANY).await;
    let (mut all, mut drafts) = (Vec::new(), Vec::new());
    for _ in 0..MANY {
        let new = Registered::of(&api.json(Method::POST, PATH, &token, &everything()).await);
        let mut said = everything();
        said["client_id"] = json!(new.id);
        // Read and deleted it could be by the same token.
        drafts.push(draft(Method::PUT, &new.path, &new.token, &said).by_its_method_only());
        all.push(new);
    }
    short_storm(&api, &drafts, within_bounds).await;
    for one in all {
        assert_eq!(api.get(&one.path, &one.token).await.status, 200);
    }
}
