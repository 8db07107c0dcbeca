//! `POST /recover`: somebody forgot a password. One statement, one answer, whoever asks for whomever (OWASP ASVS
//! 6.3.8): whether a mail is on its way only its reader learns.
//!
//! Writing a mail takes a tenth of a millisecond longer than writing none. So that not even a patient listener hears
//! it, an answer is given after [`PATIENCE`], which is longer than the statement takes either way.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use tokenhouse_rules::audit::Event;
use tokenhouse_rules::limit::{self, Verdict};
use tokenhouse_rules::user;
use tokenhouse_store::AskRecovery;
use utoipa::ToSchema;

use crate::app::App;
use crate::error::{Document, Problem};
use crate::extract::body::Json;
use crate::extract::client::Client;
use crate::log::Level;
use crate::notices;

/// How long an answer takes at least.
const PATIENCE: Duration = Duration::from_millis(30);

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forgotten {
    /// User name or e-mail address.
    login: String,
}

/// Ask for a link to set a new password.
#[utoipa::path(post, path = "/recover", tag = "account", request_body = Forgotten,
    responses((status = 202, description = "If there is an account of that name with a confirmed \
                   address, a mail is on its way to it"),
              (status = 429, description = "Too many askings of this client's address; see \
                   `Retry-After`", body = Document),
              (status = 501, description = "`mail_not_configured`", body = Document)))]
pub(crate) async fn recover(
    State(app): State<App>,
    client: Client,
    Json(forgotten): Json<Forgotten>,
) -> Result<StatusCode, Problem> {
    ask(&app, &client, &forgotten.login).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Has a link sent, if there is somebody to send it to: for the API and for the page.
pub(crate) async fn ask(app: &App, client: &Client, login: &str) -> Result<(), Problem> {
    let (link, mail) = notices::recovery(app, client)?;
    let limit = app.settings.limit_recovery;
    let address = client.address.zip(limit);
    let asked = AskRecovery {
        // A text that can be nobody's name is asked for all the same: same time, same answer.
        name: user::login_key(login).unwrap_or_else(|| "\u{1}".to_owned()),
        link,
        mail,
        // Beside the key that counts attempts to sign in: neither uses up the other.
        address: address
            .map(|(from, limit)| (format!("r:{}", limit::address_key(from)), limit.cost())),
        trail: client.trail(Event::RecoveryAsked, app.ordering_time()),
    };
    let (verdict, ()) = tokio::join!(app.store.ask_recovery(asked), tokio::time::sleep(PATIENCE));
    let verdict = verdict?;
    let (level, name) = match verdict {
        Verdict::Admitted => (Level::Info, "tokenhouse.recovery.asked"),
        Verdict::Refused { .. } => (Level::Warn, "tokenhouse.recovery.limited"),
    };
    let attributes = json!({ "client.address": client.address_text(),
        "tokenhouse.request.id": client.request_id });
    app.log.event(level, name, attributes);
    match verdict {
        Verdict::Admitted => Ok(()),
        Verdict::Refused { by, wait } => Err(Problem::beyond((by, limit), wait)),
    }
}
