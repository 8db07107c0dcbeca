//! `/account/applications`: where a person signs in with this account, and an end of it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::oauth::scope::Scopes;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{Application, Ended};

use crate::app::App;
use crate::error::Problem;
use crate::oauth::authorize::name_of;
use crate::pages::form::Form;
use crate::pages::person::{self, Person};
use crate::pages::posted::Posted;
use crate::pages::render;
use crate::pages::scopes::{self, ScopeShown};
use crate::pages::visitor::{Here, Visitor};

#[derive(Serialize)]
struct ApplicationShown<'a> {
    id: &'a str,
    name: String,
    scopes: Vec<ScopeShown>,
    since: String,
    last_used_at: Option<String>,
}

impl<'a> ApplicationShown<'a> {
    fn new(app: &App, visitor: &Visitor, found: &'a Application) -> Self {
        // What cannot be read is shown as nothing: it must be possible to disconnect it all the same.
        let agreed = Scopes::parse(&found.scope).unwrap_or_default();
        Self {
            id: &found.client.id,
            name: name_of(&found.client),
            scopes: scopes::shown(app, visitor, &agreed),
            since: found.since.rfc3339(),
            last_used_at: found.last_used_at.map(Timestamp::rfc3339),
        }
    }
}

/// The list, by name of the client.
pub(in crate::pages) async fn show(State(app): State<App>, Here(mut visitor, _): Here) -> Response {
    let person = match Person::of(&app, &mut visitor).await {
        Ok(person) => person,
        Err(elsewhere) => return *elsewhere,
    };
    let form = Form::fresh(&app, &visitor, person.token(&app));
    list(&app, (&visitor, &person), StatusCode::OK, form).await
}

/// Disconnects one. What is not connected any more is as good.
pub(in crate::pages) async fn send(State(app): State<App>, mut posted: Posted) -> Response {
    let person = match Person::of(&app, &mut posted.visitor).await {
        Ok(person) => person,
        Err(elsewhere) => return *elsewhere,
    };
    let Posted { visitor, fields } = &posted;
    if let Err(lost) = posted.of_session(&app, &person) {
        let form = Form::fresh(&app, visitor, person.token(&app)).lost(&app, visitor, lost);
        return list(&app, (visitor, &person), StatusCode::FORBIDDEN, form).await;
    }
    let trail = visitor.client.trail(Event::GrantRevoked, app.ordering_time());
    match app.store.disconnect(&person.key, fields.text("disconnect"), trail).await {
        Ok(Ended::Done | Ended::NoSuch) => {
            render::see_other("/account/applications?said=application-disconnected")
        }
        Ok(Ended::NoSession) => person::to_sign_in(visitor),
        Err(error) => Problem::from(error).into_response(),
    }
}

async fn list(
    app: &App,
    (visitor, person): (&Visitor, &Person),
    status: StatusCode,
    form: Form,
) -> Response {
    let found = match app.store.applications(&person.key).await {
        Ok(Some(found)) => found,
        Ok(None) => return person::to_sign_in(visitor),
        Err(error) => return Problem::from(error).into_response(),
    };
    let shown: Vec<_> = found.iter().map(|one| ApplicationShown::new(app, visitor, one)).collect();
    let parts = context! {
        form => Value::from(Serde(form)),
        applications => Value::from(Serde(shown)),
    };
    render::page(app, visitor, status, "account-applications.html", parts)
}
