//! `POST /reset`: a new password in the place of a forgotten one, by a link. It ends every session and opens none:
//! who has the mail has not yet shown that she has the password (OWASP ASVS 6.4.3).

use axum::extract::State;
use axum::http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::password;
use tokenhouse_store::{ResetPassword, User};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::App;
use crate::error::{Document, Problem};
use crate::extract::body::Json;
use crate::extract::client::Client;
use crate::log::Level;
use crate::{entropy, links, notices};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reset {
    /// From the link in the mail.
    #[schema(value_type = String)]
    pub token: SecretString,
    /// The new password: 8 to 256 characters of any kind.
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
}

/// Set a new password by a link; every session ends.
#[utoipa::path(post, path = "/reset", tag = "account", request_body = Reset,
    responses((status = 204, description = "Set; sign in with it"),
              (status = 404, description = "`link_unknown`", body = Document),
              (status = 410, description = "`link_used` or `link_expired`", body = Document),
              (status = 422, description = "The password is refused", body = Document)))]
pub(crate) async fn reset(
    State(app): State<App>,
    client: Client,
    Json(wanted): Json<Reset>,
) -> Result<StatusCode, Problem> {
    set(&app, &client, &wanted).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sets the password of whom the link was made for: for the API and for the page.
pub(crate) async fn set(app: &App, client: &Client, wanted: &Reset) -> Result<User, Problem> {
    let token = wanted.token.expose_secret();
    let found = links::find(app, Purpose::Recover, token).await?;
    let user = found.facts.user.ok_or_else(links::unknown)?;
    let names: Vec<&str> =
        std::iter::once(user.username.as_str()).chain(user.email.as_deref()).collect();
    let new = wanted.password.expose_secret();
    password::accept(new, &names, app.settings.password_min)
        .map_err(|refusal| Problem::invalid().refuse("/password", refusal))?;
    let reset = ResetPassword {
        link: found.id,
        operation: Uuid::from_bytes(entropy::bytes()),
        hash: app.hashing.hash(new).await?,
        mail: notices::password_changed(app, client, &user.username, found.facts.now),
        trail: client.trail(Event::PasswordReset, found.facts.now),
    };
    let Some(user) = app.store.reset_password(reset).await? else {
        return Err(links::lost(app, Purpose::Recover, token).await);
    };
    let attributes = json!({ "user.id": user.id.to_string(),
        "client.address": client.address_text(), "tokenhouse.request.id": client.request_id });
    app.log.event(Level::Info, "tokenhouse.password.reset", attributes);
    Ok(user)
}
