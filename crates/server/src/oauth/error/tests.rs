//! What each refusal looks like from outside.

use super::*;

fn told(failure: OAuthFailure) -> (u16, Option<String>) {
    let response = failure.into_response();
    let challenge = response.headers().get(header::WWW_AUTHENTICATE);
    let challenge = challenge.map(|value| value.to_str().expect("text").to_owned());
    (response.status().as_u16(), challenge)
}

#[test]
fn every_refusal_has_its_status_and_its_challenge() {
    let (status, challenge) = told(OAuthFailure::invalid_client("Unknown"));
    assert_eq!((status, challenge.as_deref()), (401, Some("Basic realm=\"tokenhouse\"")));
    assert_eq!(told(OAuthFailure::invalid_grant("Used")), (400, None));
    assert_eq!(told(OAuthFailure::invalid_request("Twice")), (400, None));
    assert_eq!(told(OAuthFailure::missing_token()), (401, Some("Bearer".to_owned())));
    let (status, challenge) = told(OAuthFailure::invalid_token());
    assert_eq!(status, 401);
    assert!(challenge.is_some_and(|text| text.starts_with("Bearer error=\"invalid_token\"")));
    let scope = OAuthFailure::new(Code::InsufficientScope, "More is needed").at_resource();
    let (status, challenge) = told(scope);
    assert_eq!(status, 403);
    assert!(challenge.is_some_and(|text| text.ends_with("scope=\"openid\"")));
    let trouble = tokenhouse_store::Error::Unavailable("away".to_owned());
    assert_eq!(told(OAuthFailure::from(trouble).at_resource().by_dpop()), (503, None));
}

#[test]
fn a_bad_proof_is_a_bad_request_for_tokens_and_a_bad_token_elsewhere() {
    let failure = OAuthFailure::new(Code::UseDpopNonce, "Again").with_nonce("n".to_owned());
    assert_eq!(told(failure.clone()), (400, None));
    let (status, challenge) = told(failure.clone().at_resource().by_dpop());
    let expected = "DPoP error=\"use_dpop_nonce\", error_description=\"Again\", \
                    algs=\"ES256 EdDSA PS256\"";
    assert_eq!((status, challenge.as_deref()), (401, Some(expected)));
    assert_eq!(failure.into_response().headers()["dpop-nonce"], "n");
    let response = OAuthFailure::invalid_token().into_response();
    let challenges: Vec<_> = response.headers().get_all(header::WWW_AUTHENTICATE).iter().collect();
    assert_eq!(challenges.len(), 2, "{challenges:?}");
    assert_eq!(challenges[1], "DPoP algs=\"ES256 EdDSA PS256\"");
}

#[test]
fn who_waited_too_long_is_told_so_in_the_words_of_its_protocol() {
    assert_eq!(told(OAuthFailure::too_slow()), (503, None));
    for route in ["/oauth2/token", "/oauth2/userinfo", "/oauth2/introspect"] {
        assert!(crate::oauth::is_for_applications(route), "{route}");
    }
    for route in ["/oauth2/authorize", "/oauth2/logout", "/data", "", "/login"] {
        assert!(!crate::oauth::is_for_applications(route), "{route}");
    }
}

#[test]
fn trouble_with_the_database_is_nobodys_fault_and_worth_another_try() {
    let trouble = tokenhouse_store::Error::Unavailable("away".to_owned());
    let response = OAuthFailure::from(trouble).into_response();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    assert!(response.extensions().get::<Trouble>().is_some_and(|trouble| {
        trouble.code == "temporarily_unavailable" && trouble.cause.to_string().contains("away")
    }));
}
