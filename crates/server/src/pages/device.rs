//! `/device`: a person types what a device shows, sees which application asks there and for what, and decides
//! (RFC 8628 §3.3).
//!
//! Whoever starts a sign-in elsewhere and sends her the address hopes that she does not look (§5.4). So opening an
//! address decides nothing, whatever is in it: she is asked to compare the code, told from where it was asked for,
//! and asked each time, also by an application of the house.

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::CodeId;
use tokenhouse_rules::limit::{Verdict, account_key, address_key};
use tokenhouse_rules::local_path::LocalPath;
use tokenhouse_rules::oauth::authorize::{Authorized, Person as Agreeing};
use tokenhouse_rules::oauth::device::Asked;
use tokenhouse_rules::oauth::scope::Scopes;
use tokenhouse_rules::oauth::user_code::UserCode;
use tokenhouse_store::{Allowed, DecideDevice, Device, Error, FindDevice, SignedIn};

use super::form::{self, Form};
use super::person::Person;
use super::places::{self, DEVICE};
use super::posted::Posted;
use super::render;
use super::scopes::{self, ScopeShown};
use super::visitor::{Here, Visitor};
use crate::app::App;
use crate::error::Problem;
use crate::log::Level;
use crate::oauth::authorize::name_of;

#[derive(Serialize)]
struct Entering<'a> {
    username: &'a str,
    code: String,
    /// Where somebody else signs in.
    other: String,
}

#[derive(Serialize)]
struct DeviceShown<'a> {
    application: &'a str,
    username: &'a str,
    code: String,
    id: String,
    scopes: Vec<ScopeShown>,
    address: Option<&'a str>,
    agent: Option<&'a str>,
    since: String,
    other: String,
}

/// One answer for a code that is nobody's, decided, or past its time.
const UNKNOWN: Problem = Problem::new(
    StatusCode::BAD_REQUEST,
    "user_code_unknown",
    "This code is not known, or not any more",
);

/// A device, and what is known of application and person.
struct Asking {
    application: String,
    asked: Asked,
    signed_in: SignedIn,
}

/// Where the code is typed; it may be in the address already.
pub(super) async fn show(State(app): State<App>, Here(mut visitor, _): Here, uri: Uri) -> Response {
    let person = match Person::of(&app, &mut visitor).await {
        Ok(person) => person,
        Err(elsewhere) => return *elsewhere,
    };
    let typed = places::parameter(uri.query().unwrap_or_default(), "user_code");
    let form = Form::fresh(&app, &visitor, person.token(&app));
    let parts = entering(&person, &typed.unwrap_or_default());
    form::page(&app, &visitor, (StatusCode::OK, "device.html"), form, parts)
}

/// Takes the code, and then the answer.
pub(super) async fn send(State(app): State<App>, mut posted: Posted) -> Response {
    let person = match Person::of(&app, &mut posted.visitor).await {
        Ok(person) => person,
        Err(elsewhere) => return *elsewhere,
    };
    let parts = entering(&person, posted.fields.text("user_code"));
    let form = Form::fresh(&app, &posted.visitor, person.token(&app));
    if let Err(lost) = posted.of_session(&app, &person) {
        let (visitor, status) = (&posted.visitor, StatusCode::FORBIDDEN);
        let form = form.lost(&app, visitor, lost);
        return form::page(&app, visitor, (status, "device.html"), form, parts);
    }
    let answer = posted.fields.text("answer").to_owned();
    let done = match answer.as_str() {
        "" => look(&app, &mut posted, &person).await,
        answer => decide(&app, &posted, &person, answer == "allow").await,
    };
    match done {
        Ok(response) => response,
        Err(problem) if problem.status.is_server_error() => problem.into_response(),
        Err(problem) => {
            form::refused(&app, &posted.visitor, "device.html", (form, &problem), parts)
        }
    }
}

/// The page where a code is typed. One that can be a code is shown as the device shows it.
fn entering(person: &Person, typed: &str) -> Value {
    let code = UserCode::parse(typed).map_or_else(|| typed.to_owned(), |code| code.to_string());
    let entering =
        Entering { username: &person.profile.user.username, code, other: other_account(typed) };
    context! { device => Value::from(Serde(entering)) }
}

/// Where somebody else signs in, and comes back with the code.
fn other_account(typed: &str) -> String {
    let onward = render::encoded(&here(UserCode::parse(typed).as_ref()));
    format!("/login?said=other-account&return_to={onward}")
}

/// This page, with a code if there is one.
fn here(code: Option<&UserCode>) -> String {
    code.map_or_else(|| DEVICE.to_owned(), |code| format!("{DEVICE}?user_code={code}"))
}

/// Looks for the device that shows the code; the attempt is counted first, by keys beside those of attempts to
/// sign in, so that neither uses up the other.
async fn look(app: &App, posted: &mut Posted, person: &Person) -> Result<Response, Problem> {
    let code = UserCode::parse(posted.fields.text("user_code")).ok_or(UNKNOWN)?;
    let Posted { visitor, .. } = posted;
    let address = visitor.client.address.zip(app.settings.limit_address);
    let account = account_key(person.profile.user.id);
    let question = FindDevice {
        user_code: code.as_str().to_owned(),
        address: address.map(|(from, limit)| (format!("d:{}", address_key(from)), limit.cost())),
        account: app.settings.limit_account.map(|limit| (format!("d:{account}"), limit.cost())),
    };
    let found = app.store.find_device(question).await?;
    if let Verdict::Refused { by, wait } = found.verdict {
        note(app, (&*visitor, person), Level::Warn, "tokenhouse.device.limited");
        return Err(Problem::limited(&app.settings, by, wait));
    }
    let Some(device) = found.device else {
        note(app, (&*visitor, person), Level::Info, "tokenhouse.device.unknown");
        return Err(UNKNOWN);
    };
    let asking = asking(app, person, &device).await?;
    // Who chooses another language at the foot of the page comes back with the code.
    visitor.here = LocalPath::parse(&here(Some(&code)), &[DEVICE]);
    Ok(ask(app, visitor, (person, &asking), (&device, &code)))
}

/// What the device stands for.
///
/// # Errors
/// [`UNKNOWN`] when application or session are not what they were, and trouble.
async fn asking(app: &App, person: &Person, device: &Device) -> Result<Asking, Problem> {
    let facts = app.store.authorize_facts(&device.client, Some(&person.key)).await?;
    let client = facts.client.filter(|client| client.disabled_at.is_none()).ok_or(UNKNOWN)?;
    let signed_in = facts.signed_in.ok_or(UNKNOWN)?;
    let asked = serde_json::from_str(&device.asked)
        .map_err(|error| Error::Corrupt(format!("what a device asks for: {error}")))?;
    Ok(Asking { application: name_of(&client), asked, signed_in })
}

/// The question.
fn ask(
    app: &App,
    visitor: &Visitor,
    (person, asking): (&Person, &Asking),
    (device, code): (&Device, &UserCode),
) -> Response {
    let shown = DeviceShown {
        application: &asking.application,
        username: &person.profile.user.username,
        code: code.to_string(),
        id: device.id.to_string(),
        scopes: scopes::shown(app, visitor, &asking.asked.scope),
        address: device.address.as_deref(),
        agent: device.user_agent.as_deref(),
        since: device.created_at.rfc3339(),
        other: other_account(code.as_str()),
    };
    let form = Form::fresh(app, visitor, person.token(app));
    let parts = context! { device => Value::from(Serde(shown)) };
    form::page(app, visitor, (StatusCode::OK, "device-consent.html"), form, parts)
}

/// Commits her answer. What is not a yes is a no.
async fn decide(
    app: &App,
    posted: &Posted,
    person: &Person,
    allow: bool,
) -> Result<Response, Problem> {
    let id: CodeId = posted.fields.text("device").parse().map_err(|_| UNKNOWN)?;
    let device = app.store.device(id).await?.ok_or(UNKNOWN)?;
    let asking = asking(app, person, &device).await?;
    let event = if allow { Event::DeviceAllowed } else { Event::DeviceDenied };
    let decision = DecideDevice {
        id,
        session: person.key,
        allowed: allow.then(|| allowed(&asking)),
        trail: posted.visitor.client.trail(event, person.profile.now),
    };
    if !app.store.decide_device(decision).await? {
        return Err(UNKNOWN);
    }
    Ok(render::see_other(match allow {
        true => "/device?said=device-allowed",
        false => "/device?said=device-denied",
    }))
}

fn allowed(Asking { asked, signed_in, .. }: &Asking) -> Allowed {
    let consent = signed_in.consent.as_deref().and_then(|text| Scopes::parse(text).ok());
    let agreeing = Agreeing { auth_time: signed_in.since, consent, expected: true };
    let authorized = Authorized::of_device(asked, signed_in.since);
    Allowed {
        authorized: serde_json::to_string(&authorized).expect("it has texts and numbers only"),
        consent: agreeing.agreeing(&asked.scope).to_string(),
    }
}

fn note(app: &App, (visitor, person): (&Visitor, &Person), level: Level, name: &str) {
    let attributes = json!({
        "user.id": person.profile.user.id.to_string(),
        "client.address": visitor.client.address_text(),
        "tokenhouse.request.id": visitor.client.request_id,
    });
    app.log.event(level, name, attributes);
}
