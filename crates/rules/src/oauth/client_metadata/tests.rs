//! What strangers get of what they ask for.

use serde_json::json;

use super::*;

fn client() -> ClientId {
    ClientId::parse("dyn-1").expect("an identifier")
}

fn judged(said: Value) -> Result<Settings, Refusal> {
    let Value::Object(members) = said else { panic!("an object") };
    Metadata::read(members)?.settings(&client(), None)
}

/// Good metadata with other values of some members.
fn with(other: Value) -> Value {
    let mut said = json!({ "redirect_uris": ["https://app.example/cb"] });
    let (Value::Object(all), Value::Object(other)) = (&mut said, other) else {
        panic!("an object")
    };
    all.extend(other);
    said
}

#[test]
fn what_is_left_out_is_as_the_standard_says() {
    let settings = judged(with(json!({}))).expect("settings");
    assert_eq!((settings.kind, settings.authentication), (Kind::Server, Authentication::Basic));
    assert_eq!(settings.grants, BTreeSet::from([GrantType::AuthorizationCode]));
    assert_eq!(settings.name, "dyn-1");
    assert_eq!(settings.scopes, Scopes::of(&[OPENID, PROFILE, EMAIL, ADDRESS, PHONE]));
    let renews = json!({ "grant_types": ["authorization_code", "refresh_token"] });
    assert!(judged(with(renews)).expect("settings").scopes.contains(OFFLINE_ACCESS));
    assert_eq!(settings.consent, super::super::client::Consent::Ask);
    assert!(settings.origins.is_empty() && settings.resources.is_empty());
}

#[test]
fn what_keeps_no_secret_runs_where_its_type_says() {
    let bare = json!({ "token_endpoint_auth_method": "none" });
    let spa = judged(with(bare.clone())).expect("settings");
    assert_eq!((spa.kind, &spa.origins[..]), (Kind::Spa, &["https://app.example".to_owned()][..]));
    let native = json!({ "token_endpoint_auth_method": "none", "application_type": "native",
        "redirect_uris": ["http://127.0.0.1/cb", "com.example.app:/cb"] });
    assert_eq!(judged(native).expect("settings").kind, Kind::Native);
    let device = json!({ "token_endpoint_auth_method": "none",
        "grant_types": ["urn:ietf:params:oauth:grant-type:device_code"], "response_types": [] });
    assert_eq!(judged(device).expect("settings").kind, Kind::Device);
    let secret = judged(with(json!({ "application_type": "native" }))).expect_err("a secret");
    assert_eq!(secret.error, "invalid_client_metadata");
}

#[test]
fn unknown_members_are_left_out_and_so_are_those_of_operators() {
    let said = with(json!({
        "client_uri": "https://app.example/", "logo_uri": "javascript:alert(1)", "contacts": [1],
        "backchannel_logout_uri": "http://169.254.169.254/", "frontchannel_logout_uri": "x",
        "consent": "skip", "audience": "https://api.example", "resources": ["https://api.example"],
        "access_token_lifetime": 86_400, "token_exchange": ["x"], "roles": { "admin": ["staff"] },
        "kind": "machine", "pkce": "optional", "origins": ["https://evil.example"], "scope": null,
    }));
    assert_eq!(judged(said), judged(with(json!({}))));
}

#[test]
fn every_wrong_member_is_refused_by_its_name() {
    let key = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A" });
    let public = json!({ "kty": "OKP", "crv": "Ed25519", "x": key["x"] });
    for (said, member) in [
        (json!({ "token_endpoint_auth_method": "tls_client_auth" }), "token_endpoint_auth_method"),
        (json!({ "token_endpoint_auth_method": "private_key_jwt" }), "jwks"),
        (json!({ "jwks": { "keys": [key] } }), "jwks"),
        (json!({ "jwks_uri": "http://127.0.0.1/jwks" }), "jwks_uri"),
        (json!({ "jwks_uri": "http://app.example/jwks" }), "jwks_uri"),
        (
            json!({ "jwks_uri": "https://app.example/jwks", "jwks": { "keys": [public] } }),
            "jwks_uri",
        ),
        (json!({ "grant_types": ["client_credentials"] }), "grant_types"),
        (json!({ "grant_types": ["password"] }), "grant_types"),
        (json!({ "grant_types": [] }), "grant_types"),
        (
            json!({ "grant_types": ["urn:ietf:params:oauth:grant-type:token-exchange"] }),
            "grant_types",
        ),
        (json!({ "response_types": ["token"] }), "response_types"),
        (json!({ "response_types": [] }), "response_types"),
        (json!({ "application_type": "desktop" }), "application_type"),
        (json!({ "client_name": "" }), "client_name"),
        (json!({ "client_name": "a\u{0}" }), "client_name"),
        (json!({ "policy_uri": "javascript:alert(1)" }), "policy_uri"),
        (json!({ "tos_uri": "http://app.example/terms" }), "tos_uri"),
        (json!({ "scope": "openid groups" }), "scope"),
        (json!({ "scope": "open\"id" }), "scope"),
        (json!({ "scope": "openid offline_access" }), "scope"),
        (json!({ "subject_type": "pairwise" }), "subject_type"),
        (json!({ "id_token_signed_response_alg": "none" }), "id_token_signed_response_alg"),
        (json!({ "id_token_signed_response_alg": "HS256" }), "id_token_signed_response_alg"),
        (json!({ "post_logout_redirect_uris": ["/"] }), "post_logout_redirect_uris"),
        (json!({ "client_name": 7 }), "The metadata"),
        (json!({ "redirect_uris": "https://app.example/cb" }), "The metadata"),
    ] {
        let refused = judged(with(said.clone())).expect_err("it is wrong");
        assert_eq!(refused.error, "invalid_client_metadata", "{said}");
        assert!(refused.text.starts_with(member), "{said}: {}", refused.text);
    }
}

#[test]
fn an_address_that_cannot_be_registered_has_an_error_of_its_own() {
    for uris in [
        json!([]),
        json!(["http://app.example/cb"]),
        json!(["https://app.example/cb#x"]),
        json!(["https://*.example/cb"]),
        json!(["javascript:alert(1)"]),
        json!(["com.example.app:/cb"]),
        json!(["https://app.example/cb", "https://app.example/cb"]),
    ] {
        let refused = judged(json!({ "redirect_uris": uris })).expect_err("it is wrong");
        assert_eq!(refused.error, "invalid_redirect_uri", "{uris}: {}", refused.text);
        assert!(!refused.text.contains("app.example"), "nothing of what was sent");
    }
}

#[test]
fn what_is_answered_can_be_sent_again() {
    for said in [
        with(json!({})),
        with(json!({ "token_endpoint_auth_method": "none", "client_name": "Notes",
            "grant_types": ["authorization_code", "refresh_token"],
            "scope": "openid offline_access", "dpop_bound_access_tokens": true,
            "policy_uri": "https://app.example/policy#people", "tos_uri": "https://app.example/terms",
            "userinfo_signed_response_alg": "EdDSA" })),
        with(json!({ "token_endpoint_auth_method": "client_secret_jwt" })),
        with(json!({ "token_endpoint_auth_method": "private_key_jwt",
            "jwks_uri": "https://app.example/jwks" })),
    ] {
        let settings = judged(said).expect("settings");
        let document = document(&client(), &settings);
        assert_eq!(document["client_id"], "dyn-1");
        assert_eq!(judged(Value::Object(document)), Ok(settings));
    }
}

#[test]
fn an_update_leaves_alone_what_operators_changed_and_never_changes_the_kind() {
    let said = with(json!({ "client_name": "Notes" }));
    let former = Settings {
        audience: Some("https://api.example".to_owned()),
        ..judged(with(json!({}))).expect("settings")
    };
    let update = |said: Value| {
        let Value::Object(members) = said else { panic!("an object") };
        Metadata::read(members)?.settings(&client(), Some(&former))
    };
    let settings = update(said).expect("settings");
    assert_eq!((settings.name.as_str(), &settings.audience), ("Notes", &former.audience));
    let post = json!({ "token_endpoint_auth_method": "client_secret_post" });
    assert!(update(with(post)).is_ok());
    let key = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" });
    let signs =
        json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": { "keys": [key] } });
    // Of its secret there is no copy that a MAC could be checked by.
    let macs = json!({ "token_endpoint_auth_method": "client_secret_jwt" });
    for other in [json!({ "token_endpoint_auth_method": "none" }), signs, macs] {
        let refused = update(with(other)).expect_err("another kind");
        assert_eq!(refused.error, "invalid_client_metadata");
    }
}
