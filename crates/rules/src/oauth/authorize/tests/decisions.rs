//! What comes next, for every prompt, age and consent.

use proptest::prelude::*;

use super::*;
use crate::oauth::client::Consent;
use crate::oauth::scope::{EMAIL, OPENID};

const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);
const AGAIN: Step = Step::SignIn { again: true };

fn ago(seconds: u64) -> Timestamp {
    NOW.minus(Duration::from_secs(seconds))
}

/// Somebody who signed in so many seconds ago and agreed to that.
fn person(signed_in: u64, consent: Option<&[&str]>) -> Person {
    Person { auth_time: ago(signed_in), consent: consent.map(Scopes::of), expected: true }
}

const ALL: Option<&[&str]> = Some(&[OPENID, EMAIL]);

/// The step for a server application that asks her, at its first coming.
fn first(changes: &[(&str, &str)], person: Option<&Person>) -> Step {
    decide(&request(changes), &settings(Kind::Server), person, NOW, None)
}

/// The same after it was asked so many seconds ago.
fn back(changes: &[(&str, &str)], person: &Person, asked: u64) -> Step {
    decide(&request(changes), &settings(Kind::Server), Some(person), NOW, Some(ago(asked)))
}

fn consent_to(names: &[&str]) -> Step {
    Step::Consent { missing: Scopes::of(names) }
}

#[test]
fn who_is_not_signed_in_signs_in_whatever_the_prompt() {
    for prompt in ["", "login", "consent", "select_account", "create", "login consent"] {
        let step = first(&[("prompt", prompt)], None);
        assert_eq!(step, Step::SignIn { again: false }, "{prompt}");
    }
}

#[test]
fn who_is_signed_in_and_has_agreed_gets_a_code() {
    assert_eq!(first(&[], Some(&person(1000, ALL))), Step::Issue);
    assert_eq!(first(&[("prompt", "none")], Some(&person(1000, ALL))), Step::Issue);
}

#[test]
fn without_a_page_there_is_a_code_or_an_error() {
    let silent = &[("prompt", "none")];
    let login = Step::Refuse(Refusal::LOGIN_REQUIRED);
    assert_eq!(first(silent, None), login);
    assert_eq!(first(silent, Some(&person(10, None))), Step::Refuse(Refusal::CONSENT_REQUIRED));
    let late = first(&[("prompt", "none"), ("max_age", "9")], Some(&person(10, ALL)));
    assert_eq!(late, login);
    let other = Person { expected: false, ..person(10, ALL) };
    assert_eq!(first(silent, Some(&other)), login);
}

#[test]
fn a_sign_in_that_was_asked_for_is_asked_for_once() {
    for prompt in ["login", "select_account", "create", "login consent"] {
        let changes = &[("prompt", prompt)];
        assert_eq!(first(changes, Some(&person(1, ALL))), AGAIN, "{prompt}");
        assert_eq!(back(changes, &person(30, ALL), 20), AGAIN, "signed in before: {prompt}");
        assert_eq!(back(changes, &person(20, ALL), 20), AGAIN, "at that instant: {prompt}");
        assert_ne!(back(changes, &person(10, ALL), 20), AGAIN, "signed in for it: {prompt}");
    }
    assert_eq!(back(&[("prompt", "login")], &person(10, ALL), 20), Step::Issue);
}

#[test]
fn a_request_that_waited_for_an_hour_comes_as_if_for_the_first_time() {
    let changes = &[("prompt", "login")];
    assert_eq!(back(changes, &person(10, ALL), 3600), Step::Issue);
    assert_eq!(back(changes, &person(10, ALL), 3601), AGAIN);
}

#[test]
fn who_signed_in_too_long_ago_signs_in_again() {
    let changes = &[("max_age", "100")];
    assert_eq!(first(changes, Some(&person(100, ALL))), Step::Issue);
    assert_eq!(first(changes, Some(&person(101, ALL))), AGAIN);
    assert_eq!(back(changes, &person(101, ALL), 200), Step::Issue, "for this very request");
    assert_eq!(back(changes, &person(301, ALL), 400), AGAIN, "but not for ever");
}

#[test]
fn a_max_age_of_nothing_is_a_prompt_for_login() {
    let changes = &[("max_age", "0")];
    assert_eq!(first(changes, Some(&person(0, ALL))), AGAIN);
    assert_eq!(back(changes, &person(5, ALL), 20), Step::Issue);
}

#[test]
fn who_is_not_the_one_that_is_expected_signs_in_once_and_is_refused_then() {
    let other = |seconds| Person { expected: false, ..person(seconds, ALL) };
    assert_eq!(first(&[], Some(&other(50))), AGAIN);
    assert_eq!(back(&[], &other(50), 20), AGAIN);
    assert_eq!(back(&[], &other(10), 20), Step::Refuse(Refusal::LOGIN_REQUIRED));
}

#[test]
fn consent_is_asked_for_what_is_new() {
    assert_eq!(first(&[], Some(&person(1, None))), consent_to(&[OPENID, EMAIL]));
    assert_eq!(first(&[], Some(&person(1, Some(&[OPENID])))), consent_to(&[EMAIL]));
    let less = first(&[("scope", "openid")], Some(&person(1, ALL)));
    assert_eq!(less, Step::Issue, "she has agreed to more");
    let one = &[("scope", "openid"), ("claims", r#"{"userinfo": {"email": null}}"#)];
    assert_eq!(first(one, Some(&person(1, Some(&[OPENID])))), consent_to(&[EMAIL]));
    assert_eq!(first(one, Some(&person(1, ALL))), Step::Issue);
}

#[test]
fn consent_grows() {
    let before = person(1, Some(&["openid", "profile"]));
    let now = before.agreeing(&Scopes::of(&[OPENID, EMAIL]));
    assert_eq!(now.to_string(), "email openid profile");
    assert_eq!(person(1, None).agreeing(&now), now);
}

#[test]
fn consent_that_was_asked_for_is_asked_for_all_of_it() {
    let changes = &[("prompt", "consent")];
    assert_eq!(first(changes, Some(&person(1, ALL))), consent_to(&[OPENID, EMAIL]));
    let both = back(&[("prompt", "login consent")], &person(10, ALL), 20);
    assert_eq!(both, consent_to(&[OPENID, EMAIL]));
}

#[test]
fn an_application_of_the_house_asks_only_when_it_wants_to() {
    let house = Settings { consent: Consent::Skip, ..settings(Kind::Server) };
    let step = |prompt| {
        let request = request(&[("prompt", prompt)]);
        decide(&request, &house, Some(&person(1, None)), NOW, None)
    };
    assert_eq!(step(""), Step::Issue);
    assert_eq!(step("none"), Step::Issue);
    assert_eq!(step("consent"), consent_to(&[OPENID, EMAIL]));
}

/// OWASP ASVS 10.7.1: any program on her machine could pass for it.
#[test]
fn an_application_that_cannot_be_known_for_certain_asks_each_time() {
    let step = |kind, uri: &str, prompt, consent| {
        let mut settings = Settings { consent, ..settings(kind) };
        settings.redirect_uris.push(uri.to_owned());
        let parameters = with(&[("redirect_uri", uri), ("prompt", prompt)]);
        let request = asked_of(&parameters, &settings).expect("a request");
        decide(&request, &settings, Some(&person(1, ALL)), NOW, None)
    };
    let all = consent_to(&[OPENID, EMAIL]);
    for uri in ["http://127.0.0.1:5000/cb", "com.example.notes:/cb"] {
        assert_eq!(step(Kind::Native, uri, "", Consent::Ask), all, "{uri}");
        let silent = step(Kind::Native, uri, "none", Consent::Ask);
        assert_eq!(silent, Step::Refuse(Refusal::CONSENT_REQUIRED), "{uri}");
        assert_eq!(step(Kind::Native, uri, "", Consent::Skip), Step::Issue, "{uri}");
    }
    assert_eq!(step(Kind::Spa, "http://localhost:5173/cb", "", Consent::Ask), all);
    assert_eq!(step(Kind::Spa, REDIRECT, "", Consent::Ask), Step::Issue);
    assert_eq!(step(Kind::Native, REDIRECT, "", Consent::Ask), Step::Issue, "a claimed address");
    assert_eq!(step(Kind::Server, "http://localhost:8080/cb", "", Consent::Ask), Step::Issue);
}

fn changes() -> impl Strategy<Value = (String, Option<u64>)> {
    let prompts = "(none|((login|consent|select_account|create) ?){0,3})";
    (prompts, proptest::option::of(0..200_u64))
}

fn made((prompt, max_age): &(String, Option<u64>)) -> Option<Request> {
    let max_age = max_age.map(|age| age.to_string()).unwrap_or_default();
    asked(&[("prompt", prompt), ("max_age", &max_age)]).ok()
}

fn people() -> impl Strategy<Value = Person> {
    let consent = prop_oneof![Just(None::<&str>), Just(Some("openid")), Just(Some("openid email"))];
    (0..1000_u64, consent, any::<bool>()).prop_map(|(signed_in, consent, expected)| Person {
        auth_time: ago(signed_in),
        consent: consent.map(|text| Scopes::parse(text).expect("scopes")),
        expected,
    })
}

proptest! {
    #[test]
    fn no_page_is_shown_where_none_may_be(
        person in proptest::option::of(people()),
        max_age in proptest::option::of(0..200_u64),
        asked in proptest::option::of(0..4000_u64),
    ) {
        let request = made(&("none".to_owned(), max_age)).expect("a request");
        let step =
            decide(&request, &settings(Kind::Server), person.as_ref(), NOW, asked.map(ago));
        prop_assert!(matches!(step, Step::Issue | Step::Refuse(_)), "{:?}", step);
    }

    #[test]
    fn who_signed_in_for_a_request_is_not_sent_to_sign_in_again(
        changes in changes(),
        person in people(),
        waited in 0..200_u64,
    ) {
        if let Some(request) = made(&changes) {
            let person = Person { auth_time: ago(waited), ..person };
            let asked = Some(ago(waited + 1));
            let step = decide(&request, &settings(Kind::Server), Some(&person), NOW, asked);
            prop_assert!(!matches!(step, Step::SignIn { .. }), "{:?}", step);
        }
    }

    #[test]
    fn a_code_is_issued_only_for_who_fulfils_all_that_was_asked(
        changes in changes(),
        person in people(),
        asked in proptest::option::of(0..1000_u64),
    ) {
        let Some(request) = made(&changes) else { return Ok(()) };
        let asked = asked.map(ago);
        if decide(&request, &settings(Kind::Server), Some(&person), NOW, asked) == Step::Issue {
            let for_this = asked.is_some_and(|at| person.auth_time > at);
            let given = person.consent.clone().unwrap_or_default();
            prop_assert!(request.scope.is_subset(&given) && person.expected);
            prop_assert!(!request.prompt.consent);
            prop_assert!(!request.prompt.login || for_this);
            let age = NOW.since(person.auth_time);
            prop_assert!(request.max_age.is_none_or(|most| age <= most || for_this));
        }
    }
}
