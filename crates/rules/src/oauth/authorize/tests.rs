//! Every error of a request for authorization, its code, and whether the application is told; and what comes next
//! for a good one.

mod decisions;
mod requests;

use super::super::client::{Kind, Settings};
use super::super::form::{self, Parameters};
use super::*;

const REDIRECT: &str = "https://notes.example.org/cb";
const ISSUER: &str = "https://login.example.org";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A request in which nothing is wrong.
const GOOD: &[(&str, &str)] = &[
    ("client_id", "notes"),
    ("redirect_uri", REDIRECT),
    ("response_type", "code"),
    ("scope", "openid email"),
    ("state", "xyz"),
    ("code_challenge", CHALLENGE),
    ("code_challenge_method", "S256"),
];

fn settings(kind: Kind) -> Settings {
    Settings {
        redirect_uris: vec![REDIRECT.to_owned()],
        resources: vec!["https://api.example.org".to_owned(), "urn:example:b".to_owned()],
        ..Settings::preset(kind)
    }
}

/// The good request with some parameters replaced; those without a value are taken out.
fn with(changes: &[(&str, &str)]) -> Parameters {
    let is_changed = |name: &str| changes.iter().any(|change| change.0 == name);
    let kept = GOOD.iter().filter(|pair| !is_changed(pair.0)).chain(changes);
    gathered(&form::encode(&kept.copied().collect::<Vec<_>>()))
}

fn gathered(query: &str) -> Parameters {
    Parameters::gather(query.as_bytes()).expect("well encoded")
}

fn asked_of(parameters: &Parameters, settings: &Settings) -> Result<Request, Refusal> {
    let asking = client_and_redirect(parameters).expect("a client");
    let to = destination(asking, parameters, settings).expect("a destination");
    read(parameters, settings, &to)
}

fn asked(changes: &[(&str, &str)]) -> Result<Request, Refusal> {
    asked_of(&with(changes), &settings(Kind::Server))
}

fn request(changes: &[(&str, &str)]) -> Request {
    asked(changes).expect("a good request")
}
