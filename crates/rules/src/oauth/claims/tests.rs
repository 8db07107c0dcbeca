//! What is told by which scope, and what may be set.

use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;

const CLAIMS: &str = r#"{"name":"Mélisande Q","family_name":"Q","locale":"fr-CH",
    "picture":"https://img.example/m.png","phone_number":"+41 44 668 18 00",
    "phone_number_verified":true,"address":{"locality":"Zürich","country":"CH"},
    "preferred_username":"somebody-else","sub":"other","email":"other@example.org","x":1}"#;

fn told(scopes: &str) -> Value {
    let groups = ["staff".to_owned(), "owners".to_owned()];
    let subject = Subject {
        id: UserId::from_uuid(Uuid::from_u128(7)),
        username: "melisande",
        email: Some("melisande@example.org"),
        email_verified: true,
        language: Some("de"),
        updated_at: Some(Timestamp::from_micros(1_700_000_000_999_999)),
        claims: Some(CLAIMS),
        groups: &groups,
    };
    let scopes = Scopes::parse(scopes).expect("scopes");
    Value::Object(userinfo(&scopes, &BTreeSet::new(), &subject))
}

fn nobody() -> Subject<'static> {
    Subject {
        id: UserId::from_uuid(Uuid::from_u128(7)),
        username: "m",
        email: None,
        email_verified: false,
        language: None,
        updated_at: None,
        claims: None,
        groups: &[],
    }
}

const SUB: &str = "00000000-0000-0000-0000-000000000007";

#[test]
fn each_scope_tells_its_own_claims_and_no_others() {
    assert_eq!(told("openid"), json!({"sub": SUB}));
    assert_eq!(
        told("openid profile"),
        json!({
            "sub": SUB,
            "name": "Mélisande Q",
            "family_name": "Q",
            "locale": "fr-CH",
            "picture": "https://img.example/m.png",
            "preferred_username": "melisande",
            "updated_at": 1_700_000_000,
        })
    );
    let email = json!({"sub": SUB, "email": "melisande@example.org", "email_verified": true});
    assert_eq!(told("openid email"), email);
    let phone = json!({
        "sub": SUB, "phone_number": "+41 44 668 18 00", "phone_number_verified": true,
    });
    assert_eq!(told("openid phone"), phone);
    let address = json!({"sub": SUB, "address": {"locality": "Zürich", "country": "CH"}});
    assert_eq!(told("openid address"), address);
    let groups = json!({"sub": SUB, "groups": ["staff", "owners"]});
    assert_eq!(told("openid groups offline_access unknown"), groups);
}

#[test]
fn what_is_not_known_is_left_out_and_never_null() {
    let all = Scopes::parse("openid profile email address phone groups").expect("scopes");
    let none = BTreeSet::new();
    let told = Value::Object(userinfo(&all, &none, &nobody()));
    assert_eq!(told, json!({"sub": SUB, "preferred_username": "m", "groups": []}));
    let spoilt = Subject { claims: Some("not JSON"), ..nobody() };
    assert_eq!(Value::Object(userinfo(&all, &none, &spoilt)), told);
}

/// §5.5: one of them without the others of its scope.
#[test]
fn a_claim_that_is_asked_for_by_its_name_is_told_alone() {
    let subject = Subject {
        email: Some("m@example.org"),
        language: Some("de"),
        claims: Some(CLAIMS),
        ..nobody()
    };
    let asked = |names: &[&str], scopes: &str| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Value::Object(userinfo(&Scopes::parse(scopes).expect("scopes"), &names, &subject))
    };
    let told = json!({"sub": SUB, "name": "Mélisande Q", "email": "m@example.org"});
    assert_eq!(asked(&["email", "name", "x", "sub"], "openid"), told);
    let told = json!({"sub": SUB, "locale": "fr-CH", "email_verified": false, "groups": []});
    assert_eq!(asked(&["locale", "email_verified", "groups", "birthdate"], "openid"), told);
    let told = json!({"sub": SUB, "email": "m@example.org", "email_verified": false});
    assert_eq!(asked(&["email"], "openid email"), told);
    assert_eq!(asked(&[], ""), json!({"sub": SUB}));
}

#[test]
fn the_language_she_chose_is_told_where_no_locale_is_set() {
    let subject = Subject { language: Some("de"), ..nobody() };
    let told = userinfo(&Scopes::of(&[scope::PROFILE]), &BTreeSet::new(), &subject);
    assert_eq!(told["locale"], "de");
}

fn token(extra: Map<String, Value>) -> Map<String, Value> {
    id_token(IdToken {
        issuer: "https://login.example.org",
        client: "notes",
        subject: UserId::from_uuid(Uuid::from_u128(7)),
        nonce: Some("n-0S6_WzA2Mj"),
        auth_time: Some(1_700_000_000),
        acr: Some("1"),
        amr: &["pwd".to_owned()],
        sid: Some(SessionId::from_uuid(Uuid::from_u128(8))),
        at_hash: Some("77QmUPtjPfzWtF2AnpK9RQ"),
        iat: 1_700_000_100,
        exp: 1_700_000_400,
        extra,
    })
}

#[test]
fn an_id_token_says_for_whom_it_is_and_of_whom() {
    let expected = json!({
        "iss": "https://login.example.org",
        "sub": SUB,
        "aud": "notes",
        "exp": 1_700_000_400,
        "iat": 1_700_000_100,
        "auth_time": 1_700_000_000,
        "nonce": "n-0S6_WzA2Mj",
        "acr": "1",
        "amr": ["pwd"],
        "sid": "00000000-0000-0000-0000-000000000008",
        "at_hash": "77QmUPtjPfzWtF2AnpK9RQ",
    });
    assert_eq!(Value::Object(token(Map::new())), expected);
}

#[test]
fn no_claim_of_a_person_takes_the_place_of_one_of_the_token() {
    let Value::Object(extra) = json!({
        "iss": "https://evil.example", "sub": "other", "aud": "other", "exp": 9, "azp": "other",
        "nonce": "other", "groups": ["staff"],
    }) else {
        panic!("an object");
    };
    let mut expected = token(Map::new());
    expected.insert("groups".to_owned(), json!(["staff"]));
    assert_eq!(token(extra), expected);
}

#[test]
fn what_is_set_is_stored_in_the_order_of_the_standard_and_without_nulls() {
    let text = r#" {"birthdate":"0000-02-29","nickname":null,"name":"M",
        "address":{"country":"CH","formatted":"Weg 1\r\n8000 Zürich","region":null}} "#;
    let stored = check_claims(text).expect("claims");
    let expected = concat!(
        r#"{"name":"M","birthdate":"0000-02-29","#,
        r#""address":{"formatted":"Weg 1\r\n8000 Zürich","country":"CH"}}"#,
    );
    assert_eq!(stored, expected);
    assert_eq!(check_claims(&stored), Ok(stored.clone()));
    assert_eq!(check_claims("{}"), Ok("{}".to_owned()));
}

#[test]
fn every_standard_claim_has_its_form() {
    for good in [
        json!({"name": "李小龍", "given_name": "a", "family_name": "b", "middle_name": "c"}),
        json!({"nickname": "n", "gender": "female", "zoneinfo": "America/Argentina/Buenos_Aires"}),
        json!({"profile": "https://a.example/?x=%20", "website": "http://[::1]/"}),
        json!({"birthdate": "2000-02-29"}),
        json!({"birthdate": "1974"}),
        json!({"locale": "zh-Hant-TW", "zoneinfo": "Etc/GMT+5"}),
        json!({"phone_number": "+1 (604) 555-1234;ext=5678", "phone_number_verified": false}),
        json!({"address": {"street_address": "1\n2", "postal_code": "8000", "locality": "Z"}}),
    ] {
        let text = good.to_string();
        assert_eq!(check_claims(&text).map(|kept| kept.len()), Ok(text.len()), "{text}");
    }
}

#[test]
fn a_fault_names_the_member() {
    let long = "x".repeat(1001);
    for (bad, pointer) in [
        (json!({"sub": "x"}), "/sub"),
        (json!({"email": "a@b"}), "/email"),
        (json!({"preferred_username": "x"}), "/preferred_username"),
        (json!({"updated_at": 1}), "/updated_at"),
        (json!({"a/b~c": "x"}), "/a~1b~0c"),
        (json!({"name": 1}), "/name"),
        (json!({"name": " "}), "/name"),
        (json!({"name": "a\nb"}), "/name"),
        (json!({"name": long}), "/name"),
        (json!({"picture": "javascript:alert(1)"}), "/picture"),
        (json!({"picture": "https://"}), "/picture"),
        (json!({"website": "https://a b"}), "/website"),
        (json!({"website": "//a.example"}), "/website"),
        (json!({"birthdate": "2001-02-29"}), "/birthdate"),
        (json!({"birthdate": "2001-13-01"}), "/birthdate"),
        (json!({"birthdate": "2001-00-01"}), "/birthdate"),
        (json!({"birthdate": "2001-1-1"}), "/birthdate"),
        (json!({"birthdate": "0000"}), "/birthdate"),
        (json!({"birthdate": "+200-01-01"}), "/birthdate"),
        (json!({"zoneinfo": "Europe/Zürich"}), "/zoneinfo"),
        (json!({"locale": "de CH"}), "/locale"),
        (json!({"phone_number": "call me"}), "/phone_number"),
        (json!({"phone_number": "1"}), "/phone_number"),
        (json!({"phone_number": "+1 604;ext=x"}), "/phone_number"),
        (json!({"phone_number_verified": true}), "/phone_number_verified"),
        (
            json!({"phone_number": "+1604555", "phone_number_verified": "yes"}),
            "/phone_number_verified",
        ),
        (json!({"address": "Weg 1"}), "/address"),
        (json!({"address": {"street": "Weg 1"}}), "/address/street"),
        (json!({"address": {"country": 41}}), "/address/country"),
        (json!([]), ""),
        (json!("x"), ""),
    ] {
        let fault = check_claims(&bad.to_string()).expect_err("a fault");
        assert_eq!(fault.pointer, pointer, "{bad} {fault}");
    }
    for bad in
        ["", "{", r#"{"name":"a","name":"b"}"#, &format!("{{\"name\":\"{}\"}}", "x".repeat(20_000))]
    {
        assert_eq!(check_claims(bad).expect_err("a fault").pointer, "");
    }
}

proptest! {
    #[test]
    fn what_was_accepted_is_accepted_again_as_it_was_stored(
        name in "\\PC{0,20}",
        date in "[0-9]{4}(-[0-9]{2}){0,2}",
        phone in "[+0-9 ()-]{0,16}",
    ) {
        let text = json!({"name": name, "birthdate": date, "phone_number": phone}).to_string();
        if let Ok(stored) = check_claims(&text) {
            prop_assert_eq!(check_claims(&stored), Ok(stored.clone()));
        }
    }

    #[test]
    fn only_a_scope_opens_what_is_set(scopes in "(openid|email|groups|x| ){0,6}") {
        let told = told(&scopes);
        for name in ["name", "picture", "phone_number", "address", "locale", "updated_at"] {
            prop_assert!(told.get(name).is_none(), "{}", name);
        }
    }
}
