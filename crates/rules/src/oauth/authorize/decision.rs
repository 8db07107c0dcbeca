//! What has to happen before a good request is answered.
//!
//! It is asked again after each page, with what is known then, until it says that a code may be issued: so no page
//! has to remember what the one before decided. What was asked for *this* time (`prompt=login`) is told from what
//! was done long ago by the instant at which the request first came.

use std::time::Duration;

use super::super::client::{Consent, Settings};
use super::super::scope::Scopes;
use super::{Refusal, Request};
use crate::time::Timestamp;

/// How long a request may wait for its person. Later it is as if it came for the first time.
pub const PATIENCE: Duration = Duration::from_secs(3600);
/// How long a sign-in for this very request is fresh, however small `max_age` is: with `max_age=0` nobody could
/// ever sign in quickly enough.
const FRESH: Duration = Duration::from_secs(300);

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    /// When she signed in.
    pub auth_time: Timestamp,
    /// What she has agreed to before.
    pub consent: Option<Scopes>,
    /// Whether she is who the application expects by its `id_token_hint`, if it expects anybody.
    pub expected: bool,
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// She has to sign in.
    SignIn {
        /// Although she is signed in.
        again: bool,
    },
    /// She has to agree.
    Consent {
        /// To what she has not agreed to before, or to all of it where she has to see it again.
        missing: Scopes,
    },
    /// A code may be issued.
    Issue,
    /// The application is refused.
    Refuse(Refusal),
}

impl Person {
    /// What she has agreed to once she agrees to this too.
    pub fn agreeing(&self, scope: &Scopes) -> Scopes {
        self.consent.as_ref().map_or_else(|| scope.clone(), |given| given.union(scope))
    }
}

/// When a request came for which its person may have been asked since: what it says of its time is judged by that,
/// as she takes the time she needs.
pub fn came_at(now: Timestamp, asked_at: Option<Timestamp>) -> Timestamp {
    asked_at.filter(|at| now.since(*at) <= PATIENCE).unwrap_or(now)
}

/// Decides. `asked_at` is when the request first came, if it comes back from a page.
pub fn decide(
    request: &Request,
    settings: &Settings,
    person: Option<&Person>,
    now: Timestamp,
    asked_at: Option<Timestamp>,
) -> Step {
    let asked_at = asked_at.filter(|at| now.since(*at) <= PATIENCE);
    let silent = request.prompt.none;
    match person {
        Some(person) => match sign_in(request, person, now, asked_at) {
            Some(_) if silent => Step::Refuse(Refusal::LOGIN_REQUIRED),
            Some(step) => step,
            None => match consent(request, settings, person) {
                Some(_) if silent => Step::Refuse(Refusal::CONSENT_REQUIRED),
                Some(missing) => Step::Consent { missing },
                None => Step::Issue,
            },
        },
        None if silent => Step::Refuse(Refusal::LOGIN_REQUIRED),
        None => Step::SignIn { again: false },
    }
}

/// Whether she has to sign in although she is signed in.
fn sign_in(
    request: &Request,
    person: &Person,
    now: Timestamp,
    asked_at: Option<Timestamp>,
) -> Option<Step> {
    let for_this = asked_at.is_some_and(|at| person.auth_time > at);
    if !person.expected {
        // She was asked, and is still somebody else (§3.1.2.1, `id_token_hint`).
        let refused = Step::Refuse(Refusal::LOGIN_REQUIRED);
        return Some(if for_this { refused } else { Step::SignIn { again: true } });
    }
    let prompt = request.prompt;
    let asked = prompt.login || prompt.select_account || prompt.create;
    let grace = if for_this { FRESH } else { Duration::ZERO };
    let too_long = |most: Duration| now.since(person.auth_time) > most.max(grace);
    // `max_age=0` asks for what `prompt=login` asks for (§3.1.2.1).
    let at_once = request.max_age == Some(Duration::ZERO);
    let again = ((asked || at_once) && !for_this) || request.max_age.is_some_and(too_long);
    again.then_some(Step::SignIn { again: true })
}

/// To what she has to agree.
fn consent(request: &Request, settings: &Settings, person: &Person) -> Option<Scopes> {
    let skipped = settings.consent == Consent::Skip;
    if request.prompt.consent || (!skipped && !is_assured(request, settings)) {
        return Some(request.agreement());
    }
    if skipped {
        return None;
    }
    let nothing = Scopes::default();
    let missing = request.agreement().difference(person.consent.as_ref().unwrap_or(&nothing));
    (!missing.is_empty()).then_some(missing)
}

/// Whether it is certain that the answer reaches the application that asks. On a person's machine any program can
/// take its port or its scheme and pass for it, so she has to be asked each time (OWASP ASVS 10.7.1, RFC 8252
/// §8.6).
fn is_assured(request: &Request, settings: &Settings) -> bool {
    settings.is_confidential() || request.to.redirect_uri().starts_with("https://")
}
