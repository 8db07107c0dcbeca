//! What can be mapped, and what becomes of it.

use serde_json::json;

use super::super::super::client::Kind;
use super::*;

fn settings(claims: &Value, roles: &Value) -> Settings {
    Settings {
        name: "Notes".to_owned(),
        redirect_uris: vec!["https://notes.example.org/cb".to_owned()],
        claims: serde_json::from_value(claims.clone()).expect("claims"),
        roles: serde_json::from_value(roles.clone()).expect("roles"),
        ..Settings::preset(Kind::Server)
    }
}

fn faults(claims: &Value, roles: &Value) -> Vec<String> {
    check(&settings(claims, roles)).into_iter().map(|fault| fault.pointer).collect()
}

const EVERYWHERE: &str = r#"["id_token", "userinfo", "access_token"]"#;

/// A claim from the document, told everywhere.
fn from(pointer: &str) -> Value {
    let places: Value = serde_json::from_str(EVERYWHERE).expect("JSON");
    json!({ "from": { "document": pointer }, "in": places })
}

fn told(settings: &Settings, document: Option<&str>, groups: &[&str], place: Place) -> Value {
    let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
    Value::Object(Mapping::of(settings, &groups, document).told(place))
}

#[test]
fn names_that_mean_something_cannot_be_mapped() {
    for name in [
        "sub",
        "iss",
        "aud",
        "exp",
        "nbf",
        "iat",
        "jti",
        "nonce",
        "acr",
        "amr",
        "azp",
        "auth_time",
        "sid",
        "at_hash",
        "c_hash",
        "cnf",
        "events",
        "act",
        "May_Act",
        "scope",
        "client_id",
        "gid",
        "groups",
        "roles",
        "entitlements",
        "active",
        "token_type",
        "username",
        "name",
        "picture",
        "email",
        "email_verified",
        "preferred_username",
        "updated_at",
        "locale",
        "address",
        "phone_number",
        "phone_number_verified",
        "SUB",
        "Roles",
        "Email",
        "_claim_names",
    ] {
        let claims = json!({ name: { "from": { "constant": "x" } } });
        assert_eq!(faults(&claims, &json!({})), [format!("/claims/{name}")], "{name}");
        // Nor is it told where a release that knew the name less well has stored it.
        assert_eq!(told(&settings(&claims, &json!({})), None, &[], Place::IdToken), json!({}));
    }
    for (name, pointer) in [
        ("", "/claims/"),
        ("a b", "/claims/a b"),
        ("ä", "/claims/ä"),
        ("a\"b", "/claims/a\"b"),
        ("a/b~c\n", "/claims/a~1b~0c\n"),
        (&"x".repeat(256), &format!("/claims/{}", "x".repeat(256))),
    ] {
        let claims = json!({ name: { "from": "groups" } });
        assert_eq!(faults(&claims, &json!({})), [pointer], "{name}");
    }
}

#[test]
fn who_may_act_is_set_to_one_subject_in_access_tokens() {
    let only = |claims: Value| faults(&json!({ "may_act": claims }), &json!({}));
    let gate = json!({ "constant": { "sub": "gate" } });
    assert_eq!(only(json!({ "from": gate, "in": ["access_token"] })), [""; 0]);
    for (from, places) in [
        (gate.clone(), json!(["access_token", "id_token"])),
        (gate, json!(["userinfo"])),
        (json!("groups"), json!(["access_token"])),
        (json!({ "document": "/actor" }), json!(["access_token"])),
        (json!({ "constant": "gate" }), json!(["access_token"])),
        (json!({ "constant": { "sub": 7 } }), json!(["access_token"])),
        (json!({ "constant": { "sub": "gate", "iss": "https://x" } }), json!(["access_token"])),
    ] {
        assert_eq!(only(json!({ "from": from, "in": places })), ["/claims/may_act"], "{from}");
    }
}

#[test]
fn other_names_and_every_sort_of_source_can() {
    let claims = json!({
        "department": { "from": { "document": "/job/department" } },
        "https://example.org/claims/tenant": { "from": { "constant": { "id": 7 } } },
        "memberOf": { "from": "groups", "in": ["access_token"] },
        "escaped": { "from": { "document": "/a~1b/~0/0/" } },
    });
    let roles = json!({ "admin": ["owners", "staff"] });
    assert_eq!(faults(&claims, &roles), [""; 0]);
    assert_eq!(settings(&claims, &roles).check(), Ok(()));
    let text = serde_json::to_string(&settings(&claims, &roles)).expect("JSON");
    assert_eq!(Settings::stored(&text), Ok(settings(&claims, &roles)));
    // The statements of the store look for it, to know whether the document is needed.
    assert!(text.contains(r#""document""#));
    let plain = serde_json::to_string(&Settings::default()).expect("JSON");
    assert!(!plain.contains(r#""document""#));
}

#[test]
fn what_cannot_be_a_source_is_a_fault() {
    for pointer in ["", "team", "/a~", "/a~2", "/~~0", "#/team", &format!("/{}", "x".repeat(255))] {
        let claims = json!({ "team": from(pointer) });
        assert_eq!(faults(&claims, &json!({})), ["/claims/team/from"], "{pointer}");
    }
    let long = json!({ "team": { "from": { "constant": "x".repeat(1023) } } });
    assert_eq!(faults(&long, &json!({})), ["/claims/team/from"]);
    let nowhere = json!({ "team": { "from": "groups", "in": [] } });
    assert_eq!(faults(&nowhere, &json!({})), ["/claims/team/in"]);
    let many: Map<String, Value> =
        (0..51).map(|number| (format!("c{number}"), from("/a"))).collect();
    assert_eq!(faults(&many.into(), &json!({})), ["/claims"]);
    for bad in [
        json!({ "team": { "from": "document" } }),
        json!({ "team": { "from": "email" } }),
        json!({ "team": { "from": { "groups": 1 } } }),
        json!({ "team": { "from": "groups", "in": ["header"] } }),
        json!({ "team": { "from": "groups", "to": [] } }),
        json!({ "team": { "in": ["id_token"] } }),
        json!({ "team": "/team" }),
    ] {
        let read = serde_json::from_value::<BTreeMap<String, Mapped>>(bad.clone());
        assert!(read.is_err(), "{bad}");
    }
}

#[test]
fn a_role_and_its_groups_have_plain_names() {
    for (roles, pointer) in [
        (json!({ "a b": ["staff"] }), "/roles/a b"),
        (json!({ "a/b": ["staff"] }), "/roles/a~1b"),
        (json!({ "admin": [] }), "/roles/admin"),
        (json!({ "admin": ["staff", "a,b"] }), "/roles/admin"),
    ] {
        assert_eq!(faults(&json!({}), &roles), [pointer], "{roles}");
    }
}

#[test]
fn values_of_every_type_are_told_as_they_are_and_nothing_in_the_place_of_nothing() {
    let document = r#"{"text":"a","number":1.50,"large":123456789012345678901234567890,"yes":true,
        "no":false,"list":[1,[]],"object":{"a":{"b":null}},"null":null,"empty":"","a/b":{"~":["x"]}}"#;
    for (pointer, value) in [
        ("/text", Some("\"a\"")),
        ("/number", Some("1.50")),
        ("/large", Some("123456789012345678901234567890")),
        ("/yes", Some("true")),
        ("/no", Some("false")),
        ("/list", Some("[1,[]]")),
        ("/list/1", Some("[]")),
        ("/object", Some(r#"{"a":{"b":null}}"#)),
        ("/a~1b/~0/0", Some("\"x\"")),
        ("/null", None),
        ("/empty", None),
        ("/missing", None),
        ("/text/deeper", None),
        ("/list/2", None),
        ("/list/-", None),
        ("/list/01", None),
        ("/object/a/b/c", None),
    ] {
        let settings = settings(&json!({ "it": from(pointer) }), &json!({}));
        for place in [Place::IdToken, Place::Userinfo, Place::AccessToken] {
            let told = told(&settings, Some(document), &[], place);
            assert_eq!(told.get("it").map(Value::to_string).as_deref(), value, "{pointer}");
        }
        for document in [None, Some("{}"), Some("spoilt"), Some("[]")] {
            assert_eq!(told(&settings, document, &[], Place::IdToken), json!({}), "{pointer}");
        }
    }
}

#[test]
fn a_claim_is_told_where_it_is_mapped_to() {
    let claims = json!({
        "usual": { "from": { "constant": 1 } },
        "access": { "from": "groups", "in": ["access_token"] },
        "both": { "from": { "document": "/a" }, "in": ["id_token", "access_token"] },
    });
    let settings = settings(&claims, &json!({}));
    let at = |place| told(&settings, Some(r#"{"a":"b"}"#), &["staff"], place);
    assert_eq!(at(Place::IdToken), json!({ "usual": 1, "both": "b" }));
    assert_eq!(at(Place::Userinfo), json!({ "usual": 1 }));
    assert_eq!(at(Place::AccessToken), json!({ "access": ["staff"], "both": "b" }));
    let nobody = Mapping::of_nobody(&settings).told(Place::IdToken);
    assert_eq!(Value::Object(nobody), json!({ "usual": 1 }));
    let plain = Settings::preset(Kind::Server);
    assert_eq!(told(&plain, Some(r#"{"a":"b"}"#), &["staff"], Place::Userinfo), json!({}));
}

#[test]
fn a_role_is_held_by_who_is_in_one_of_its_groups() {
    let roles = json!({ "admin": ["owners", "staff"], "reader": ["guests", "staff"] });
    let settings = settings(&json!({}), &roles);
    for (groups, roles) in [
        (&["staff"][..], json!(["admin", "reader"])),
        (&["guests", "other"], json!(["reader"])),
        (&["owners", "staff"], json!(["admin", "reader"])),
        (&["admin", "reader", "Staff"], json!([])),
        (&[], json!([])),
    ] {
        for place in [Place::IdToken, Place::Userinfo, Place::AccessToken] {
            assert_eq!(told(&settings, None, groups, place), json!({ "roles": roles }));
        }
    }
    assert!(Mapping::of_nobody(&settings).told(Place::AccessToken).is_empty());
}
