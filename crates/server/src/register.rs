//! `POST /register`: two round trips. Names that are taken are found before a hash is paid for.
//!
//! Who may, and what is asked of her address, is configured (`rules/registration.rs`). Where an address has to be
//! confirmed it is not hers before, and nobody learns here whether it was somebody's (OWASP ASVS 6.3.8).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use tokenhouse_rules::id::LinkId;
use tokenhouse_rules::link::Purpose;
use tokenhouse_rules::registration::Address;
use tokenhouse_store::{NewUser, Registered};
use utoipa::ToSchema;

use crate::app::App;
use crate::error::{Document, Problem};
use crate::extract::body;
use crate::extract::client::Client;
use crate::log::Level;
use crate::newcomer::{self, Newcomer, Terms, Typed};
use crate::signed_in::SignedIn;
use crate::{links, notices};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registration {
    /// 1 to 64 letters, digits and `. _ - +`; or an e-mail address.
    pub username: String,
    /// 8 to 256 characters of any kind.
    #[schema(value_type = String, format = Password)]
    pub password: SecretString,
    /// Works as a user name at login. Whether it is needed is configured.
    pub email: Option<String>,
    /// The token of an invitation, where one is needed.
    #[schema(value_type = Option<String>)]
    pub invitation: Option<SecretString>,
}

/// An account that waits for its address to be confirmed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Waiting {
    /// Always `confirmation_sent`: a mail with a link is on its way.
    status: &'static str,
}

/// An invitation that may be used, as far as is known.
pub(crate) struct Invitation {
    token: SecretString,
    id: LinkId,
    /// The address that is invited, if only one is.
    pub email: Option<String>,
}

/// How a registration ended.
pub(crate) enum Made {
    /// She is signed in.
    SignedIn(SignedIn),
    /// She has to confirm her address first.
    Waiting,
}

/// Make an account and sign in.
#[utoipa::path(post, path = "/register", tag = "sessions", request_body = Registration,
    responses((status = 201, description = "Registered and signed in", body = SignedIn),
              (status = 202, description = "Registered; the address has to be confirmed before the \
                   first login. The same whether or not the address is somebody's", body = Waiting),
              (status = 403, description = "`registration_closed` or `invitation_required`",
               body = Document),
              (status = 404, description = "The invitation is unknown: `link_unknown`",
               body = Document),
              (status = 409, description = "`username_taken` or `email_taken`", body = Document),
              (status = 410, description = "The invitation was used or has expired: `link_used` or \
                   `link_expired`", body = Document),
              (status = 422, description = "A member is missing or refused", body = Document),
              (status = 429, description = "Too many registrations from this client's address; see \
                   `Retry-After`", body = Document)))]
pub(crate) async fn register(
    State(app): State<App>,
    client: Client,
    body::Json(wanted): body::Json<Registration>,
) -> Result<Response, Problem> {
    admitted(&app, wanted.invitation.is_some())?;
    let invitation = match &wanted.invitation {
        Some(token) => Some(invited(&app, token.expose_secret()).await?),
        None => None,
    };
    Ok(match make(&app, &client, &wanted, invitation.as_ref()).await? {
        Made::SignedIn(signed_in) => (StatusCode::CREATED, Json(signed_in)).into_response(),
        Made::Waiting => {
            (StatusCode::ACCEPTED, Json(Waiting { status: "confirmation_sent" })).into_response()
        }
    })
}

/// Refuses who may not register here, with an invitation or without.
pub(crate) fn admitted(app: &App, is_invited: bool) -> Result<(), Problem> {
    use tokenhouse_rules::registration::Registration::Invitation;
    if app.settings.registration.admits(is_invited) {
        return Ok(());
    }
    Err(match app.settings.registration {
        Invitation => Problem::new(
            StatusCode::FORBIDDEN,
            "invitation_required",
            "An invitation is needed to register",
        ),
        _ => Problem::new(StatusCode::FORBIDDEN, "registration_closed", "Registration is closed"),
    })
}

/// The invitation that a token stands for.
pub(crate) async fn invited(app: &App, token: &str) -> Result<Invitation, Problem> {
    let found = links::find(app, Purpose::Invite, token).await?;
    Ok(Invitation { token: token.into(), id: found.id, email: found.facts.email })
}

/// Makes an account, and opens its first session if her address may be taken at its word: for the API and for the
/// pages.
pub(crate) async fn make(
    app: &App,
    client: &Client,
    wanted: &Registration,
    invitation: Option<&Invitation>,
) -> Result<Made, Problem> {
    admitted(app, invitation.is_some())?;
    let invited = invitation.and_then(|invitation| invitation.email.as_deref());
    let asked = app.settings.address;
    let terms = Terms {
        required: asked != Address::Optional,
        guarded: asked == Address::Confirmed,
        invited,
    };
    let typed = Typed {
        username: &wanted.username,
        password: &wanted.password,
        email: wanted.email.as_deref(),
    };
    let newcomer = Newcomer::judge(app, &typed, terms)?;
    // Who invited it knows that mail to it reaches her: by the link in it, or by an operator's word.
    let is_known = invited.is_some();
    let waits = terms.guarded && !is_known;
    let keys = newcomer.keys(!waits);
    let limit = app.settings.limit_registration;
    let (mut new, prepared) =
        newcomer.prepare((app, client), keys, &wanted.password, limit).await?;
    new.email_confirmed = is_known;
    new.invitation = invitation.map(|invitation| invitation.id);
    ask_to_confirm(app, client, &mut new, waits)?;
    let user = newcomer::made(&new);
    match app.store.register(new).await? {
        Registered::Taken(names) => Err(newcomer.taken(&names)),
        Registered::NotInvited => Err(match invitation {
            Some(held) => links::lost(app, Purpose::Invite, held.token.expose_secret()).await,
            None => Problem::conflict(),
        }),
        Registered::Done => {
            let attributes = json!({ "user.id": user.id.to_string(),
                "client.address": client.address_text(), "tokenhouse.request.id": client.request_id });
            app.log.event(Level::Info, "tokenhouse.user.registered", attributes);
            Ok(if waits { Made::Waiting } else { Made::SignedIn(prepared.answer(&user)) })
        }
    }
}

/// Has a link sent to an address that nobody vouches for. Where she has to wait for it, the address is only asked
/// for, and there is no session.
fn ask_to_confirm(
    app: &App,
    client: &Client,
    new: &mut NewUser,
    waits: bool,
) -> Result<(), Problem> {
    if waits {
        new.pending_email = new.email.take();
        new.session = None;
        new.confirmation = Some(notices::confirmation(app, client, &new.username)?);
    } else if new.email.is_some() && !new.email_confirmed {
        new.confirmation = notices::confirmation(app, client, &new.username).ok();
    }
    Ok(())
}
