//! `POST /confirm`: an address is shown to be its reader's, by the link that was sent to it. Only now is it a name
//! to sign in with, and only now is it said whether it is somebody else's: to who reads its mail.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::user::{self, Email};
use tokenhouse_store::{ConfirmEmail, Confirmed, User};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::error::{Document, Problem};
use crate::extract::body;
use crate::extract::client::Client;
use crate::log::Level;
use crate::signed_in::UserShown;
use crate::{entropy, links, notices};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirmation {
    /// From the link in the mail.
    #[schema(value_type = String)]
    token: SecretString,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ConfirmedShown {
    /// Whose address it is.
    user: UserShown,
}

/// Confirm an e-mail address by a link.
#[utoipa::path(post, path = "/confirm", tag = "account", request_body = Confirmation,
    responses((status = 200, description = "Confirmed", body = ConfirmedShown),
              (status = 404, description = "`link_unknown`", body = Document),
              (status = 409, description = "`email_taken`: it is confirmed in another account",
               body = Document),
              (status = 410, description = "`link_used` or `link_expired`", body = Document)))]
pub(crate) async fn confirm(
    State(app): State<App>,
    client: Client,
    body::Json(given): body::Json<Confirmation>,
) -> Result<Json<ConfirmedShown>, Problem> {
    let user = claim(&app, &client, given.token.expose_secret()).await?;
    Ok(Json(ConfirmedShown { user: (&user).into() }))
}

/// Makes the address hers: for the API and for the page.
pub(crate) async fn claim(app: &App, client: &Client, token: &str) -> Result<User, Problem> {
    let found = links::find(app, Purpose::Confirm, token).await?;
    let (Some(user), Some(email)) = (found.facts.user, found.facts.email) else {
        return Err(links::unknown());
    };
    let mut names: Vec<String> = user::login_key(&user.username).into_iter().collect();
    names.extend(Email::parse(&email).ok().map(|email| email.key().to_owned()));
    names.dedup();
    let confirm = ConfirmEmail {
        link: found.id,
        operation: Uuid::from_bytes(entropy::bytes()),
        names,
        mails: notices::address_changed(app, client, &user.username, &email),
        trail: client.trail(Event::EmailConfirmed, found.facts.now),
    };
    match app.store.confirm_email(confirm).await? {
        Confirmed::Done(user) => {
            let attributes = json!({ "user.id": user.id.to_string(),
                "client.address": client.address_text(), "tokenhouse.request.id": client.request_id });
            app.log.event(Level::Info, "tokenhouse.email.confirmed", attributes);
            Ok(user)
        }
        Confirmed::Taken => {
            let title = "This e-mail address is taken";
            Err(Problem::new(StatusCode::CONFLICT, "email_taken", title))
        }
        Confirmed::Gone => Err(links::lost(app, Purpose::Confirm, token).await),
    }
}
