//! `/oauth2/logout`: an application asks to sign somebody out (OpenID Connect RP-Initiated Logout 1.0).
//!
//! She is asked, always: nothing that another site can send ends a session. The form goes to `/logout`, which
//! comes back here when it is done; nobody is signed in then, and the application gets her back.

use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;
use tokenhouse_rules::csrf;
use tokenhouse_rules::local_path::LocalPath;
use tokenhouse_rules::oauth::client::Settings;
use tokenhouse_rules::oauth::form::Parameters;
use tokenhouse_rules::oauth::redirect;
use tokenhouse_rules::time::Timestamp;
use tokenhouse_store::{Error, SessionKey, SignedIn};

use super::form::{self, Form};
use super::logout::{gone, left};
use super::oauth_failure::{self, Failure};
use super::person::holder;
use super::places::{self, END_SESSION};
use super::visitor::{Here, Visitor};
use super::{policy, posted};
use crate::app::App;
use crate::error::Problem;
use crate::oauth::authorize::{name_of, settings_of};
use crate::oauth::hint::Hint;

/// What an application wishes, as far as it can be believed.
struct Wish {
    /// The database's time.
    now: Timestamp,
    signed_in: Option<SignedIn>,
    /// What people call the application, if it is known which one it is.
    application: Option<String>,
    onward: Onward,
}

/// Where she goes when she is signed out.
enum Onward {
    /// She stays here.
    Nowhere,
    To(String),
    /// To an address that the application has not registered.
    Unknown,
}

#[derive(Serialize)]
struct LeavingShown<'a> {
    username: &'a str,
    application: Option<&'a str>,
}

/// Asks; who is signed out goes on.
pub(super) async fn show(State(app): State<App>, Here(mut visitor, _): Here, uri: Uri) -> Response {
    let query = uri.query().unwrap_or_default();
    let parameters = match Parameters::parse(query.as_bytes()) {
        Ok(parameters) => parameters,
        Err(bad) => return oauth_failure::page(&app, &visitor, bad.into()),
    };
    let session = visitor.session();
    let wish = match read(&app, &parameters, session.as_ref()).await {
        Ok(wish) => wish,
        Err(error) => return Problem::from(error).into_response(),
    };
    match (&wish.onward, session, &wish.signed_in) {
        (Onward::Unknown, _, _) => {
            oauth_failure::page(&app, &visitor, Failure::unregistered("post_logout_redirect_uri"))
        }
        (_, Some(key), Some(signed_in)) => {
            visitor.speak(&app, signed_in.owner.language.as_deref());
            let path = format!("{END_SESSION}?{}", places::rewritten(query, &[]));
            visitor.return_to = LocalPath::parse(&path, &[END_SESSION]);
            ask(&app, &visitor, &key, (&wish, signed_in))
        }
        (Onward::To(address), _, _) => left(&app, &visitor, address),
        (Onward::Nowhere, _, _) => gone(&app, &visitor, "signed-out"),
    }
}

/// The same by a form of the application's page.
pub(super) async fn send(request: Request) -> Result<Response, Problem> {
    posted::as_address(request, END_SESSION).await
}

fn ask(
    app: &App,
    visitor: &Visitor,
    key: &SessionKey,
    (wish, signed_in): (&Wish, &SignedIn),
) -> Response {
    let username = &signed_in.owner.user.username;
    let leaving = LeavingShown { username, application: wish.application.as_deref() };
    let form = Form::fresh(app, visitor, csrf::issue(&holder(key, wish.now), &app.root));
    let parts = context! { leaving => Value::from(Serde(leaving)) };
    let mut response = form::page(app, visitor, (StatusCode::OK, "end-session.html"), form, parts);
    if let Onward::To(address) = &wish.onward {
        policy::allow(&mut response, address);
    }
    response
}

/// Understands the wish, with one question to the database.
async fn read(
    app: &App,
    parameters: &Parameters,
    session: Option<&SessionKey>,
) -> Result<Wish, Error> {
    let client = client_of(app, parameters).await?.unwrap_or_default();
    let facts = app.store.authorize_facts(&client, session).await?;
    let client = facts.client.filter(|client| client.disabled_at.is_none());
    let settings = client.as_ref().map(settings_of).transpose()?;
    Ok(Wish {
        now: facts.now,
        signed_in: facts.signed_in,
        application: client.as_ref().map(name_of),
        onward: settings.map_or(Onward::Nowhere, |settings| onward(parameters, &settings)),
    })
}

/// Which client it is that asks: the one that the hint was given to, or else the one that it says it is. When the
/// hint is not ours, or was given to another one, nothing is believed.
async fn client_of(app: &App, parameters: &Parameters) -> Result<Option<String>, Error> {
    let named = parameters.text("client_id");
    let Some(hint) = parameters.text("id_token_hint") else {
        return Ok(named.map(str::to_owned));
    };
    let hint = Hint::read(app, hint).await?;
    let client = hint.map(|hint| hint.client);
    Ok(client.filter(|client| named.is_none_or(|named| named == client)))
}

fn onward(parameters: &Parameters, settings: &Settings) -> Onward {
    let Some(address) = parameters.text("post_logout_redirect_uri") else {
        return Onward::Nowhere;
    };
    let known = &settings.post_logout_redirect_uris;
    if !redirect::is_registered(address, known, settings.kind) {
        return Onward::Unknown;
    }
    match parameters.text("state") {
        Some(state) => Onward::To(redirect::with_query(address, &[("state", state)])),
        None => Onward::To(address.to_owned()),
    }
}
