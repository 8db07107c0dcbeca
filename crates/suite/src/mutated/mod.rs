//! Requests to the endpoints of the provider that were good but for one thing, and then were changed at random:
//! whatever comes of it, nothing is given away, nothing is lost, and what is refused is refused in the form that the
//! endpoint's specification wants.
//!
//! The one thing is such that no change mends it (a secret that is wrong, a code whose verifier is missing, a token
//! that ended), so an answer of success is a fault of the server.

mod chance;
mod devices;
mod draft;
mod endpoints;
mod services;
mod words;

use futures_util::StreamExt;
use futures_util::stream;
use http::{Method, Request};

pub use chance::Chance;
pub use devices::{
    a_mutated_answer_for_a_device_decides_nothing, a_mutated_poll_of_a_device_gets_no_tokens,
    a_mutated_request_of_a_device_gets_no_code,
};
pub use draft::Draft;
pub use endpoints::{
    a_mutated_authorization_gives_no_code, a_mutated_introspection_tells_nothing,
    a_mutated_logout_ends_nothing, a_mutated_question_to_userinfo_tells_nothing,
    a_mutated_request_for_tokens_gets_none, a_mutated_revocation_ends_nothing,
    mutated_requests_for_keys_and_metadata_are_answered, nothing_but_refusals,
};
pub use services::{
    a_mutated_exchange_gives_no_token, a_mutated_request_that_is_sent_ahead_is_not_kept, clients,
};

use crate::{Answer, Api, body};

/// How many of them each endpoint gets.
const REQUESTS: usize = 10_000;
/// How many those get for which there is no time for so many at each test.
const FEW: usize = 2_000;
/// How many they get instead, where somebody takes the time.
const WANTED: &str = "TOKENHOUSE_TEST_MUTATED";
const AT_ONCE: usize = 8;
const SEED: u64 = 6_749;

/// Why an answer is none that may be given.
pub type Verdict = Result<(), String>;

/// Sends as many as there have to be, made of these in turn, and has every answer judged.
///
/// # Panics
/// On an answer that may not be given; what it says makes the request again.
pub async fn storm(api: &Api, drafts: &[Draft], judge: impl Fn(&Method, &Answer) -> Verdict) {
    send(api, (drafts, REQUESTS), judge).await;
}

/// The same with fewer of them: two thousand, or as many as `TOKENHOUSE_TEST_MUTATED` says.
///
/// # Panics
/// As [`storm`]; and where that is no number.
#[expect(clippy::disallowed_methods, reason = "tests are told how thorough to be")]
pub async fn short_storm(api: &Api, drafts: &[Draft], judge: impl Fn(&Method, &Answer) -> Verdict) {
    let wanted = std::env::var(WANTED).ok();
    let count = wanted.map_or(FEW, |wanted| wanted.parse().expect("a number of requests"));
    send(api, (drafts, count), judge).await;
}

async fn send(
    api: &Api,
    (drafts, count): (&[Draft], usize),
    judge: impl Fn(&Method, &Answer) -> Verdict,
) {
    let draft = |number: usize| {
        let mut chance = Chance::of(SEED, number);
        drafts[number % drafts.len()].clone().mutated(&mut chance)
    };
    let sendable = |number: &usize| draft(*number).request().is_some();
    let numbers = (0..).filter(sendable).take(count);
    let sent = stream::iter(numbers).map(|number| async move {
        let request: Request<_> = draft(number).request().expect("one that can be sent");
        let method = request.method().clone();
        (number, method, api.send(request).await)
    });
    let mut sent = std::pin::pin!(sent.buffer_unordered(AT_ONCE));
    let mut statuses = std::collections::BTreeMap::<u16, usize>::new();
    while let Some((number, method, answer)) = sent.next().await {
        *statuses.entry(answer.status).or_default() += 1;
        if let Err(why) = judged(&method, &answer, &judge) {
            panic!("{why}: {:?}\n{answer:?}", draft(number).request());
        }
    }
    // A storm that ends at the first gate shows nothing.
    assert!(statuses.len() > 2, "{statuses:?}");
}

fn judged(
    method: &Method,
    answer: &Answer,
    judge: impl Fn(&Method, &Answer) -> Verdict,
) -> Verdict {
    if answer.status >= 500 {
        return Err("an error of the server".to_owned());
    }
    judge(method, answer)
}

/// Whether a refusal has the form of RFC 6749 §5.2, or, before the endpoint was reached, that of RFC 9457.
fn is_refusal(method: &Method, answer: &Answer) -> Verdict {
    if !(400..500).contains(&answer.status) {
        return Err("no refusal".to_owned());
    }
    if *method == Method::HEAD {
        return Ok(());
    }
    match answer.header("content-type") {
        Some("application/problem+json") => is_problem(answer),
        Some("application/json") => is_oauth(answer),
        // Who asks for a page gets one, also where the address is a program's.
        Some("text/html; charset=utf-8") if is_before_the_endpoint(answer) => Ok(()),
        other => Err(format!("a refusal as {other:?}")),
    }
}

fn is_problem(answer: &Answer) -> Verdict {
    match is_whole_problem(answer) && is_before_the_endpoint(answer) {
        true => Ok(()),
        false => Err("no good problem document".to_owned()),
    }
}

fn is_whole_problem(answer: &Answer) -> bool {
    let said = || body(answer);
    answer.header("content-type") == Some("application/problem+json")
        && said()["status"] == answer.status
        && said()["code"].is_string()
}

/// The endpoint itself refuses in its own form.
fn is_before_the_endpoint(answer: &Answer) -> bool {
    match answer.status {
        405 => answer.header("allow").is_some(),
        status => matches!(status, 404 | 408 | 413 | 414 | 417 | 431),
    }
}

/// The errors of RFC 6749 §5.2, RFC 8707 §2, RFC 9449 §5, RFC 8628 §3.5, RFC 9126 §2.3 and RFC 7591 §3.2.2.
const BAD_REQUESTS: &[&str] = &[
    "invalid_request",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
    "invalid_target",
    "invalid_dpop_proof",
    "authorization_pending",
    "slow_down",
    "access_denied",
    "expired_token",
    "unsupported_response_type",
    "request_not_supported",
    "invalid_request_object",
    "request_uri_not_supported",
    "registration_not_supported",
    "invalid_redirect_uri",
    "invalid_client_metadata",
];

fn is_oauth(answer: &Answer) -> Verdict {
    let said = body(answer);
    let known = match said["error"].as_str().unwrap_or_default() {
        "invalid_client" | "invalid_token" => 401,
        "insufficient_scope" => 403,
        // RFC 9449 §7.1: at a resource it is the token that is refused.
        "invalid_dpop_proof" if answer.header("www-authenticate").is_some() => 401,
        error if BAD_REQUESTS.contains(&error) => 400,
        _ => return Err("an error that no specification knows".to_owned()),
    };
    let description = said["error_description"].as_str().unwrap_or_default();
    let legal = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\' || c == ' ';
    if known != answer.status || description.is_empty() || !description.chars().all(legal) {
        return Err("a refusal that is not as the specification has it".to_owned());
    }
    if answer.header("cache-control") != Some("no-store") {
        return Err("a refusal that may be kept".to_owned());
    }
    match answer.status == 401 && answer.header("www-authenticate").is_none() {
        true => Err("401 without a challenge (RFC 9110)".to_owned()),
        false => Ok(()),
    }
}

/// How secrets begin that this server gives to applications.
const PREFIXES: &[&str] = &["tha_", "thr_", "thc_", "thd_", "thp_", "thk_", "thm_"];

/// Whether an answer gives nothing away that an application could use.
fn gives_nothing(answer: &Answer) -> Verdict {
    let text = format!("{} {}", answer.header("location").unwrap_or_default(), answer.text());
    let named = ["\"access_token\":", "\"refresh_token\":", "\"id_token\":"];
    let given = named.iter().any(|name| text.contains(name))
        || PREFIXES.iter().any(|prefix| holds_secret(&text, prefix));
    match given {
        true => Err("something was given".to_owned()),
        false => Ok(()),
    }
}

/// Whether there is something with that prefix and as long as what this server gives. Pages may repeat in an
/// address what was sent.
fn holds_secret(text: &str, prefix: &str) -> bool {
    let is_of_it = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let mut parts = text.split(prefix).skip(1);
    parts.any(|rest| rest.chars().take_while(|c| is_of_it(*c)).count() >= 40)
}
