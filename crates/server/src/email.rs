//! `/account/email`: another address, which is hers when she has followed the link that is sent to it, and not
//! before. Whether it is somebody's is not told here.

use axum::extract::State;
use axum::http::StatusCode;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::user::Email;
use tokenhouse_store::{AskAgain, AskEmail, Asking, Credential, Ended, SessionKey};
use utoipa::ToSchema;

use crate::app::App;
use crate::error::{Document, Problem};
use crate::extract::body::Json;
use crate::extract::client::Client;
use crate::extract::session::Bearer;
use crate::log::Level;
use crate::told::Told;
use crate::{notices, password};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// The new address.
    pub email: String,
    /// The password of the account.
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
}

/// Ask for another e-mail address; a link to confirm it is sent there.
#[utoipa::path(put, path = "/account/email", tag = "account", security(("session" = [])),
    request_body = Wanted,
    responses((status = 202, description = "A link was sent"),
              (status = 401, description = "`invalid_token`", body = Document),
              (status = 403, description = "`wrong_password`", body = Document),
              (status = 422, description = "The address is refused", body = Document),
              (status = 429, description = "Too many attempts; see `Retry-After`", body = Document),
              (status = 501, description = "`mail_not_configured`", body = Document)))]
pub(crate) async fn change(
    State(app): State<App>,
    client: Client,
    Bearer(session): Bearer,
    Json(wanted): Json<Wanted>,
) -> Result<StatusCode, Problem> {
    ask(&app, &client, &session, &wanted).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Withdraw an address that is not confirmed yet.
#[utoipa::path(delete, path = "/account/email", tag = "account", security(("session" = [])),
    responses((status = 204, description = "Withdrawn, or there was none"),
              (status = 401, description = "`invalid_token`", body = Document)))]
pub(crate) async fn delete(
    State(app): State<App>,
    client: Client,
    Bearer(session): Bearer,
) -> Result<StatusCode, Problem> {
    withdraw(&app, &client, &session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Have the link to confirm an address sent once more.
#[utoipa::path(post, path = "/account/email/confirmation", tag = "account",
    security(("session" = [])),
    responses((status = 202, description = "A link was sent; those before it end"),
              (status = 401, description = "`invalid_token`", body = Document),
              (status = 409, description = "`nothing_to_confirm`", body = Document),
              (status = 501, description = "`mail_not_configured`", body = Document)))]
pub(crate) async fn confirmation(
    State(app): State<App>,
    client: Client,
    Bearer(session): Bearer,
) -> Result<StatusCode, Problem> {
    let profile = app.store.profile(&session).await?.ok_or_else(Problem::invalid_token)?;
    let who = (Asking::Session(session), profile.user.username.as_str());
    again(&app, &client, who).await?;
    Ok(StatusCode::ACCEPTED)
}

struct Hers;

impl std::fmt::Display for Hers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("is the address of this account already")
    }
}

impl From<Hers> for Told {
    fn from(_: Hers) -> Self {
        Self::plain("email-yours")
    }
}

/// Notes the address that she wants, if the password is hers, and has a link sent to it: for the API and for the
/// page.
pub(crate) async fn ask(
    app: &App,
    client: &Client,
    session: &SessionKey,
    wanted: &Wanted,
) -> Result<(), Problem> {
    // What cannot be done is said before anybody's password is asked for.
    if !app.settings.mailing.is_on() {
        return Err(Problem::no_mail());
    }
    let email =
        Email::parse(&wanted.email).map_err(|wrong| Problem::invalid().refuse("/email", wrong))?;
    let facts = password::confirmed(app, client, session, &wanted.password).await?;
    let Credential { user, epoch, email_confirmed, .. } = &facts.credential;
    if *email_confirmed && user.email.as_deref() == Some(email.shown()) {
        return Err(Problem::invalid().refuse("/email", Hers));
    }
    let (link, mail) = notices::confirmation(app, client, &user.username)?;
    let asked = AskEmail {
        user: user.id,
        epoch: *epoch,
        email: email.shown().to_owned(),
        link,
        mail,
        refunds: password::refunds(app, &facts),
        trail: client.trail(Event::EmailAsked, facts.now),
    };
    if !app.store.ask_email(asked).await? {
        return Err(Problem::conflict());
    }
    let attributes = json!({ "user.id": user.id.to_string(),
        "client.address": client.address_text(), "tokenhouse.request.id": client.request_id });
    app.log.event(Level::Info, "tokenhouse.email.asked", attributes);
    Ok(())
}

/// Forgets the address that she asked for; there may be none.
pub(crate) async fn withdraw(
    app: &App,
    client: &Client,
    session: &SessionKey,
) -> Result<(), Problem> {
    let trail = client.trail(Event::EmailWithdrawn, app.ordering_time());
    match app.store.withdraw_email(session, trail).await? {
        Ended::Done | Ended::NoSuch => Ok(()),
        Ended::NoSession => Err(Problem::invalid_token()),
    }
}

/// Has the link sent once more: for the API, for the page, and for who cannot sign in before.
pub(crate) async fn again(
    app: &App,
    client: &Client,
    (who, username): (Asking, &str),
) -> Result<(), Problem> {
    let (link, mail) = notices::confirmation(app, client, username)?;
    let gone = match who {
        Asking::Session(_) => Problem::invalid_token(),
        Asking::Judged { .. } => Problem::conflict(),
    };
    match app.store.ask_again(AskAgain { who, link, mail }).await? {
        Some(true) => Ok(()),
        Some(false) => {
            let title = "There is no e-mail address to confirm";
            Err(Problem::new(StatusCode::CONFLICT, "nothing_to_confirm", title))
        }
        None => Err(gone),
    }
}
