//! Who is who, by what it shows, and in which ways it may.

use axum::http::HeaderValue;
use tokenhouse_rules::id::SecretId;
use tokenhouse_rules::oauth::client::Kind;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::Secret;
use uuid::Uuid;

use super::*;

fn form(authorization: Option<&str>, body: &str) -> PostedForm {
    let mut headers = HeaderMap::new();
    if let Some(text) = authorization {
        let value = HeaderValue::from_str(text).expect("a header value");
        headers.insert(header::AUTHORIZATION, value);
    }
    PostedForm { parameters: Parameters::parse(body.as_bytes()).expect("a form"), headers }
}

fn basic_of(pair: &str) -> String {
    format!("Basic {}", STANDARD.encode(pair))
}

fn client(authentication: Authentication, secrets: &[&str]) -> Client {
    let settings = Settings { authentication, ..Settings::preset(Kind::Server) };
    let at = Timestamp::from_micros(0);
    let secret = |text: &&str| Secret {
        id: SecretId::from_uuid(Uuid::nil()),
        hash: client_secret::hash(text),
        created_at: at,
        expires_at: None,
    };
    Client {
        id: "app".to_owned(),
        settings: serde_json::to_string(&settings).expect("JSON"),
        version: 1,
        created_at: at,
        disabled_at: None,
        secrets: secrets.iter().map(secret).collect(),
    }
}

fn refused(form: &PostedForm) -> Code {
    Claimed::read(form).expect_err("nobody").code
}

#[test]
fn a_client_shows_who_it_is_in_the_way_it_is_registered_for() {
    let (in_form, named) = ("client_id=app&client_secret=right", "client_id=app");
    let cases = [
        (Authentication::Basic, Some("app:right"), "", true),
        (Authentication::Basic, Some("app:right"), named, true),
        (Authentication::Basic, Some("app:older"), "", true),
        (Authentication::Basic, Some("%61pp:righ%74"), "", true),
        (Authentication::Basic, Some("app:wrong"), "", false),
        (Authentication::Basic, Some("app:"), "", false),
        (Authentication::Basic, None, in_form, true),
        (Authentication::Basic, None, named, false),
        (Authentication::Post, None, in_form, true),
        (Authentication::Post, Some("app:right"), "", false),
        (Authentication::None, None, named, true),
        (Authentication::None, Some("app:"), "", true),
        (Authentication::None, None, in_form, false),
    ];
    for (authentication, header, body, right) in cases {
        let form = form(header.map(basic_of).as_deref(), body);
        let claimed = Claimed::read(&form).expect("a client");
        assert_eq!(claimed.id.to_string(), "app");
        let judged = claimed.judge(Some(client(authentication, &["right", "older"])));
        assert_eq!(judged.is_ok(), right, "{authentication:?} {header:?} {body}");
        assert!(judged.err().is_none_or(|failure| failure.code == Code::InvalidClient));
    }
}

#[test]
fn an_assertion_that_nobody_judged_is_worth_nothing() {
    let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
    let body = format!("client_id=app&client_assertion=a.b.c&client_assertion_type={kind}");
    let claimed = Claimed::read(&form(None, &body)).expect("a client");
    let judged = |claimed: &Claimed, authentication| {
        claimed.judge(Some(client(authentication, &["right"]))).is_ok()
    };
    let all = [
        Authentication::None,
        Authentication::Basic,
        Authentication::Post,
        Authentication::PrivateKeyJwt,
        Authentication::ClientSecretJwt,
    ];
    assert!(all.iter().all(|authentication| !judged(&claimed, *authentication)));
    let claimed = [Authentication::PrivateKeyJwt, Authentication::ClientSecretJwt]
        .map(|way| (way, Claimed { id: claimed.id.clone(), secret: None, by: By::Proved(way) }));
    for (way, claimed) in claimed {
        assert_eq!(claimed.shown(), Shown::Judged);
        for authentication in all {
            let expected = authentication == way;
            assert_eq!(judged(&claimed, authentication), expected, "{way:?} {authentication:?}");
        }
    }
    let header = basic_of("app:right");
    assert_eq!(refused(&form(Some(&header), &body)), Code::InvalidRequest);
    let secret = format!("{body}&client_secret=right");
    assert_eq!(refused(&form(None, &secret)), Code::InvalidRequest);
    let other = body.replace("jwt-bearer", "saml2-bearer");
    assert_eq!(refused(&form(None, &other)), Code::InvalidClient);
}

#[test]
fn a_client_that_is_none_or_disabled_is_refused_with_the_same_words() {
    let form = form(Some(&basic_of("app:right")), "");
    let claimed = Claimed::read(&form).expect("a client");
    let client = client(Authentication::Basic, &["right"]);
    let disabled = Client { disabled_at: Some(client.created_at), ..client.clone() };
    let stripped = Client { secrets: Vec::new(), ..client };
    for found in [None, Some(disabled), Some(stripped)] {
        let failure = claimed.judge(found).err().expect("a refusal");
        assert_eq!((failure.code, failure.description), (UNKNOWN.code, UNKNOWN.description));
    }
}

#[test]
fn who_says_two_things_or_nothing_is_refused_before_the_database_is_asked() {
    let header = basic_of("app:right");
    for body in ["client_secret=right", "client_id=other", "client_id=app&client_secret=right"] {
        assert_eq!(refused(&form(Some(&header), body)), Code::InvalidRequest, "{body}");
    }
    for body in ["", "client_secret=right", "client_id=a%20b", "client_id=app&client_assertion=x"] {
        assert_eq!(refused(&form(None, body)), Code::InvalidClient, "{body}");
    }
    let unreadable = ["Basic", "Basic %%%", "Bearer x", &basic_of("app"), "Basic /w=="];
    for header in unreadable {
        assert_eq!(refused(&form(Some(header), "client_id=app")), Code::InvalidClient, "{header}");
    }
    let mut twice = form(Some(&header), "");
    let value = HeaderValue::from_str(&header).expect("a header value");
    twice.headers.append(header::AUTHORIZATION, value);
    assert_eq!(refused(&twice), Code::InvalidRequest);
}
