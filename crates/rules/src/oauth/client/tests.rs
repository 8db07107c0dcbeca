//! Presets, what contradicts them, and settings of another release.

use proptest::prelude::*;
use serde_json::json;

use super::super::access::Allow;
use super::*;

/// A good application of that kind.
fn good(kind: Kind) -> Settings {
    let mut settings = Settings { name: "Notes".to_owned(), ..Settings::preset(kind) };
    match kind {
        Kind::Device | Kind::Machine => {}
        Kind::Proxy => settings.access.push(AccessRule {
            host: "notes.example.org".to_owned(),
            paths: Vec::new(),
            methods: Vec::new(),
            allow: Allow::SignedIn,
        }),
        _ => settings.redirect_uris.push("https://notes.example.org/cb".to_owned()),
    }
    settings
}

/// The members at fault.
fn faults(settings: &Settings) -> Vec<String> {
    let faults = settings.check().err().unwrap_or_default();
    faults.into_iter().map(|fault| fault.pointer).collect()
}

#[test]
fn a_client_id_is_short_and_plain() {
    for good in ["a", "notes", "Notes-2.app_x", &"x".repeat(MAX_ID)] {
        assert_eq!(ClientId::parse(good).expect("an identifier").as_str(), good);
    }
    for bad in ["", "a b", "a/b", "ä", "a\n", "a:b", "https://a", &"x".repeat(MAX_ID + 1)] {
        assert_eq!(ClientId::parse(bad), Err(BadClientId), "{bad:?}");
    }
}

#[test]
fn every_preset_is_good_once_it_has_a_name_and_a_place() {
    for kind in Kind::ALL {
        assert_eq!(good(*kind).check(), Ok(()), "{kind:?}");
        assert_eq!(Kind::named(kind.name()), Some(*kind));
        let json = serde_json::to_value(kind).expect("JSON");
        assert_eq!(json, kind.name(), "stored by its name");
    }
    for grant in GrantType::ALL {
        assert_eq!(GrantType::named(grant.name()), Some(*grant));
        assert_eq!(serde_json::to_value(grant).expect("JSON"), grant.name());
    }
    assert_eq!(GrantType::named("password"), None);
}

#[test]
fn a_preset_alone_says_what_is_missing() {
    assert_eq!(faults(&Settings::preset(Kind::Spa)), ["/name", "/redirect_uris"]);
    assert_eq!(faults(&Settings::preset(Kind::Machine)), ["/name"]);
    assert_eq!(faults(&Settings::preset(Kind::Proxy)), ["/name", "/access"]);
}

#[test]
fn what_cannot_keep_a_secret_has_none_and_the_others_have_one() {
    for kind in [Kind::Spa, Kind::Native, Kind::Device, Kind::Proxy] {
        let settings = Settings { authentication: Authentication::Basic, ..good(kind) };
        assert_eq!(faults(&settings), ["/authentication"], "{kind:?}");
    }
    let server = Settings { authentication: Authentication::None, ..good(Kind::Server) };
    assert_eq!(faults(&server), ["/authentication"]);
    let machine = Settings { authentication: Authentication::None, ..good(Kind::Machine) };
    assert_eq!(faults(&machine), ["/authentication", "/grants"]);
}

#[test]
fn pkce_is_given_up_only_where_there_is_a_secret() {
    let spa = Settings { pkce: Pkce::Optional, ..good(Kind::Spa) };
    assert_eq!(faults(&spa), ["/pkce"]);
    let server = Settings { pkce: Pkce::Optional, ..good(Kind::Server) };
    assert_eq!(server.check(), Ok(()));
}

#[test]
fn grants_fit_the_kind_and_each_other() {
    use GrantType::*;
    let with = |kind, grants: &[GrantType]| Settings {
        grants: grants.iter().copied().collect(),
        ..good(kind)
    };
    assert_eq!(faults(&with(Kind::Spa, &[])), ["/grants"]);
    assert_eq!(faults(&with(Kind::Spa, &[AuthorizationCode, ClientCredentials])), ["/grants"]);
    assert_eq!(faults(&with(Kind::Server, &[RefreshToken])), ["/grants"]);
    assert_eq!(faults(&with(Kind::Proxy, &[ClientCredentials])), ["/grants", "/grants"]);
    let all = [AuthorizationCode, RefreshToken, ClientCredentials];
    assert_eq!(with(Kind::Server, &all).check(), Ok(()));
    let signing = with(Kind::Machine, &[AuthorizationCode, ClientCredentials]);
    assert_eq!(faults(&signing), ["/redirect_uris", "/grants", "/scopes"]);
    assert_eq!(with(Kind::Native, &[AuthorizationCode, RefreshToken, DeviceCode]).check(), Ok(()));
    assert_eq!(
        faults(&with(Kind::Machine, &[ClientCredentials, DeviceCode])),
        ["/grants", "/scopes"]
    );
    let short = json!({ "name": "TV", "kind": "device", "authentication": "none",
        "grants": ["device_code"] });
    let short: Settings = serde_json::from_value(short).expect("settings");
    assert_eq!((short.check(), short.allows(DeviceCode)), (Ok(()), true));
    let offline = with(Kind::Native, &[AuthorizationCode]);
    assert_eq!(faults(&offline), ["/scopes"]);
}

#[test]
fn who_exchanges_tokens_shows_who_it_is_and_names_for_whom() {
    let with = |kind, grant: bool, audiences: &[&str]| {
        let mut settings = good(kind);
        settings.grants.extend(grant.then_some(GrantType::TokenExchange));
        settings.token_exchange = audiences.iter().map(|one| (*one).to_owned()).collect();
        settings
    };
    let (orders, name) = ("https://orders.example", "orders");
    for kind in [Kind::Server, Kind::Machine] {
        assert_eq!(with(kind, true, &[orders, name]).check(), Ok(()), "{kind:?}");
        assert_eq!(faults(&with(kind, true, &[])), ["/token_exchange"]);
        assert_eq!(faults(&with(kind, false, &[orders])), ["/token_exchange"]);
        let strange = with(kind, true, &[name, name, "", "a b"]);
        let expected = ["/token_exchange/1", "/token_exchange/2", "/token_exchange/3"];
        assert_eq!(faults(&strange), expected);
    }
    assert_eq!(faults(&with(Kind::Spa, true, &[orders])), ["/grants"]);
    let short = r#"{"grants":["token_exchange"]}"#;
    assert!(Settings::stored(short).is_ok_and(|read| read.allows(GrantType::TokenExchange)));
}

#[test]
fn every_address_is_judged_and_named_by_its_place() {
    let mut settings = good(Kind::Spa);
    settings.redirect_uris = vec![
        "https://notes.example.org/cb".to_owned(),
        "http://notes.example.org/cb".to_owned(),
        "https://notes.example.org/cb".to_owned(),
    ];
    settings.post_logout_redirect_uris = vec!["/".to_owned()];
    settings.origins = vec!["https://notes.example.org".to_owned(), "https://a/".to_owned()];
    let expected =
        ["/redirect_uris/1", "/redirect_uris/2", "/post_logout_redirect_uris/0", "/origins/1"];
    assert_eq!(faults(&settings), expected);
    let machine = Settings {
        redirect_uris: vec!["https://a.example/cb".to_owned()],
        post_logout_redirect_uris: vec!["https://a.example/".to_owned()],
        ..good(Kind::Machine)
    };
    assert_eq!(faults(&machine), ["/redirect_uris", "/post_logout_redirect_uris"]);
}

#[test]
fn lifetimes_audiences_and_resources_are_within_bounds() {
    for lifetime in [0, 9, MAX_ACCESS_TOKEN_LIFETIME + 1, u64::MAX] {
        let settings = Settings { access_token_lifetime: lifetime, ..good(Kind::Server) };
        assert_eq!(faults(&settings), ["/access_token_lifetime"], "{lifetime}");
    }
    let late = Settings { refresh_idle: 91 * DAY, ..good(Kind::Server) };
    assert_eq!(faults(&late), ["/refresh_idle"]);
    let endless = Settings { refresh_absolute: u64::MAX, ..good(Kind::Server) };
    assert_eq!(faults(&endless), ["/refresh_absolute"]);
    for audience in ["", "a b", "ä"] {
        let settings = Settings { audience: Some(audience.to_owned()), ..good(Kind::Server) };
        assert_eq!(faults(&settings), ["/audience"], "{audience}");
    }
    let bound = Settings { dpop_bound_access_tokens: true, ..good(Kind::Proxy) };
    assert_eq!(faults(&bound), ["/dpop_bound_access_tokens"]);
    let resources = ["https://api.example.org/", "urn:example:api", "api", "https://a/#x", ":x"];
    let resources = resources.map(str::to_owned).to_vec();
    let settings = Settings { resources, ..good(Kind::Server) };
    assert_eq!(faults(&settings), ["/resources/2", "/resources/3", "/resources/4"]);
}

#[test]
fn only_what_stands_behind_a_proxy_has_rules_of_access() {
    let settings = Settings { access: good(Kind::Proxy).access, ..good(Kind::Server) };
    assert_eq!(faults(&settings), ["/access"]);
    assert_eq!(good(Kind::Proxy).hosts(), ["notes.example.org"]);
}

#[test]
fn a_name_is_what_people_can_read() {
    for bad in [" ", "a\nb", &"x".repeat(101)] {
        let settings = Settings { name: bad.to_owned(), ..good(Kind::Server) };
        assert_eq!(faults(&settings), ["/name"], "{bad:?}");
    }
}

#[test]
fn what_is_not_said_is_as_in_the_preset_of_a_server_and_all_of_it_is_written() {
    let settings: Settings = serde_json::from_str("{}").expect("settings");
    assert_eq!(settings, Settings::preset(Kind::Server));
    let written = serde_json::to_value(&settings).expect("JSON");
    assert_eq!(written["scopes"], "email openid profile");
    assert_eq!(written["grants"], json!(["authorization_code", "refresh_token"]));
    assert_eq!(written["id_token_algorithm"], "ES256");
    assert_eq!(written["audience"], json!(null));
    assert_eq!(written["pkce"], "required");
    assert_eq!(written["access_token_lifetime"], 300);
}

#[test]
fn a_member_of_the_next_release_is_left_out_of_what_was_stored_and_refused_elsewhere() {
    let mut value = serde_json::to_value(good(Kind::Spa)).expect("JSON");
    value["require_par"] = json!(true);
    let text = value.to_string();
    assert_eq!(Settings::stored(&text), Ok(good(Kind::Spa)));
    assert!(serde_json::from_str::<Settings>(&text).is_err());
}

#[test]
fn a_value_of_the_next_release_is_not_taken_for_something_else() {
    let mut value = serde_json::to_value(good(Kind::Server)).expect("JSON");
    value["authentication"] = json!("tls_client_auth");
    assert!(Settings::stored(&value.to_string()).is_err());
    for bad in ["", "[]", "null", "{", "{} x"] {
        assert!(Settings::stored(bad).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn no_client_id_leaves_its_alphabet(text in "\\PC{0,80}") {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let fits = (1..=MAX_ID).contains(&text.len()) && text.chars().all(plain);
        prop_assert_eq!(ClientId::parse(&text).is_ok(), fits);
    }

    #[test]
    fn what_is_stored_is_read_again(kind in 0..Kind::ALL.len(), lifetime in any::<u64>()) {
        let mut settings = good(Kind::ALL[kind]);
        settings.access_token_lifetime = lifetime;
        let text = serde_json::to_string(&settings).expect("JSON");
        prop_assert_eq!(Settings::stored(&text), Ok(settings));
    }
}
