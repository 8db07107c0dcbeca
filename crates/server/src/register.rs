//! `POST /register`: two round trips. Names that are taken are found before a hash is paid for.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::id::UserId;
use tokenhouse_rules::password;
use tokenhouse_rules::user::{Email, Username};
use tokenhouse_store::{NewUser, Registered, User};
use utoipa::ToSchema;

use crate::app::App;
use crate::entropy;
use crate::error::{Document, Problem};
use crate::extract::body;
use crate::extract::client::Client;
use crate::log::Level;
use crate::signed_in::{Prepared, SignedIn};
use crate::told::Told;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registration {
    /// 1 to 64 letters, digits and `. _ - +`; or an e-mail address.
    pub username: String,
    /// 8 to 256 characters of any kind.
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
    /// Works as a user name at login.
    pub email: Option<String>,
}

/// Make an account and sign in.
#[utoipa::path(post, path = "/register", tag = "sessions", request_body = Registration,
    responses((status = 201, description = "Registered and signed in", body = SignedIn),
              (status = 409, description = "`username_taken` or `email_taken`", body = Document),
              (status = 422, description = "A member is missing or refused", body = Document)))]
pub(crate) async fn register(
    State(app): State<App>,
    client: Client,
    body::Json(wanted): body::Json<Registration>,
) -> Result<(StatusCode, Json<SignedIn>), Problem> {
    Ok((StatusCode::CREATED, Json(make(&app, &client, &wanted).await?)))
}

/// Makes an account and opens its first session: for the API and for the page.
pub(crate) async fn make(
    app: &App,
    client: &Client,
    wanted: &Registration,
) -> Result<SignedIn, Problem> {
    let (username, email) = names(app, wanted)?;
    let mut keys = vec![username.key().to_owned()];
    keys.extend(email.as_ref().map(|email| email.key().to_owned()));
    keys.dedup();
    let place = app.hashing.reserve()?;
    let facts = app.store.registration_facts(keys.clone()).await?;
    if !facts.taken.is_empty() {
        return Err(taken(&facts.taken, &username));
    }
    let hash = place.hash(wanted.password.expose_secret()).await?;
    let id = UserId::new(facts.now, entropy::bytes());
    let prepared = Prepared::new(app, id, facts.now, client);
    let new = NewUser {
        id,
        username: username.shown().to_owned(),
        email: email.as_ref().map(|email| email.shown().to_owned()),
        names: keys,
        password: hash,
        created_at: facts.now,
        session: Some(prepared.session.clone()),
        trail: client.trail(Event::UserRegistered, facts.now),
    };
    let user = User {
        id,
        username: new.username.clone(),
        email: new.email.clone(),
        created_at: facts.now,
        locked_at: None,
        version: 1,
    };
    match app.store.register(new).await? {
        Registered::Taken(names) => Err(taken(&names, &username)),
        Registered::Done => {
            let attributes = json!({ "user.id": id.to_string(),
                "client.address": client.address_text(), "tokenhouse.request.id": client.request_id });
            app.log.event(Level::Info, "tokenhouse.user.registered", attributes);
            Ok(prepared.answer(&user))
        }
    }
}

/// Every member is judged before anything is said, so that a person corrects all at once.
fn names(app: &App, wanted: &Registration) -> Result<(Username, Option<Email>), Problem> {
    let mut problem = Problem::invalid();
    let username = Username::parse(&wanted.username);
    if let Err(wrong) = &username {
        problem = problem.refuse("/username", *wrong);
    }
    let mut email = wanted.email.as_deref().map(Email::parse).transpose();
    if let Err(wrong) = &email {
        problem = problem.refuse("/email", *wrong);
    }
    if let (Ok(username), Ok(None)) = (&username, &email) {
        email = Ok(username.as_email());
    }
    let known: Vec<&str> =
        std::iter::once(wanted.username.as_str()).chain(wanted.email.as_deref()).collect();
    let chosen = wanted.password.expose_secret();
    if let Err(refusal) = password::accept(chosen, &known, app.settings.password_min) {
        problem = problem.refuse("/password", refusal);
    }
    match (username, email) {
        (Ok(username), Ok(email)) if problem.errors.is_empty() => Ok((username, email)),
        _ => Err(problem),
    }
}

struct Taken;

impl std::fmt::Display for Taken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("is taken")
    }
}

impl From<Taken> for Told {
    fn from(_: Taken) -> Self {
        Self::plain("taken")
    }
}

/// Where both are taken the user name is named; the address is judged again with the next one.
fn taken(names: &[String], username: &Username) -> Problem {
    let (code, title, pointer) = if names.iter().any(|name| name == username.key()) {
        ("username_taken", "This user name is taken", "/username")
    } else {
        ("email_taken", "This e-mail address is taken", "/email")
    };
    Problem::new(StatusCode::CONFLICT, code, title).refuse(pointer, Taken)
}
