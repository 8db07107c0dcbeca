//! What is refused, and what is read.

use proptest::prelude::*;

use super::*;
use crate::oauth::client::{GrantType, Pkce};
use crate::oauth::scope::{EMAIL, OFFLINE_ACCESS, OPENID};

#[test]
fn who_asks_and_where_to_answer_is_judged_first_and_never_by_a_redirect() {
    for (query, shown) in [
        ("", Shown::NoClient),
        ("client_id=&redirect_uri=https://notes.example.org/cb", Shown::NoClient),
        ("client_id=a&client_id=a&redirect_uri=x", Shown::NoClient),
        ("client_id=a%2Fb&redirect_uri=x", Shown::UnknownClient),
        ("client_id=%C3%A4&redirect_uri=x", Shown::UnknownClient),
        ("client_id=notes", Shown::NoRedirect),
        ("client_id=notes&redirect_uri=", Shown::NoRedirect),
        ("client_id=notes&redirect_uri=x&redirect_uri=x", Shown::NoRedirect),
        ("state=a&state=b&client_id=notes&redirect_uri=x&redirect_uri=y", Shown::NoRedirect),
    ] {
        assert_eq!(client_and_redirect(&gathered(query)), Err(shown), "{query}");
    }
    let asking = client_and_redirect(&with(&[])).expect("a client");
    assert_eq!(asking.client.as_str(), "notes");
    assert_eq!(asking.redirect_uri, REDIRECT);
}

#[test]
fn an_address_that_is_not_registered_gets_no_answer_whatever_else_is_wrong() {
    for address in [
        "https://notes.example.org/cb/",
        "https://notes.example.org/cb?x",
        "https://notes.example.org/cb/../evil",
        "https://notes.example.org@evil.example/cb",
        "https://notes.example.org:8443/cb",
        "http://notes.example.org/cb",
        "https://evil.example/cb",
        "//evil.example",
        "javascript:alert(1)",
    ] {
        let parameters = with(&[("redirect_uri", address), ("response_type", "token")]);
        let asking = client_and_redirect(&parameters).expect("a client");
        let judged = destination(asking, &parameters, &settings(Kind::Server));
        assert_eq!(judged, Err(Shown::UnknownRedirect), "{address}");
    }
}

/// RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6, RFC 7636 §4.4.1, RFC 8707 §2.
#[test]
fn every_other_error_is_told_to_the_application() {
    use ErrorCode::*;
    let (long, many) = ("x".repeat(5000), "n".repeat(513));
    let big = format!(r#"{{"userinfo": {{"{long}": null}}}}"#);
    let cases: &[(&[(&str, &str)], ErrorCode)] = &[
        (&[("response_type", "")], InvalidRequest),
        (&[("response_type", "token")], UnsupportedResponseType),
        (&[("response_type", "id_token")], UnsupportedResponseType),
        (&[("response_type", "code id_token")], UnsupportedResponseType),
        (&[("response_type", "CODE")], UnsupportedResponseType),
        (&[("response_mode", "fragment")], InvalidRequest),
        (&[("response_mode", "web_message")], InvalidRequest),
        (&[("scope", "")], InvalidScope),
        (&[("scope", "openid \"")], InvalidScope),
        (&[("scope", "unknown")], InvalidScope),
        (&[("state", "ä")], InvalidRequest),
        (&[("state", "a\nb")], InvalidRequest),
        (&[("state", &long)], InvalidRequest),
        (&[("nonce", "a\0")], InvalidRequest),
        (&[("nonce", &many)], InvalidRequest),
        (&[("request", "eyJhbGciOiJub25lIn0.e30.")], RequestNotSupported),
        (&[("request_uri", "https://notes.example.org/r")], RequestUriNotSupported),
        (&[("registration", "{}")], RegistrationNotSupported),
        (&[("claims", "email")], InvalidRequest),
        (&[("claims", r#"{"userinfo": {"email": true}}"#)], InvalidRequest),
        (&[("claims", r#"{"id_token": {}, "id_token": {}}"#)], InvalidRequest),
        (&[("claims", &big)], InvalidRequest),
        (
            &[("claims", r#"{"id_token": {"acr": {"essential": true, "values": ["2", "3"]}}}"#)],
            UnmetAuthenticationRequirements,
        ),
        (&[("prompt", "none login")], InvalidRequest),
        (&[("prompt", "consent none")], InvalidRequest),
        (&[("prompt", "None")], InvalidRequest),
        (&[("prompt", "login unknown")], InvalidRequest),
        (&[("max_age", "-1")], InvalidRequest),
        (&[("max_age", "+1")], InvalidRequest),
        (&[("max_age", "1.5")], InvalidRequest),
        (&[("max_age", "soon")], InvalidRequest),
        (&[("max_age", "99999999999")], InvalidRequest),
        (&[("resource", "https://other.example.org")], InvalidTarget),
        (&[("resource", "https://api.example.org/")], InvalidTarget),
        (&[("resource", "https://api.example.org"), ("resource", "x")], InvalidTarget),
        (&[("code_challenge", ""), ("code_challenge_method", "")], InvalidRequest),
        (&[("code_challenge", "")], InvalidRequest),
        (&[("code_challenge_method", "")], InvalidRequest),
        (&[("code_challenge_method", "plain")], InvalidRequest),
        (&[("code_challenge_method", "s256")], InvalidRequest),
        (&[("code_challenge", "too-short")], InvalidRequest),
        (&[("dpop_jkt", "too-short")], InvalidRequest),
        (&[("dpop_jkt", CHALLENGE), ("dpop_jkt", CHALLENGE)], InvalidRequest),
        (&[("nonce", "a"), ("nonce", "a")], InvalidRequest),
    ];
    for (changes, code) in cases {
        let refusal = asked(changes).expect_err("a refusal");
        assert_eq!(refusal.error, *code, "{changes:?} {refusal}");
    }
}

#[test]
fn a_refusal_goes_to_the_registered_address_with_state_and_issuer() {
    let parameters = with(&[("response_type", "token")]);
    let asking = client_and_redirect(&parameters).expect("a client");
    let to = destination(asking, &parameters, &settings(Kind::Server)).expect("a destination");
    let refusal = read(&parameters, &settings(Kind::Server), &to).expect_err("a refusal");
    let location = to.location(&to.refusal(&refusal, ISSUER));
    let expected = "https://notes.example.org/cb?error=unsupported_response_type\
        &error_description=response_type%20must%20be%20code\
        &state=xyz&iss=https%3A%2F%2Flogin.example.org";
    assert_eq!(location, expected);
}

#[test]
fn a_code_goes_there_too() {
    let request = request(&[("response_mode", "form_post"), ("state", "a b&c=d")]);
    assert_eq!(request.to.response_mode(), ResponseMode::FormPost);
    let answer = request.to.code("thc_1", ISSUER);
    let expected = [("code", "thc_1"), ("state", "a b&c=d"), ("iss", ISSUER)];
    let answer: Vec<_> = answer.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(answer, expected);
}

#[test]
fn a_state_that_is_wrong_or_repeated_is_not_sent_back() {
    let twice = gathered(&format!(
        "client_id=notes&redirect_uri={REDIRECT}&response_type=code&scope=openid&state=a&state=b"
    ));
    for parameters in [twice, with(&[("state", "a\r\nSet-Cookie: x")]), with(&[("state", "")])] {
        let asking = client_and_redirect(&parameters).expect("a client");
        let to = destination(asking, &parameters, &settings(Kind::Server)).expect("a destination");
        assert_eq!(to.state(), None);
        let told = to.refusal(&Refusal::ACCESS_DENIED, ISSUER);
        assert!(told.iter().all(|(name, _)| *name != "state"));
    }
}

#[test]
fn a_parameter_that_comes_twice_is_told_to_the_application() {
    let query = format!("client_id=notes&redirect_uri={REDIRECT}&response_type=code&scope=openid");
    for more in ["&scope=openid", "&state=a&state=a", "&x=1&x=2", "&nonce=&nonce=b"] {
        let parameters = gathered(&format!("{query}{more}"));
        let refusal = asked_of(&parameters, &settings(Kind::Server)).expect_err("a refusal");
        assert_eq!(refusal.error, ErrorCode::InvalidRequest, "{more}");
    }
}

#[test]
fn a_client_that_signs_nobody_in_is_refused() {
    let settings =
        Settings { grants: [GrantType::ClientCredentials].into(), ..settings(Kind::Server) };
    let refusal = asked_of(&with(&[]), &settings).expect_err("a refusal");
    assert_eq!(refusal.error, ErrorCode::UnauthorizedClient);
}

#[test]
fn pkce_may_be_left_out_where_the_client_is_allowed_to_but_not_half_of_it() {
    let loose = Settings { pkce: Pkce::Optional, ..settings(Kind::Server) };
    let without = with(&[("code_challenge", ""), ("code_challenge_method", "")]);
    assert_eq!(asked_of(&without, &loose).expect("a request").challenge, None);
    assert!(asked_of(&with(&[]), &loose).expect("a request").challenge.is_some());
    for half in ["code_challenge", "code_challenge_method"] {
        let refusal = asked_of(&with(&[(half, "")]), &loose).expect_err("a refusal");
        assert_eq!(refusal.error, ErrorCode::InvalidRequest, "{half}");
    }
}

#[test]
fn a_client_gets_what_it_may_ask_for_of_what_it_asks_for() {
    let scope = |text: &str| request(&[("scope", text)]).scope;
    assert_eq!(scope("openid email admin"), Scopes::of(&[OPENID, EMAIL]));
    assert_eq!(scope("email"), Scopes::of(&[EMAIL]), "without OpenID Connect it is OAuth");
    assert!(!scope("openid offline_access").contains(OFFLINE_ACCESS), "not among its own");
}

#[test]
fn who_may_not_sign_in_is_told_so_instead_of_being_given_less() {
    let settings = Settings { scopes: Scopes::of(&[EMAIL]), ..settings(Kind::Server) };
    let refusal = asked_of(&with(&[]), &settings).expect_err("a refusal");
    assert_eq!(refusal.error, ErrorCode::InvalidScope);
}

#[test]
fn access_beyond_the_session_needs_a_refresh_token() {
    let asks = with(&[("scope", "openid offline_access")]);
    let native = settings(Kind::Native);
    let request = asked_of(&asks, &native).expect("a request");
    assert!(request.scope.contains(OFFLINE_ACCESS));
    let bare = Settings { grants: [GrantType::AuthorizationCode].into(), ..native };
    let request = asked_of(&asks, &bare).expect("a request");
    assert_eq!(request.scope, Scopes::of(&[OPENID]));
}

#[test]
fn wishes_and_hints_are_read() {
    let long = "x".repeat(513);
    let request = request(&[
        ("prompt", "login  consent"),
        ("max_age", "0"),
        ("login_hint", "melisande@example.org"),
        ("ui_locales", "de-CH fr"),
        ("id_token_hint", "a.b.c"),
        ("acr_values", &long),
        ("nonce", "n-0S6_WzA2Mj"),
        ("display", "popup"),
        ("claims", "{}"),
        ("resource", "urn:example:b"),
        ("resource", "https://api.example.org"),
        ("resource", "urn:example:b"),
    ]);
    let prompt = Prompts { login: true, consent: true, ..Prompts::default() };
    assert_eq!(request.prompt, prompt);
    assert_eq!(request.max_age, Some(Duration::ZERO));
    assert_eq!(request.login_hint.as_deref(), Some("melisande@example.org"));
    assert_eq!(request.ui_locales.as_deref(), Some("de-CH fr"));
    assert_eq!(request.id_token_hint.as_deref(), Some("a.b.c"));
    assert_eq!(request.acr_values, None, "too long to be looked at");
    assert_eq!(request.nonce.as_deref(), Some("n-0S6_WzA2Mj"));
    assert_eq!(request.resource, ["urn:example:b", "https://api.example.org"]);
}

/// OpenID Connect Core §5.5.
#[test]
fn single_claims_are_asked_for_and_agreed_to_by_their_scopes() {
    let all = Settings { scopes: Scopes::of(&[OPENID, EMAIL, "phone"]), ..settings(Kind::Server) };
    let claims = r#"{"userinfo": {"phone_number": null, "name": null}, "id_token": {"email": null,
        "acr": {"essential": true, "values": ["1", "2"]}, "sub": {"value": "x"}}}"#;
    let asks = [("scope", "openid"), ("claims", claims)];
    let request = asked_of(&with(&asks), &all).expect("a request");
    assert_eq!(request.scope, Scopes::of(&[OPENID]));
    assert_eq!(request.agreement(), Scopes::of(&[OPENID, EMAIL, "phone"]), "name is not its");
    let authorized = Authorized::of(&request, Timestamp::from_micros(0));
    let stored = serde_json::to_value(&authorized).expect("JSON");
    let kept = serde_json::json!({ "id_token": ["email"], "userinfo": ["phone_number"] });
    assert_eq!(stored["claims"], kept);
    assert_eq!(serde_json::from_value::<Authorized>(stored).expect("stored"), authorized);
    let plain = asked_of(&with(&[("scope", "openid")]), &all).expect("a request");
    let plain = Authorized::of(&plain, Timestamp::from_micros(0));
    assert!(serde_json::to_value(&plain).expect("JSON").get("claims").is_none());
}

#[test]
fn what_was_authorized_is_stored_and_read_by_this_release_and_the_next() {
    let changes = [("nonce", "n"), ("resource", "urn:example:b"), ("dpop_jkt", CHALLENGE)];
    let request = request(&changes);
    let authorized = Authorized::of(&request, Timestamp::from_micros(1_700_000_000_999_999));
    assert_eq!(authorized.auth_time, 1_700_000_000);
    assert_eq!(authorized.redirect_uri, REDIRECT);
    assert_eq!(authorized.acr.as_deref(), Some("1"));
    assert_eq!(authorized.amr, ["pwd"]);
    let mut value = serde_json::to_value(&authorized).expect("JSON");
    assert_eq!(value["scope"], "email openid");
    assert_eq!(value["code_challenge"], CHALLENGE);
    assert_eq!(value["dpop_jkt"], CHALLENGE);
    value["of_the_next_release"] = true.into();
    let read: Authorized = serde_json::from_value(value).expect("what was stored");
    assert_eq!(read, authorized);
    let least = format!(r#"{{"redirect_uri":"{REDIRECT}","scope":"openid","auth_time":1}}"#);
    let least: Authorized = serde_json::from_str(&least).expect("what was stored");
    assert_eq!((least.code_challenge, least.dpop_jkt), (None, None));
}

#[test]
fn modes_are_found_by_their_names() {
    for mode in ResponseMode::ALL {
        assert_eq!(ResponseMode::named(mode.name()), Some(*mode));
    }
    assert_eq!(ResponseMode::named("fragment"), None);
}

/// What developers are told stays within the alphabet of `error_description`.
#[test]
fn descriptions_are_plain_text() {
    let legal = |byte: u8| (0x20..0x7f).contains(&byte) && byte != b'"' && byte != b'\\';
    for refusal in [
        Refusal::ACCESS_DENIED,
        Refusal::LOGIN_REQUIRED,
        Refusal::CONSENT_REQUIRED,
        Refusal::SERVER_ERROR,
        Refusal::TEMPORARILY_UNAVAILABLE,
    ] {
        assert!(refusal.description.bytes().all(legal), "{refusal}");
    }
}

proptest! {
    /// Whatever the rest of it is, an answer goes to a registered address or nowhere.
    #[test]
    fn no_request_whatever_is_answered_elsewhere(
        name in "(redirect_uri|client_id|state|response_mode|scope|prompt|x)",
        value in "\\PC{0,40}",
    ) {
        let parameters = with(&[(&name, &value)]);
        if let Ok(asking) = client_and_redirect(&parameters)
            && let Ok(to) = destination(asking, &parameters, &settings(Kind::Native))
        {
            prop_assert_eq!(to.redirect_uri(), REDIRECT);
            let location = to.location(&to.refusal(&Refusal::ACCESS_DENIED, ISSUER));
            let begins = format!("{REDIRECT}?error=access_denied&");
            prop_assert!(location.starts_with(&begins));
            prop_assert!(location.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }
}
