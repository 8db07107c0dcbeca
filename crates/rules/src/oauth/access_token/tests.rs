//! What a token says in either form, and what is none.

use serde_json::json;

use super::*;

const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY";

fn root() -> RootSecret {
    RootSecret::parse(&format!("k1:{KEY}")).expect("a root secret")
}

fn claims() -> Claims {
    Claims {
        iss: "https://login.example".to_owned(),
        sub: "subject".to_owned(),
        aud: Audience::from(vec!["https://login.example".to_owned()]),
        client_id: "photos".to_owned(),
        exp: 1_800_000_300,
        iat: 1_800_000_000,
        jti: Uuid::from_u128(7),
        scope: "openid".to_owned(),
        auth_time: Some(1_799_999_000),
        acr: None,
        amr: Some(vec!["pwd".to_owned()]),
        gid: Some(GrantId::from_uuid(Uuid::from_u128(9))),
        groups: Some(vec!["staff".to_owned()]),
        cnf: None,
        act: None,
        bond: None,
        extra: Map::new(),
    }
}

/// Claims of a client that acts for itself, for two services.
fn bare() -> Claims {
    let aud = Audience::from(vec!["a".to_owned(), "b".to_owned()]);
    Claims { aud, auth_time: None, amr: None, gid: None, groups: None, ..claims() }
}

#[test]
fn both_forms_say_what_was_put_into_them_and_neither_is_taken_for_the_other() {
    let (key, _) = SigningKey::generate(Algorithm::ES256).expect("a new key");
    for claims in [claims(), bare()] {
        let opaque = seal(&claims, &root(), [1; 12]).expect("it is short");
        assert_eq!(open(&opaque, &root()).as_ref(), Ok(&claims));
        let signed = sign(&claims, &key).expect("it is short");
        let known = |_: Option<&str>, _: Algorithm| Some(key.public());
        assert_eq!(verify(&signed, known).as_ref(), Ok(&claims));
        assert_eq!(verify(&opaque, known), Err(BadJws::Malformed));
        assert_eq!(open(&signed, &root()), Err(BadAccessToken));
    }
}

#[test]
fn an_id_token_is_no_access_token_and_one_without_our_claims_is_none_either() {
    let (key, _) = SigningKey::generate(Algorithm::EdDSA).expect("a new key");
    let known = |_: Option<&str>, _: Algorithm| Some(key.public());
    let id_token = key.sign(Typ::IdToken, &claims()).expect("it is short");
    assert_eq!(verify(&id_token, known), Err(BadJws::Type));
    let foreign = key.sign(Typ::AccessToken, &json!({ "sub": "subject" }));
    let foreign = foreign.expect("it is short");
    assert_eq!(verify(&foreign, known), Err(BadJws::Malformed));
}

#[test]
fn claims_are_written_as_rfc_9068_names_them() {
    assert_eq!(
        serde_json::to_value(bare()).expect("JSON"),
        json!({
            "iss": "https://login.example", "sub": "subject", "aud": ["a", "b"],
            "client_id": "photos", "exp": 1_800_000_300, "iat": 1_800_000_000,
            "jti": "00000000-0000-0000-0000-000000000007", "scope": "openid",
        })
    );
    let mut newer = serde_json::to_value(claims()).expect("JSON");
    assert_eq!(newer["aud"], json!("https://login.example"));
    newer["of_the_next_release"] = json!({ "jkt": 1.50 });
    let read = serde_json::from_value::<Claims>(newer.clone()).expect("claims");
    assert_eq!(Claims { extra: Map::new(), ..read.clone() }, claims());
    assert_eq!(serde_json::to_value(read).expect("JSON"), newer);
}

#[test]
fn who_holds_an_opaque_token_learns_nothing_and_no_two_are_alike() {
    let sealed = |nonce| seal(&claims(), &root(), [nonce; 12]).expect("it is short");
    let text = sealed(1);
    assert_ne!(text, sealed(2));
    let bytes = sealed::decode(PREFIX, &text).expect("our own");
    for word in ["subject", "photos", "staff"] {
        assert!(!bytes.windows(word.len()).any(|part| part == word.as_bytes()), "{word}");
    }
}

#[test]
fn no_single_changed_character_is_accepted() {
    let text = seal(&claims(), &root(), [1; 12]).expect("it is short");
    for position in 0..text.len() {
        for other in ["A", "B", "_", "=", "."] {
            let mut altered = text.to_string();
            altered.replace_range(position..=position, other);
            if altered != *text {
                assert_eq!(open(&altered, &root()), Err(BadAccessToken), "{position} {other}");
            }
        }
        assert_eq!(open(&text[..position], &root()), Err(BadAccessToken), "{position}");
    }
    let long = format!("tha_{}", "A".repeat(jws::MAX_BYTES));
    assert_eq!(open(&long, &root()), Err(BadAccessToken));
}

#[test]
fn no_token_is_made_that_would_not_be_read() {
    let (key, _) = SigningKey::generate(Algorithm::EdDSA).expect("a new key");
    let known = |_: Option<&str>, _: Algorithm| Some(key.public());
    let mut made = [0, 0];
    for groups in (0..600).step_by(7) {
        let groups = (0..groups).map(|number| format!("group-{number}")).collect();
        let claims = Claims { groups: Some(groups), ..claims() };
        match seal(&claims, &root(), [1; 12]) {
            Ok(text) => {
                assert_eq!(open(&text, &root()), Ok(claims.clone()));
                made[0] = text.len();
            }
            Err(TooLarge) => assert!(made[0] > 7 * 1024),
        }
        match sign(&claims, &key) {
            Ok(text) => {
                assert_eq!(verify(&text, known), Ok(claims));
                made[1] = text.len();
            }
            Err(TooLarge) => assert!(made[1] > 7 * 1024),
        }
    }
    assert!(made.iter().all(|length| (7 * 1024..=jws::MAX_BYTES).contains(length)), "{made:?}");
}

#[test]
fn a_token_ends_at_its_expiry_and_is_revoked_by_its_own_name() {
    let at = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
    assert!(!claims().has_expired(at(1_800_000_299)));
    assert!(claims().has_expired(at(1_800_000_300)));
    let another = Claims { jti: Uuid::from_u128(8), ..claims() };
    assert_ne!(revocation(&claims()), revocation(&another));
    // It is stored: another release must note the same.
    assert_eq!(revocation(&claims())[..4], [9, 143, 121, 78]);
    assert_eq!(revocation(&claims()), revocation(&Claims { exp: 0, ..claims() }));
}

#[test]
fn an_audience_is_one_name_or_several() {
    assert!(claims().aud.contains("https://login.example"));
    assert!(bare().aud.contains("a") && bare().aud.contains("b"));
    assert!(!bare().aud.contains("https://login.example") && !bare().aud.contains(""));
    assert_eq!(Audience::from(Vec::new()).all().len(), 0);
}
