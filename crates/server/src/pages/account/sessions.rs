//! `/account/sessions`: where a person is signed in, and an end of what she does not know (OWASP ASVS 7.5.2).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::device::Device;
use tokenhouse_rules::id::SessionId;
use tokenhouse_store::{Ended, Session, Target};

use crate::app::App;
use crate::error::Problem;
use crate::pages::form::Form;
use crate::pages::person::{self, Person};
use crate::pages::places::parameter;
use crate::pages::posted::Posted;
use crate::pages::render;
use crate::pages::visitor::{Here, Visitor};
use crate::sessions::SessionShown;

/// How many are on a page.
const PAGE: u32 = 20;

#[derive(Serialize)]
struct DeviceShown {
    #[serde(flatten)]
    session: SessionShown,
    program: Option<&'static str>,
    system: Option<&'static str>,
}

impl DeviceShown {
    fn new(session: &Session, current: SessionId) -> Self {
        let Device { program, system } = Device::of(session.user_agent.as_deref().unwrap_or(""));
        let mut session = SessionShown::new(session, current);
        // What the template asks for has to be there, if only as nothing.
        session.address.get_or_insert_default();
        session.user_agent.get_or_insert_default();
        Self { session, program, system }
    }
}

/// The list, oldest first.
pub(in crate::pages) async fn show(State(app): State<App>, Here(mut visitor, _): Here) -> Response {
    let person = match Person::of(&app, &mut visitor).await {
        Ok(person) => person,
        Err(elsewhere) => return *elsewhere,
    };
    let form = Form::fresh(&app, &visitor, person.token(&app));
    list(&app, (&visitor, &person), StatusCode::OK, form).await
}

/// Ends one, or all others.
pub(in crate::pages) async fn send(State(app): State<App>, mut posted: Posted) -> Response {
    let person = match Person::of(&app, &mut posted.visitor).await {
        Ok(person) => person,
        Err(elsewhere) => return *elsewhere,
    };
    let Posted { visitor, fields } = &posted;
    let form = || Form::fresh(&app, visitor, person.token(&app));
    if let Err(lost) = posted.of_session(&app, &person) {
        let form = form().lost(&app, visitor, lost);
        return list(&app, (visitor, &person), StatusCode::FORBIDDEN, form).await;
    }
    let (said, target) = match fields.text("end") {
        "others" => ("others-ended", Some(Target::Others)),
        id => ("device-ended", id.parse().ok().map(Target::One)),
    };
    match end(&app, visitor, &person, target).await {
        Ok(()) => render::see_other(&format!("/account/sessions?said={said}")),
        Err(problem) if person::is_gone(&problem) => person::to_sign_in(visitor),
        Err(problem) => problem.into_response(),
    }
}

async fn list(
    app: &App,
    (visitor, person): (&Visitor, &Person),
    status: StatusCode,
    form: Form,
) -> Response {
    let here = visitor.here.as_ref().map_or("", |here| here.as_str());
    let query = here.split_once('?').map_or("", |(_, query)| query);
    let after = parameter(query, "after").and_then(|id| id.parse().ok());
    let found = match app.store.sessions(&person.key, after, PAGE + 1).await {
        Ok(Some(found)) => found,
        Ok(None) => return person::to_sign_in(visitor),
        Err(error) => return Problem::from(error).into_response(),
    };
    let more = found.len() > PAGE as usize;
    let shown: Vec<_> = found.iter().take(PAGE as usize).collect();
    let next = shown.last().filter(|_| more).map(|last| last.id.to_string());
    let alone = after.is_none() && found.len() == 1;
    let devices: Vec<_> = shown.iter().map(|one| DeviceShown::new(one, person.key.id)).collect();
    let parts = context! {
        form => Value::from(Serde(form)),
        sessions => Value::from(Serde(devices)),
        next => next,
        alone => alone,
    };
    render::page(app, visitor, status, "account-sessions.html", parts)
}

/// What has ended meanwhile, or never was, is as good as ended.
async fn end(
    app: &App,
    visitor: &Visitor,
    person: &Person,
    target: Option<Target>,
) -> Result<(), Problem> {
    let Some(target) = target else { return Ok(()) };
    let trail = visitor.client.trail(Event::SessionRevoked, app.ordering_time());
    match app.store.end_sessions(&person.key, target, trail).await? {
        Ended::Done | Ended::NoSuch => Ok(()),
        Ended::NoSession => Err(Problem::invalid_token()),
    }
}
